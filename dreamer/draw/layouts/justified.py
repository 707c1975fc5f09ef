"""Rows that fill the width, of pictures as they are: what sites of photographs show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.breaking import LONE, Starts, broken, broken_to_fill
from dreamer.draw.layouts.cropping import filling
from dreamer.draw.layouts.ground import SHAPE, Ground, ground, whole_sheet
from dreamer.draw.layouts.placement import Laid, Piece, Placement, Sheet
from dreamer.draw.layouts.words import Number, Words, check

WORDS: Words = {
    "row_height": Number(1, 100_000, optional=True),
    "crop": Number(0, 0.5),
}
FEW = 400  # pieces, of which all heights of rows are tried to fill a sheet's


@dataclass(frozen=True)
class Rows:
    """Rows of pieces from one of `starts` to the next.

    Each row is `pictures` pixels wide without its gutters and `natural` high uncropped. Drawn, all
    heights are `stretch` times as much (pieces are cropped to that), and then all is made `small`.
    """

    starts: Starts
    pictures: NDArray[np.float64]
    natural: NDArray[np.float64]
    stretch: float = 1.0
    small: float = 1.0


def justified(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    row_height: float | None = None,
    crop: float = 0.12,
) -> Laid:
    """Pieces in the order they are given, in rows that fill the width exactly and are about as high
    as each other: of all ways to break rows, the one that is least off in all.

    With a sheet's height, rows are chosen and made a little higher or lower to fill it. What cannot
    be filled so is left free, half of it on either side. So is what a row of one narrow piece would
    need more than twice the wanted height for.

    Args:
        pieces: what to lay.
        sheet: where; pieces are never cropped where it says `whole`.
        row_height: wanted, in pixels, where the sheet has no height; by default what makes the
            sheet three quarters as high as wide.
        crop: the most that may be cut off a piece to fill the sheet's height, as a part of it.

    Raises:
        ValueError: nothing to lay, a word out of range, a `row_height` for a sheet that has a
            height, or gutters that leave nothing of the pieces.
    """
    check("justified", WORDS, {"row_height": row_height, "crop": crop})
    area, gutter = ground(pieces, sheet), sheet.gutter
    if row_height is not None and area.height is not None:
        raise ValueError(
            "justified: row_height: a sheet with a height decides how high rows are; "
            "expected one of the two"
        )
    aspects = np.array([piece.width / piece.height for piece in pieces])
    if area.height is None:
        wanted = row_height or min(
            _fair_height(aspects, area.width, area.tall(), gutter), SHAPE * area.width
        )
        rows = _rows(aspects, broken(aspects, area.width, gutter, wanted), area.width, gutter)
        rows = _up_to(rows, LONE * wanted)
        between = gutter * (len(rows.natural) - 1)
        high = float(rows.natural.sum() + between)
        if not sheet.whole:  # whole pixels, so that none at the bottom is half free
            high = max(1, round(high + 2 * sheet.margin)) - 2 * sheet.margin
            rows = _stretched(rows, max((high - between) / rows.natural.sum(), 0.5), 1.0)
    else:
        rows = _filled(aspects, area, gutter, 0.0 if sheet.whole else crop)
        high = area.height
    return Laid(whole_sheet(sheet, high), tuple(_placed(pieces, rows, area, high, sheet)))


def _placed(
    pieces: Sequence[Piece], rows: Rows, area: Ground, high: float, sheet: Sheet
) -> list[Placement]:
    heights = (rows.natural * rows.stretch * rows.small).tolist()
    between = sheet.gutter
    top = area.top + (high - sum(heights) - between * (len(heights) - 1)) / 2
    placed = []
    for row, height in enumerate(heights):
        inside = pieces[rows.starts[row] : rows.starts[row + 1]]
        used = rows.pictures[row] * rows.small + between * (len(inside) - 1)
        left = area.left + (area.width - float(used)) / 2
        for piece in inside:
            width = piece.width / piece.height * float(rows.natural[row]) * rows.small
            placed.append(filling(piece, left, top, width, height, sheet.whole))
            left += width + between
        top += height + between
    return placed


def _fair_height(aspects: NDArray[np.float64], width: float, height: float, gutter: float) -> float:
    """How high rows are if all pieces, with a gutter each, share the sheet out.

    That is the height h for which (h + gutter) · Σ(aspect · h + gutter) is all there is.
    """
    total, between = float(aspects.sum()), gutter * len(aspects)
    linear = gutter * total + between
    rest = (width + gutter) * (height + gutter) - gutter * between
    if rest <= 0:
        raise ValueError(
            f"justified: gutters of {gutter:g} pixels between {len(aspects)} pieces leave nothing "
            f"of {width:g} × {height:g} pixels"
        )
    return 2 * rest / (linear + math.sqrt(linear**2 + 4 * total * rest))


def _rows(aspects: NDArray[np.float64], starts: Starts, width: float, gutter: float) -> Rows:
    pictures = width - gutter * (np.diff(starts) - 1)
    return Rows(starts, pictures, pictures / np.add.reduceat(aspects, starts[:-1]))


def _up_to(rows: Rows, highest: float) -> Rows:
    """Rows with none above `highest`: those are narrower than the width."""
    scale = np.minimum(1.0, highest / rows.natural)
    return Rows(rows.starts, rows.pictures * scale, rows.natural * scale)


def _stretched(rows: Rows, stretch: float, small: float) -> Rows:
    return Rows(rows.starts, rows.pictures, rows.natural, stretch, small)


def _filled(aspects: NDArray[np.float64], area: Ground, gutter: float, crop: float) -> Rows:
    """The rows that cover most of the sheet and are cut and uneven least."""
    height = area.tall()
    best, least = None, math.inf
    for starts in _ways(aspects, area.width, height, gutter):
        rows = _rows(aspects, starts, area.width, gutter)
        high = height - gutter * (len(rows.natural) - 1)
        if high <= 0:
            continue
        natural = float(rows.natural.sum())
        stretch = min(max(high / natural, 1 - crop), 1 / (1 - crop))
        small = min(1.0, high / (natural * stretch))
        drawn = float((rows.pictures * rows.natural).sum()) * stretch * small**2
        free = 1 - drawn / (area.width * height)
        cut = 1 - min(stretch, 1 / stretch)
        uneven = float(np.log(rows.natural / (natural / len(rows.natural))).std())
        cost = free + 0.5 * cut + 0.1 * uneven
        if cost < least - 1e-12:
            best, least = _stretched(rows, stretch, small), cost
    if best is None:
        raise ValueError(
            f"justified: gutters of {gutter:g} pixels leave nothing of {height:g} pixels of height"
        )
    return best


def _ways(
    aspects: NDArray[np.float64], width: float, height: float, gutter: float
) -> Iterator[Starts]:
    """Ways to break that may fill the height. Of few pieces, a row more is far too much, and
    all heights are tried; of many, some wanted heights about the fair one are enough.
    """
    fair = _fair_height(aspects, width, height, gutter)
    if len(aspects) <= FEW:
        yield from broken_to_fill(aspects, width, gutter, fair, height + gutter)
    for off in (np.linspace(-1.5, 1.5, 7) * fair / height).tolist():
        yield broken(aspects, width, gutter, fair * math.exp(off))
