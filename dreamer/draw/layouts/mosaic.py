"""A target picture of many pictures: each cell shows the piece that is most like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.chance import parts
from dreamer.draw.layouts.cropping import filling
from dreamer.draw.layouts.ground import Ground, ground, whole_sheet
from dreamer.draw.layouts.placement import Laid, Piece, Sheet
from dreamer.draw.layouts.words import Number, Words, check

WORDS: Words = {
    "repeat_distance": Number(0, 100, whole=True, optional=True),
    "fairness": Number(0, 100),
    "tint": Number(0, 200),
    "shape": Number(0.05, 20),
}
FURTHEST = 4  # cells that a piece keeps from itself, where nothing is said and there are enough
NEAREST = 256  # pieces that each cell chooses from, while one of them is allowed
BLOCK = 512  # cells compared at a time
LEVELS = 4  # to a unit of Lab: colours are rounded, so that sums are exact on every machine


def mosaic(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    target: NDArray[np.floating],
    features: NDArray[np.floating],
    repeat_distance: int | None = None,
    fairness: float = 3.0,
    tint: float = 10.0,
    shape: float = 1.0,
) -> Laid:
    """A cell shows the piece with the least √(mean ΔE²) over its parts (CIE76), plus `fairness` for
    how often it was shown.

    Cells choose in an order of chance, so that no corner has the best. Of equal pieces the lower
    number is chosen.

    Args:
        pieces: what to choose from, any number of times.
        sheet: where. Cells share it out; on one without a height they have their `shape`.
        target: what to show, in CIE Lab: `(rows, columns, k·k, 3)` means of each cell's parts.
        features: the same of each piece, in the order of `pieces`: `(n, k·k, 3)`, of what is shown
            of it (`crop_to` the cell's shape).
        repeat_distance: how many cells, across, down or aslant, a piece is never shown again in; by
            default 4, or what there are pieces enough for.
        fairness: in units of Lab: what is added for a piece that was shown as often as all on
            average.
        tint: the furthest, in units of Lab, that a piece's colours are moved to its cell's mean.
        shape: width by height of a cell, where the sheet has no height.

    Raises:
        ValueError: nothing to lay, a word out of range, arrays that do not go together, fewer
            pieces than `repeat_distance` needs, or cells of less than a pixel.
    """
    given = {"repeat_distance": repeat_distance, "fairness": fairness, "tint": tint}
    check("mosaic", WORDS, {**given, "shape": shape})
    area = ground(pieces, sheet)
    rows, columns = _checked(pieces, target, features)
    distance = _distance(repeat_distance, len(pieces), rows, columns)
    order = np.argsort([piece.number for piece in pieces], kind="stable")
    ordered = np.asarray(features, np.float64)[order]
    cells = np.asarray(target, np.float64).reshape(rows * columns, -1, 3)
    turns = np.argsort(parts(rows * columns, sheet.seed, "mosaic"), kind="stable")
    chosen = _chosen(cells, ordered, turns, columns, distance, fairness)
    moved = cells.mean(axis=1) - ordered.mean(axis=1)[chosen]
    length = np.sqrt((moved**2).sum(axis=1, keepdims=True))
    moved = moved * np.minimum(1.0, tint / np.maximum(length, 1e-9))
    width, height = _cell(area, rows, columns, sheet.gutter, shape)
    laid = []
    for cell, which in enumerate(chosen.tolist()):
        row, column = divmod(cell, columns)
        left = area.left + column * (width + sheet.gutter)
        top = area.top + row * (height + sheet.gutter)
        piece = pieces[int(order[which])]
        placement = filling(piece, left, top, width, height, sheet.whole)
        if tint:
            lightness, a, b = moved[cell].round(3).tolist()
            placement = replace(placement, tint=(lightness, a, b))
        laid.append(placement)
    return Laid(whole_sheet(sheet, rows * height + sheet.gutter * (rows - 1)), tuple(laid))


def _checked(
    pieces: Sequence[Piece], target: NDArray[np.floating], features: NDArray[np.floating]
) -> tuple[int, int]:
    if target.ndim != 4 or target.shape[-1] != 3 or 0 in target.shape:
        raise ValueError(
            f"mosaic: target: expected an array (rows, columns, parts, 3), not {target.shape}"
        )
    wanted = (len(pieces), target.shape[2], 3)
    if features.shape != wanted:
        raise ValueError(f"mosaic: features: expected an array {wanted}, not {features.shape}")
    if not (np.isfinite(target).all() and np.isfinite(features).all()):
        raise ValueError("mosaic: expected colours that are numbers")
    return int(target.shape[0]), int(target.shape[1])


def _distance(asked: int | None, count: int, rows: int, columns: int) -> int:
    """How far a piece is kept from itself: so far that every cell surely has one left."""

    def needed(distance: int) -> int:
        return min(2 * distance + 1, rows) * min(2 * distance + 1, columns)

    enough = [far for far in range(100, -1, -1) if needed(far) <= count]
    if asked is None:
        return min(FURTHEST, enough[0])
    if asked > enough[0]:
        raise ValueError(
            f"mosaic: repeat_distance: {asked} needs {needed(asked)} pieces and there are {count}: "
            f"expected at most {enough[0]}"
        )
    return asked


def _cell(
    area: Ground, rows: int, columns: int, gutter: float, shape: float
) -> tuple[float, float]:
    width = (area.width - gutter * (columns - 1)) / columns
    height = width / shape
    if area.height is not None:
        height = (area.height - gutter * (rows - 1)) / rows
    if width < 1 or height < 1:
        raise ValueError(
            f"mosaic: {columns} × {rows} cells with gutters of {gutter:g} pixels leave less than "
            f"a pixel for each"
        )
    return width, height


def _chosen(
    cells: NDArray[np.float64],
    features: NDArray[np.float64],
    turns: NDArray[np.int64],
    columns: int,
    distance: int,
    fairness: float,
) -> NDArray[np.int64]:
    """Which row of `features` each cell shows, `(cells,)`."""
    count, split = len(features), cells.shape[1]
    shown = np.zeros(count)
    dear = fairness * count / len(cells)
    chosen = np.full((len(cells) // columns, columns), -1)
    for at, nearest, far, everything in _compared(cells, features, turns):
        row, column = divmod(at, columns)
        around = chosen[
            max(0, row - distance) : row + distance + 1,
            max(0, column - distance) : column + distance + 1,
        ]
        taken = around[around >= 0]
        cost = np.sqrt(far / split) / LEVELS + dear * shown[nearest]
        cost[np.isin(nearest, taken)] = np.inf
        best = int(np.argmin(cost))
        which = int(nearest[best])
        if np.isinf(cost[best]):
            whole = np.sqrt(everything / split) / LEVELS + dear * shown
            whole[taken] = np.inf
            which = int(np.argmin(whole))
        chosen[row, column] = which
        shown[which] += 1
    return chosen.reshape(-1)


def _compared(
    cells: NDArray[np.float64], features: NDArray[np.float64], turns: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]]:
    """For every cell, in turn: its number, its nearest pieces by number, how far they are and how
    far all are, as sums of squares in `LEVELS`.

    All numbers are whole and small enough for sums of them to be exact in any order, so that no
    library's way to multiply matrices decides which piece is nearer.
    """
    wanted = np.rint(cells.reshape(len(cells), -1) * LEVELS)
    there = np.rint(features.reshape(len(features), -1) * LEVELS)
    largest = float(max(np.abs(wanted).max(), np.abs(there).max(), 1.0))
    exact = np.float32 if 4 * largest**2 * wanted.shape[1] < 2**24 else np.float64
    wanted, there = wanted.astype(exact), there.astype(exact)
    lengths = (there**2).sum(axis=1)
    several = min(NEAREST, len(there))
    for begun in range(0, len(turns), BLOCK):
        block = turns[begun : begun + BLOCK]
        mine = wanted[block]
        far = (mine**2).sum(axis=1)[:, None] + lengths[None] - 2 * (mine @ there.T)
        # of equal ones the first: no two keys are the same
        keys = far.astype(np.int64) * len(there) + np.arange(len(there))
        near = np.argpartition(keys, several - 1, axis=1)[:, :several]
        near.sort(axis=1)
        for k, at in enumerate(block.tolist()):
            whole = far[k].astype(np.float64)
            yield at, near[k], whole[near[k]], whole
