"""Pictures of class folders read as small squares; what cannot be read is said and left out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from dreamer.errors import MediaError
from dreamer.learn.listed import Listed
from dreamer.learn.split import Part, part_of
from dreamer.learn.squares import Squares, empty_block
from dreamer.media.small_pictures import read_square

THREADS = 2  # decoding lets go of Python's lock
Fit = Literal["squash", "centre"]


@dataclass(frozen=True)
class Parts:
    """How much of the pictures is kept for measuring, as fractions expected over many names."""

    validation: float = 0.1
    test: float = 0.1

    def of(self, name: str) -> Part:
        """The part of the picture called `name`."""
        return part_of(name, validation=self.validation, test=self.test)


@dataclass(frozen=True)
class Read:
    """Pictures that were read, and why others were not, by their names."""

    squares: Squares
    broken: dict[str, str] = field(default_factory=dict)


def read_squares(found: Listed, side: int, wanted: Sequence[int], fit: Fit = "centre") -> Read:
    """The pictures of `found` whose places are `wanted`, as squares of `side`; what is broken is
    left out.
    """
    block, good, broken = empty_block(len(wanted), side), list[int](), dict[str, str]()
    with ThreadPoolExecutor(THREADS) as pool:
        squares = pool.map(lambda k: _square(found.files[k], side, fit), wanted)
        for k, square in zip(wanted, squares, strict=True):
            if isinstance(square, str):
                broken[found.names[k]] = square
            else:
                block[len(good)] = torch.from_numpy(square).permute(2, 0, 1)
                good.append(k)
    return Read(
        Squares(
            block[: len(good)],
            torch.tensor([found.labels[k] for k in good], dtype=torch.long),
            found.classes,
            found.groups,
            tuple(found.names[k] for k in good),
        ),
        broken,
    )


def of_part(found: Listed, parts: Parts, part: Part) -> list[int]:
    """The places in `found` of the pictures of `part`."""
    return [k for k, name in enumerate(found.names) if parts.of(name) == part]


def _square(path: Path, side: int, fit: Fit) -> np.ndarray | str:
    try:
        return read_square(path, side, fit)
    except (MediaError, OSError) as error:
        return str(error)
