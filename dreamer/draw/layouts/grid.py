"""Cells of one size in rows, filled from the top left."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dreamer.draw.layouts.cropping import filling
from dreamer.draw.layouts.ground import ground, whole_sheet
from dreamer.draw.layouts.placement import Laid, Piece, Sheet
from dreamer.draw.layouts.words import Number, OneOf, Words, check

WORDS: Words = {
    "columns": Number(1, 10_000, whole=True, optional=True),
    "shape": Number(0.05, 20),
    "last": OneOf(("left", "centre", "stretch")),
}


def grid(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    columns: int | None = None,
    shape: float = 1.0,
    last: str = "centre",
) -> Laid:
    """Pieces in the order they are given, each cropped to its cell round its focus, or whole inside
    it where the sheet says so.

    Args:
        pieces: what to lay.
        sheet: where. With a height, cells fill it; without one, they have their shape.
        columns: how many cells are beside each other; by default as many as give cells nearest to
            `shape` and few empty ones.
        shape: width by height that cells should have.
        last: where an incomplete last row is: at the `left`, in the `centre`, or its cells
            `stretch` over the whole width.

    Raises:
        ValueError: nothing to lay, a word out of range, or cells of less than a pixel.
    """
    check("grid", WORDS, {"columns": columns, "shape": shape, "last": last})
    area, count, gutter = ground(pieces, sheet), len(pieces), sheet.gutter
    if columns is None:
        columns = _columns(count, area.width, area.tall(), gutter, shape)
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    width = (area.width - gutter * (columns - 1)) / columns
    if area.height is None:
        high = max(1, round(rows * width / shape + gutter * (rows - 1) + 2 * sheet.margin))
        height = (high - 2 * sheet.margin - gutter * (rows - 1)) / rows
    else:
        height = (area.height - gutter * (rows - 1)) / rows
    if width < 1 or height < 1:
        raise ValueError(
            f"grid: {columns} × {rows} cells with gutters of {gutter:g} pixels leave less than a "
            f"pixel for each on {area.width:g} × {area.tall():g} pixels"
        )
    laid = []
    for k, piece in enumerate(pieces):
        row, column = divmod(k, columns)
        left, wide = area.left + column * (width + gutter), width
        missing = (row + 1) * columns - count
        if missing > 0 and last == "centre":
            left += missing * (width + gutter) / 2
        elif missing > 0 and last == "stretch":
            in_row = columns - missing
            wide = (area.width - gutter * (in_row - 1)) / in_row
            left = area.left + column * (wide + gutter)
        top = area.top + row * (height + gutter)
        laid.append(filling(piece, left, top, wide, height, sheet.whole))
    used = rows * height + gutter * (rows - 1)
    return Laid(whole_sheet(sheet, used), tuple(laid))


def _columns(count: int, width: float, height: float, gutter: float, shape: float) -> int:
    """The number of columns with the least (log of how far cells are from `shape`) plus the part of
    the cells that stays empty.
    """
    best, least = 1, math.inf
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        wide = (width - gutter * (columns - 1)) / columns
        high = (height - gutter * (rows - 1)) / rows
        if wide < 1 or high < 1:
            continue
        bad = abs(math.log(wide / high / shape)) + 1 - count / (columns * rows)
        if bad < least - 1e-12:
            best, least = columns, bad
    return best
