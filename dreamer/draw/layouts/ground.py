"""What of a sheet there is to lay pieces on, and what no layout can work with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dreamer.draw.layouts.placement import Piece, Sheet

LONGEST = 1.75  # sides, in roots of the area they would have: panoramas are made smaller
SHAPE = 3 / 4  # height by width of a sheet that has no height, where a layout asks for none


@dataclass(frozen=True)
class Ground:
    """The sheet inside its free edges, in pixels; without a `height`, as high as a layout gets."""

    left: float
    top: float
    width: float
    height: float | None

    def tall(self) -> float:
        """Its height, or that of a sheet of the usual shape."""
        return self.width * SHAPE if self.height is None else self.height


def ground(pieces: Sequence[Piece], sheet: Sheet) -> Ground:
    """Where pieces go.

    Raises:
        ValueError: no pieces, two of one number, a piece or sheet that has no size, or free edges
            that leave nothing between them.
    """
    if not pieces:
        raise ValueError("expected at least one piece")
    if len({piece.number for piece in pieces}) < len(pieces):
        raise ValueError("expected pieces with a number of their own each")
    for piece in pieces:
        _check_piece(piece)
    sides = [("width", sheet.width)]
    if sheet.height is not None:
        sides.append(("height", sheet.height))
    if not (math.isfinite(sheet.margin) and sheet.margin >= 0):
        raise ValueError(f"margin: expected 0 or more pixels, not {sheet.margin:g}")
    if not (math.isfinite(sheet.gutter) and sheet.gutter >= 0):
        raise ValueError(f"gutter: expected 0 or more pixels, not {sheet.gutter:g}")
    for name, side in sides:
        if side < 1:
            raise ValueError(f"{name}: expected at least 1 pixel, not {side}")
        if side - 2 * sheet.margin < 1:
            raise ValueError(
                f"margin: expected less than half of the sheet's {name}, {side} pixels, "
                f"not {sheet.margin:g}"
            )
        if sheet.gutter >= side:
            raise ValueError(
                f"gutter: expected less than the sheet's {name}, {side} pixels, "
                f"not {sheet.gutter:g}"
            )
    height = None if sheet.height is None else sheet.height - 2 * sheet.margin
    return Ground(sheet.margin, sheet.margin, sheet.width - 2 * sheet.margin, height)


def _check_piece(piece: Piece) -> None:
    if piece.width < 1 or piece.height < 1:
        raise ValueError(
            f"piece {piece.number}: expected at least a pixel, not {piece.width} × {piece.height}"
        )
    if not (math.isfinite(piece.weight) and piece.weight >= 0):
        raise ValueError(
            f"piece {piece.number}: expected a weight of 0 or more, not {piece.weight}"
        )
    if not all(0 <= part <= 1 for part in piece.focus):
        raise ValueError(
            f"piece {piece.number}: expected a focus from 0 to 1 across and down, not {piece.focus}"
        )


def whole_sheet(sheet: Sheet, height: float) -> tuple[int, int]:
    """The sheet's size in pixels, where a layout got as high as `height` without the margins."""
    if sheet.height is not None:
        return sheet.width, sheet.height
    return sheet.width, max(1, math.ceil(height + 2 * sheet.margin - 1e-6))
