"""How one clip of a compilation becomes the next: by ffmpeg's xfade, or through a colour."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import ffmpeg
import numpy as np

from dreamer.media.piped import Graph, through
from dreamer.recipe.joins import THROUGH
from dreamer.recipe.shots import Cut, Placed

Both = Iterable[tuple[np.ndarray, np.ndarray]]


def on_the_way(placed: Placed, cut: Cut, both: Both) -> Generator[np.ndarray, None, None]:
    """The frames in which `placed` takes the place of the shot before; `both` are theirs."""
    if placed.xfade not in THROUGH:
        yield from through(transition(placed, cut), both, f"the way into {placed.shot.name}")
        return
    color = np.float32(65535 if placed.xfade == "fade_white" else 0)
    half = placed.over // 2
    for number, (before, after) in enumerate(both):
        if number < half:
            frame, part = before, 1 - number / half
        else:
            frame, part = after, (number - half) / (placed.over - half)
        yield (color + (frame - color) * np.float32(part) + np.float32(0.5)).astype(np.uint16)


def transition(placed: Placed, cut: Cut) -> Graph:
    """How the shot before becomes `placed`: frame j of n is j/n of it."""

    def build(streams: list[Any]) -> Any:
        seconds = f"{float(placed.over / cut.fps):.6f}"
        return ffmpeg.filter(streams, "xfade", transition=placed.xfade, duration=seconds, offset=0)

    return Graph(cut.size, 2, cut.size, cut.fps, build)
