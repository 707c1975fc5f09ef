"""Rectangles as large as their pieces' weights, as near to squares as they can be.

Bruls, Huizing, van Wijk: Squarified treemaps, 2000.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from dreamer.draw.layouts.cropping import filling
from dreamer.draw.layouts.ground import ground, whole_sheet
from dreamer.draw.layouts.placement import Laid, Piece, Sheet
from dreamer.draw.layouts.words import Number, Words, check

WORDS: Words = {"shape": Number(0.05, 20)}
LEAST = 1e-9  # of the heaviest: what weighs less is given so much, which nobody sees either
THIN = 1 / 4  # the most of a rectangle's side that is given to a gutter on either side

Rectangle = tuple[float, float, float, float]  # left, top, width, height


def treemap(pieces: Sequence[Piece], sheet: Sheet, *, shape: float = 1.0) -> Laid:
    """The heaviest piece at the top left; of equal weights, the earlier first.

    Areas are proportional to weights, with half of each gutter beside them: rectangles share out
    the sheet, and each then gives up half a gutter where it meets others, but never more than a
    quarter of its side. Pieces of weight 0 have no placement. A sheet without a height
    is three quarters as high as wide.

    Args:
        pieces: what to lay.
        sheet: where; pieces are whole inside their rectangles where it says so.
        shape: width by height that rectangles should have.

    Raises:
        ValueError: nothing to lay, no weight above 0, or a word out of range.
    """
    check("treemap", WORDS, {"shape": shape})
    area, gutter = ground(pieces, sheet), sheet.gutter
    heavy = sorted((piece for piece in pieces if piece.weight > 0), key=lambda piece: -piece.weight)
    if not heavy:
        raise ValueError("treemap: expected at least one piece with a weight above 0")
    high = area.tall() if sheet.height else math.ceil(area.tall())
    around = (area.left, area.top, area.width, high)
    shared = squarified([piece.weight for piece in heavy], around, shape)
    laid = []
    for piece, (left, top, width, height) in zip(heavy, shared, strict=True):
        left, width = _apart(left, width, area.left, area.width, gutter)
        top, height = _apart(top, height, area.top, high, gutter)
        laid.append(filling(piece, left, top, width, height, sheet.whole))
    return Laid(whole_sheet(sheet, high), tuple(laid))


def _apart(
    start: float, size: float, edge: float, all_of_it: float, gutter: float
) -> tuple[float, float]:
    """A side without its halves of gutters, which there are none of at the sheet's edges."""
    given = min(gutter / 2, size * THIN)
    before = given if start - edge > 1e-6 else 0.0
    after = given if edge + all_of_it - start - size > 1e-6 else 0.0
    return start + before, size - before - after


def squarified(weights: Sequence[float], around: Rectangle, shape: float = 1.0) -> list[Rectangle]:
    """`around` shared out by `weights`, which fall and are above 0: rows along the shorter side of
    what is left, each of so many rectangles that the worst of them is nearest to `shape`.
    """
    left, top, width, height = around
    width /= shape  # squares here are as wide as asked when all is stretched again
    heaviest = weights[0]
    shares = [max(weight / heaviest, LEAST) for weight in weights]
    rests = [*list(itertools.accumulate(reversed(shares)))[::-1], 0.0]
    begun, x, y = 0, 0.0, 0.0
    shared: list[Rectangle] = []
    while begun < len(shares):
        along = min(width, height)
        ended = _row(shares, begun, along / math.sqrt(width * height / rests[begun]))
        row = shares[begun:ended]
        total = math.fsum(row)
        deep = max(width, height) * total / (total + rests[ended])
        at = 0.0
        for share in row:
            long = along * share / total
            if width >= height:
                shared.append((x, y + at, deep, long))
            else:
                shared.append((x + at, y, long, deep))
            at += long
        if width >= height:
            x, width = x + deep, width - deep
        else:
            y, height = y + deep, height - deep
        begun = ended
    return [(left + x * shape, top + y, w * shape, h) for x, y, w, h in shared]


def _row(shares: Sequence[float], begun: int, along: float) -> int:
    """Where the row that begins at `begun` ends: before the rectangle that would make its worst one
    worse. `along` is its length in roots of what a share of 1 covers.
    """
    total, largest, worst = 0.0, shares[begun], math.inf
    for k in range(begun, len(shares)):
        total += shares[k]
        square = total * total / (along * along)
        bad = max(largest / square, square / shares[k])
        if bad > worst:
            return k
        worst = bad
    return len(shares)
