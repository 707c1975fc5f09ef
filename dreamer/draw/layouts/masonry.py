"""Columns of one width, each picture where there is most room."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.cropping import filling
from dreamer.draw.layouts.ground import Ground, ground, whole_sheet
from dreamer.draw.layouts.placement import Laid, Piece, Placement, Sheet
from dreamer.draw.layouts.words import Number, Words, check

WORDS: Words = {"columns": Number(1, 10_000, whole=True, optional=True), "crop": Number(0, 0.5)}
LONGEST = 5.0  # sides by each other
TRIES = 7  # numbers of columns about the fair one


def masonry(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    columns: int | None = None,
    crop: float = 0.25,
) -> Laid:
    """Pieces in the order they are given, each at the foot of the column that is shortest so far
    (of equal ones the leftmost), as wide as the column.

    What is more than five times as long as it is broad is cut to that, or it would leave others no
    room. With a sheet's height, a column's pieces are cut or, wider than they are, cut at their
    sides to end at the bottom. What that cannot fill stays free at the bottom, and what it cannot
    make fit makes all columns narrower. Without one, columns end where they end.

    Args:
        pieces: what to lay.
        sheet: where; pieces are never cropped where it says `whole`.
        columns: how many; by default so many that they fill the sheet.
        crop: the most that may be cut off a piece to fill the height, as a part of it.

    Raises:
        ValueError: nothing to lay, a word out of range, or gutters that leave nothing of columns
            or of their pieces.
    """
    check("masonry", WORDS, {"columns": columns, "crop": crop})
    area, gutter = ground(pieces, sheet), sheet.gutter
    slopes = np.array([piece.height / piece.width for piece in pieces])
    if not sheet.whole:
        slopes = np.clip(slopes, 1 / LONGEST, LONGEST)
    asked = [columns] if columns else _near(slopes, area, gutter)
    cut = 0.0 if sheet.whole else crop
    tried = [_tried(slopes, area, gutter, min(count, len(pieces)), cut) for count in asked]
    best = min((found for found in tried if found), key=lambda found: found[0], default=None)
    if best is None:
        raise ValueError(
            f"masonry: gutters of {gutter:g} pixels leave nothing of {len(pieces)} pieces in "
            f"{columns or 'any number of'} columns on {area.width:g} × {area.tall():g} pixels"
        )
    _, small, lots = best
    width = (area.width - gutter * (len(lots) - 1)) / len(lots) * small
    used = width * len(lots) + gutter * (len(lots) - 1)
    laid: list[Placement | None] = [None] * len(pieces)
    deepest = 0.0
    for column, lot in enumerate(lots):
        left = area.left + (area.width - used) / 2 + column * (width + gutter)
        stretch = _stretch(slopes[lot], width, area.height, gutter, cut)
        top = area.top
        for k in lot:
            height = width * float(slopes[k]) * stretch
            laid[k] = filling(pieces[k], left, top, width, height, sheet.whole)
            top += height + gutter
        deepest = max(deepest, top - gutter - area.top)
    return Laid(whole_sheet(sheet, deepest), tuple(place for place in laid if place))


def _near(slopes: NDArray[np.float64], area: Ground, gutter: float) -> list[int]:
    """Numbers of columns for which the pieces come to about the sheet's height."""
    counts = np.arange(1, len(slopes) + 1)
    widths = (area.width - gutter * (counts - 1)) / counts
    counts, widths = counts[widths > 0], widths[widths > 0]
    high = (slopes.sum() * widths + gutter * len(slopes)) / counts - gutter
    off = np.abs(np.log(np.maximum(high, 1e-9) / area.tall()))
    return sorted(counts[np.argsort(off, kind="stable")[:TRIES]].tolist())


def _tried(
    slopes: NDArray[np.float64], area: Ground, gutter: float, count: int, crop: float
) -> tuple[float, float, list[list[int]]] | None:
    """How bad so many columns are, how much narrower they have to be, and what lies in each."""
    width = (area.width - gutter * (count - 1)) / count
    if width <= 0:
        return None
    ends = [(0.0, column) for column in range(count)]
    lots: list[list[int]] = [[] for _ in range(count)]
    for k, slope in enumerate(slopes.tolist()):
        end, column = ends[0]
        lots[column].append(k)
        heapq.heapreplace(ends, (end + width * slope + gutter, column))
    if area.height is None:
        high = max(end for end, _ in ends) - gutter
        return abs(math.log(high / area.tall())), 1.0, lots
    room = [area.height - gutter * (len(lot) - 1) for lot in lots]
    natural = [width * float(slopes[lot].sum()) for lot in lots]
    if min(room) <= 0:
        return None
    pairs = list(zip(room, natural, strict=True))
    small = min(1.0, *(free / (high * (1 - crop)) for free, high in pairs))
    stretched = [_stretch(slopes[lot], width * small, area.height, gutter, crop) for lot in lots]
    drawn = sum(s * high for s, (_, high) in zip(stretched, pairs, strict=True)) * small**2
    cut = max(1 - min(stretch, 1 / stretch) for stretch in stretched)
    return 1 - drawn / sum(room) + 0.5 * cut, small, lots


def _stretch(
    slopes: NDArray[np.float64], width: float, height: float | None, gutter: float, crop: float
) -> float:
    """How much higher a column's pieces are made to end at the sheet's bottom."""
    if height is None:
        return 1.0
    wanted = (height - gutter * (len(slopes) - 1)) / (width * float(slopes.sum()))
    return min(max(wanted, 1 - crop), 1 / (1 - crop))
