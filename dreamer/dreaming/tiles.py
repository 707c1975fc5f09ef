"""A large picture's slope, tile by tile: no more than a tile of it is seen by networks at once.

An objective that is a sum over places is the sum of what each cell of a grid has of it. Each
tile is a cell with its surroundings; it is asked for the slope of its cell's places alone, at all
pixels it sees, and slopes of tiles that overlap add up. Where the surroundings reach as far as the
network does, that is the slope of the whole picture, and there is nothing to be seen of the tiles.

The picture is never rolled: tiles are taken of it as it would lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.dreaming.octaves import Size
from dreamer.dreaming.windows import Window

Shift = tuple[int, int]
PLAY = 32  # pixels that chance moves a grid by


class Tile(NamedTuple):
    """A `cell` of the grid, and what is `seen` to ask for it; both inside the picture."""

    cell: Window
    seen: Window


def tiles(size: Size, side: int, halo: int, grid: int, moved: Shift) -> list[Tile]:
    """The tiles of a picture of (height, width) `size`, row after row, as few as it takes. All see
    parts of one size, so that kernels are chosen once.

    Args:
        size: of the picture.
        side: most that a tile sees along either axis, in pixels.
        halo: how far a tile sees beyond its cell, where there is a picture.
        grid: what cells and tiles begin at multiples of: the stride of the coarsest map.
        moved: where they lie, down and right: any numbers, which give as many ways as there are.

    Raises:
        ValueError: a side that has no room for a cell.
    """
    around = -(-halo // grid) * grid
    rows, columns = (
        _along(count, side, around, grid, chance) for count, chance in zip(size, moved, strict=True)
    )
    return [
        Tile(
            Window(row.first, column.first, row.cell, column.cell),
            Window(row.begin, column.begin, row.seen, column.seen),
        )
        for row, column in product(rows, columns)
    ]


class _Run(NamedTuple):
    """Along an axis: where a cell begins and how long it is, and the same of what is seen."""

    first: int
    cell: int
    begin: int
    seen: int


def _along(count: int, side: int, around: int, grid: int, chance: int) -> list[_Run]:
    if count <= side:
        return [_Run(0, count, 0, count)]
    room = side - 2 * around - 2 * grid
    play = min(PLAY, room // 4) // grid * grid  # for chance to move them by
    if room - play < grid:
        raise ValueError(f"tiles of {side} pixels have no cell: {around} on each side are overlap")
    number = -(-(count - 2 * around) // (room - play))
    wide = -(-(count - 2 * around) // number) + play + 2 * around + grid
    wide += (count - wide) % grid  # so that the last one, too, begins at a multiple
    last = (count - wide) // grid
    begins = [last * k // (number - 1) * grid for k in range(number)]
    shift = chance % (play + grid) // grid * grid - play // 2 // grid * grid
    begins[1:-1] = [min(max(0, begin + shift), last * grid) for begin in begins[1:-1]]
    edges = [0]
    for before, after in pairwise(begins):
        least, most = after + around, before + wide - around
        where = chance % (most // grid - least // grid + 1)
        edges.append(max(edges[-1], least + where * grid))  # cells lie in order
    edges.append(count)
    return [
        _Run(first, end - first, begin, wide)
        for (first, end), begin in zip(pairwise(edges), begins, strict=True)
        if end > first  # of small tiles one may have nothing left to do
    ]


def cut(picture: Tensor, seen: Window, shift: Shift) -> Tensor:
    """The part `seen` of `picture` `(B, C, H, W)` as it would lie rolled by `shift`, a copy."""
    part = picture.new_empty((*picture.shape[:2], seen.height, seen.width))
    for here, there in _pieces(picture, seen, shift):
        part[here] = picture[there]
    return part


def add(picture: Tensor, part: Tensor, seen: Window, shift: Shift) -> None:
    """Add `part` to `picture` `(B, C, H, W)` where `cut` would have taken it."""
    for here, there in _pieces(picture, seen, shift):
        picture[there] += part[here]


Slices = tuple[slice, slice, slice, slice]


def _pieces(picture: Tensor, seen: Window, shift: Shift) -> Iterator[tuple[Slices, Slices]]:
    """Where rectangles of the part lie in it and in the picture: up to four, or more of a part
    that goes round more than once.
    """
    every = slice(None)
    rows = _runs(seen.top - shift[0], seen.height, picture.shape[2])
    columns = _runs(seen.left - shift[1], seen.width, picture.shape[3])
    for (row, down, tall), (column, across, wide) in product(rows, columns):
        yield (
            (every, every, slice(row, row + tall), slice(column, column + wide)),
            (every, every, slice(down, down + tall), slice(across, across + wide)),
        )


def _runs(first: int, length: int, count: int) -> list[tuple[int, int, int]]:
    """Runs (place in the part, place on a ring of `count`, length) of `length` from `first` on."""
    found, done = [], 0
    while done < length:
        place = (first + done) % count
        run = min(length - done, count - place)
        found.append((done, place, run))
        done += run
    return found


def slope(
    picture: Tensor,
    cut_up: list[Tile],
    shift: Shift,
    score: Callable[[Tensor, Tile], Tensor],
) -> Tensor:
    """∂ score / ∂ `picture`, `(B, 3, H, W)`.

    Args:
        picture: as it is kept.
        cut_up: from `tiles`.
        shift: how far networks see it rolled, down and right.
        score: (what a tile sees, tile) → what its cell has of the objective, `(B,)`.
    """
    found = torch.zeros_like(picture)
    for tile in cut_up:
        part = cut(picture, tile.seen, shift).requires_grad_(True)
        with torch.enable_grad():
            (here,) = torch.autograd.grad(score(part, tile).sum(), part)
        add(found, here, tile.seen, shift)
    return found
