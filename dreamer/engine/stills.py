"""Pictures as clips of a compilation: on any canvas, slowly zoomed and panned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from dreamer.engine.making import Frames, Making
from dreamer.media.fitting import Fitting
from dreamer.media.pictures import read_picture
from dreamer.media.piped import Graph, through
from dreamer.recipe.easing import EASINGS
from dreamer.recipe.shots import Shot

NEARER = (1.2, 1.2)  # a still whose place changes and that does not zoom
MOST_LARGER = 4.0  # sides of what is kept of a still that is zoomed into, in the film's


def still_frames(shot: Shot, making: Making, threads: int) -> Frames:
    """The frames of a still."""
    words = shot.words
    graph = still_graph(shot, making)
    picture = _on(making.behind(shot), shot)
    (frame,) = through(graph, iter([[picture]]), shot.name)
    if words.zoom is None and words.center is None:
        for _ in range(shot.frames):
            yield frame
        return
    whole = Image.fromarray(((frame.astype(np.uint32) + 128) // 257).astype(np.uint8))
    for box in boxes(shot, graph.made):
        view = whole.resize(shot.size, Image.Resampling.LANCZOS, box)
        yield np.asarray(view).astype(np.uint16) * 257


def still_graph(shot: Shot, making: Making) -> Graph:
    """How a still is shown; one that is zoomed into, as much larger as it is sharp there."""
    assert shot.file is not None
    larger = 1.0
    if shot.words.zoom is not None or shot.words.center is not None:
        sides = zip(shot.file.size, shot.size, strict=True)
        sharp = min(own / shown for own, shown in sides)
        larger = max(1.0, min(max(zooms(shot)), sharp, MOST_LARGER))
    canvas = round(shot.size[0] * larger), round(shot.size[1] * larger)
    fitting = Fitting(shot.file.size, canvas, shot.fit, making.behind(shot))
    return Graph(shot.file.size, 1, canvas, making.cut.fps, lambda streams: fitting(streams[0]))


def _on(behind: tuple[float, float, float], shot: Shot) -> np.ndarray:
    """The picture of `shot` on a sheet of that colour, `(H, W, 3)` uint16."""
    assert shot.file is not None
    path = shot.file.file
    black = read_picture(path, paper=0)
    if any(behind):
        # What is seen of white paper and not of black is what of the paper is seen.
        clear = np.clip(read_picture(path, paper=1) - black, 0, 1)
        black = black + clear * np.asarray(behind, np.float32)[:, None, None]
    levels = np.clip(black, 0, 1).transpose(1, 2, 0) * 65535 + 0.5
    return np.ascontiguousarray(levels.astype("<u2"))


def zooms(shot: Shot) -> tuple[float, float]:
    """How near the still of `shot` is seen, at first and at last."""
    zoom = shot.words.zoom
    if zoom is None:
        return NEARER if shot.words.center is not None else (1.0, 1.0)
    return zoom if isinstance(zoom, tuple) else (1.0, zoom)


def boxes(shot: Shot, size: tuple[int, int]) -> Iterator[tuple[float, float, float, float]]:
    """What of a picture of `size` (width, height) each frame of `shot` shows, as (left, top, right,
    bottom): nearer and farther in equal ratios, never beyond an edge.
    """
    first, last = zooms(shot)
    center = shot.words.center or (0.5, 0.5)
    ways: Any = center if isinstance(center[0], tuple) else (center, center)
    ease = EASINGS[shot.words.ease]
    for number in range(shot.frames):
        part = ease(number / max(1, shot.frames - 1))
        near = first * (last / first) ** part
        box: list[float] = []
        for side, begin, end in zip(size, *ways, strict=True):
            half = side / near / 2
            middle = (begin + (end - begin) * part) * side
            middle = min(max(middle, half), side - half)
            box += [max(0.0, middle - half), min(float(side), middle + half)]
        yield box[0], box[2], box[1], box[3]
