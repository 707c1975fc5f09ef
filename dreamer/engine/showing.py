"""What each frame of a render is dreamt on: one picture for all of them, or those of a film or
folder, read ahead while the frames before them are dreamt.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.engine.crossing import sent
from dreamer.engine.footage import frames_of, read_ahead
from dreamer.engine.sources import fitted


class Shown(NamedTuple):
    """What a frame is dreamt on, `(B, 3, H, W)`, and what the one before it was, where that is a
    frame of a film.
    """

    source: Tensor
    before: Tensor | None


def always(source: Tensor) -> Iterator[Shown]:
    """One picture for all frames."""
    return repeat(Shown(source, None))


def following(
    path: Path,
    numbers: Sequence[int],
    start: int,
    size: tuple[int, int],
    fit: str,
    device: str,
) -> Generator[Shown, None, None]:
    """What the frames of a film from `start` on are dreamt on.

    Args:
        path: of the film or folder.
        numbers: which of its frames each frame is dreamt on, from the first of all.
        start: the first frame wanted; the one before it is read too.
        size: (height, width) they are fitted to.
        fit: how (`fitted`).
        device: where they are wanted.
    """
    first = max(0, start - 1)
    before: Tensor | None = None
    with closing(read_ahead(lambda: frames_of(path, numbers[first:]))) as pictures:
        for index, pixels in enumerate(pictures, first):
            source = sent(fitted(torch.from_numpy(pixels)[None], size, fit), device).contiguous()
            if index >= start:
                yield Shown(source, before)
            before = source
