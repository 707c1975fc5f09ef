"""What of a piece is shown in a rectangle of another shape: cropped round what matters in it, or
whole inside it.
"""

from __future__ import annotations

from dreamer.draw.layouts.placement import WHOLE, Box, Piece, Placement

SAME = 1e-9  # shapes that differ by less are one


def crop_to(piece: Piece, width: float, height: float) -> Box:
    """The largest part of `piece` of the shape `width` × `height`, its focus as near to the middle
    as the edges allow.
    """
    wider = (piece.width / piece.height) / (width / height)
    if abs(wider - 1) <= SAME:
        return WHOLE
    if wider > 1:
        left, right = _round_about(piece.focus[0], 1 / wider)
        return (left, 0.0, right, 1.0)
    top, bottom = _round_about(piece.focus[1], wider)
    return (0.0, top, 1.0, bottom)


def _round_about(focus: float, part: float) -> tuple[float, float]:
    start = min(max(focus - part / 2, 0.0), 1.0 - part)
    return start, start + part


def inside(piece: Piece, width: float, height: float) -> tuple[float, float]:
    """The (width, height) of `piece`, whole and as large as `width` × `height` allows."""
    scale = min(width / piece.width, height / piece.height)
    return piece.width * scale, piece.height * scale


def filling(
    piece: Piece, left: float, top: float, width: float, height: float, whole: bool
) -> Placement:
    """`piece` in a rectangle: all of it `whole` in the middle, or as much as fills it."""
    x, y = left + width / 2, top + height / 2
    if whole:
        width, height = inside(piece, width, height)
        return Placement(piece.number, x, y, width, height)
    return Placement(piece.number, x, y, width, height, crop=crop_to(piece, width, height))
