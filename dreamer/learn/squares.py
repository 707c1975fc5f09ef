"""Pictures to learn from as one block of small squares, whatever they were read from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dreamer.errors import DataError
from dreamer.media import durable

MOST_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Squares:
    """Pictures `(N, 3, S, S)` uint8 RGB, their labels `(N,)`, the class names that labels count,
    the group each class belongs to, and what people call each picture (none of drawings).
    """

    pictures: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    groups: tuple[str, ...]
    names: tuple[str, ...] = ()

    def to(self, device: torch.device) -> Squares:
        """The same on `device`."""
        return replace(self, pictures=self.pictures.to(device), labels=self.labels.to(device))

    def __add__(self, other: Squares) -> Squares:
        """Both, the other's classes counted after one's own.

        Raises:
            DataError: a class of that name in both.
        """
        both = sorted(set(self.classes) & set(other.classes))
        if both:
            raise DataError(f"class in two sources: {', '.join(both)}")
        return Squares(
            torch.cat([self.pictures, other.pictures]),
            torch.cat([self.labels, other.labels + len(self.classes)]),
            self.classes + other.classes,
            self.groups + other.groups,
            (*self.called, *other.called),
        )

    @property
    def called(self) -> tuple[str, ...]:
        """A name of each picture: its own, or its class and a number."""
        if self.names:
            return self.names
        return tuple(f"{self.classes[k]} {n}" for n, k in enumerate(self.labels.tolist()))

    def some(self, keep: Tensor) -> Squares:
        """The pictures where `keep` `(N,)`, of bools, is true; classes stay."""
        there = keep.nonzero()[:, 0].tolist()
        names = tuple(self.names[k] for k in there) if self.names else ()
        return replace(self, pictures=self.pictures[keep], labels=self.labels[keep], names=names)


def empty_block(count: int, side: int) -> Tensor:
    """Room for `count` squares, `(count, 3, side, side)` uint8: in memory, or, where that would be
    more than `MOST_BYTES`, in a file without a name that the system reads pieces of as they are
    asked for.
    """
    shape = (count, 3, side, side)
    if count * 3 * side * side <= MOST_BYTES:
        return torch.empty(shape, dtype=torch.uint8)
    place = Path(tempfile.gettempdir())
    with durable.naming(place), tempfile.TemporaryFile() as file:  # it stays while it is mapped
        if hasattr(os, "posix_fallocate"):  # else a disk that fills up later kills without a word
            os.posix_fallocate(file.fileno(), 0, count * 3 * side * side)
        return torch.from_numpy(np.memmap(file, np.uint8, "w+", shape=shape))


def stacked(pictures: Sequence[np.ndarray], side: int) -> Tensor:
    """Pictures `(side, side, 3)` uint8 as `(N, 3, side, side)`."""
    block = empty_block(len(pictures), side)
    for k, picture in enumerate(pictures):
        block[k] = torch.from_numpy(picture).permute(2, 0, 1)
    return block
