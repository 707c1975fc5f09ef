"""Contact sheets: all pictures whole, in cells of one size, with their captions below."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from dreamer.draw.layouts.cropping import inside
from dreamer.draw.layouts.ground import Ground, ground, whole_sheet
from dreamer.draw.layouts.placement import Frame, Laid, Piece, Placement, Sheet
from dreamer.draw.layouts.words import Number, Text, Words, check

WORDS: Words = {
    "columns": Number(1, 10_000, whole=True, optional=True),
    "caption": Number(0, 10_000, optional=True),
    "color": Text(),
}
CAPTION = 0.16  # of a cell's height, where nothing else is said,
LETTERS = 13.0  # but at least so many pixels, which letters need,
MOST = 0.4  # and never more than this part of the cell
EDGE = 0.03  # round a picture, as a part of its cell's shorter side


def contact(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    columns: int | None = None,
    caption: float | None = None,
    color: str = "white",
) -> Laid:
    """Pieces in the order they are given, from the top left, each a card: the picture, whole, in
    the middle of what its caption leaves free, which is in the lowest part of the frame, in line
    with those beside it.

    Args:
        pieces: what to lay.
        sheet: where. With a height, cells are as small as it takes; without one, they have the
            pieces' usual shape.
        columns: how many cells beside each other; by default what makes pictures largest, or, on a
            sheet without a height, about as many as rows.
        caption: pixels below each picture; by default a part of the cell's height where any piece
            has a caption, else none.
        color: of the cards.

    Raises:
        ValueError: nothing to lay, a word out of range, or less than a pixel left for a picture.
    """
    check("contact", WORDS, {"columns": columns, "caption": caption, "color": color})
    cells, gutter = ground(pieces, sheet), sheet.gutter
    if caption is None and not any(piece.caption for piece in pieces):
        caption = 0.0
    usual = statistics.median(min(max(piece.width / piece.height, 0.5), 2) for piece in pieces)
    columns = min(columns or _columns(len(pieces), cells, gutter, usual, caption), len(pieces))
    rows, width, height = _cell(len(pieces), columns, cells, gutter, usual, caption)
    foot = _foot(height, caption)
    edge = EDGE * max(0.0, min(width, height - foot))
    if min(width - 2 * edge, height - foot - edge) < 1:
        raise ValueError(
            f"contact: {columns} × {rows} cells of {width:.1f} × {height:.1f} pixels leave less "
            f"than a pixel for their pictures"
        )
    laid = []
    for k, piece in enumerate(pieces):
        row, column = divmod(k, columns)
        left = cells.left + column * (width + gutter)
        top = cells.top + row * (height + gutter)
        across, down = inside(piece, width - 2 * edge, height - foot - edge)
        side = (width - across) / 2
        above = edge + (height - foot - edge - down) / 2
        frame = Frame(side, above, side, height - above - down, color, foot)
        x, y = left + width / 2, top + height / 2
        laid.append(
            Placement(piece.number, x, y, width, height, frame=frame, caption=piece.caption)
        )
    return Laid(whole_sheet(sheet, rows * height + gutter * (rows - 1)), tuple(laid))


def _foot(height: float, caption: float | None) -> float:
    if caption is None:
        caption = max(CAPTION * height, LETTERS)
        return min(caption, MOST * height)
    return caption or min(EDGE * height, height)


def _cell(
    count: int, columns: int, cells: Ground, gutter: float, usual: float, caption: float | None
) -> tuple[int, float, float]:
    """How many rows, and how wide and high cells are."""
    rows = math.ceil(count / columns)
    width = (cells.width - gutter * (columns - 1)) / columns
    if cells.height is not None:
        return rows, width, (cells.height - gutter * (rows - 1)) / rows
    picture = width / usual
    if caption is None:
        return rows, width, picture + max(CAPTION / (1 - CAPTION) * picture, LETTERS)
    return rows, width, picture + (caption or 2 * EDGE * picture)


def _columns(count: int, cells: Ground, gutter: float, usual: float, caption: float | None) -> int:
    """The number with the largest pictures of the usual shape; of equal ones the smallest."""
    if cells.height is None:
        return max(1, math.ceil(math.sqrt(count)))
    best, largest = 1, 0.0
    for columns in range(1, count + 1):
        _, width, height = _cell(count, columns, cells, gutter, usual, caption)
        if width > 0 and height > 0:
            high = min(width / usual, height - _foot(height, caption))
            if high > largest + 1e-9:
                best, largest = columns, high
    return best
