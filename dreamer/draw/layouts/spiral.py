"""Pieces along a spiral from the middle outwards, over the whole sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.cropping import crop_to
from dreamer.draw.layouts.ground import LONGEST, Ground, ground, whole_sheet
from dreamer.draw.layouts.placement import WHOLE, Laid, Piece, Placement, Sheet
from dreamer.draw.layouts.words import Flag, Number, OneOf, Words, check

WORDS: Words = {
    "kind": OneOf(("sunflower", "ribbon")),
    "growth": Number(-1.5, 0.85),
    "fill": Number(0.1, 4),
    "follow": Flag(),
    "shape": OneOf(("square", "own")),
}
GOLDEN = math.pi * (3 - math.sqrt(5))  # Vogel: A better way to construct the sunflower head, 1979
HALVINGS = 32
BEYOND = 0.5  # of a piece may lie outside the sheet

# places inside the sheet, as (x from the middle, y, size), rows from the middle outwards
Places = NDArray[np.float64]


def spiral(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    kind: str = "sunflower",
    growth: float = 0.5,
    fill: float = 1.2,
    follow: bool = True,
    shape: str = "own",
) -> Laid:
    """Pieces in the order they are given, the first in the middle.

    The spiral goes on to the sheet's corners, and is so fine that all pieces find a place on the
    sheet: one more makes it finer and moves all. A sheet without a height is three quarters as
    high as wide.

    Args:
        pieces: what to lay.
        sheet: where; half of its gutter is taken off each piece on every side.
        kind: `sunflower`: each piece a golden angle on from the last, and further out; `ribbon`:
            an Archimedean spiral with pieces side by side along it.
        growth: how sizes go with the distance r from the middle, as r to the power of it: above 0
            they grow outwards, below 0 they shrink, at 0 all are as large.
        fill: how large pieces are for the space they have: above 1 they overlap a little.
        follow: turn pieces with the spiral, their feet to the middle.
        shape: pieces are cut `square`, or have their `own` shape, always where the sheet says
            `whole`.

    Raises:
        ValueError: nothing to lay, a word out of range, or a gutter that leaves nothing of pieces.
    """
    given = {"kind": kind, "growth": growth, "fill": fill, "follow": follow, "shape": shape}
    check("spiral", WORDS, given)
    area = ground(pieces, sheet)
    high = area.tall() if sheet.height else math.ceil(area.tall())
    around = Ground(area.left, area.top, area.width, high)
    own = shape == "own" or sheet.whole
    ratios = [piece.width / piece.height if own else 1.0 for piece in pieces]
    if kind == "sunflower":
        places = _finest(lambda size: _sunflower(size, growth, around, len(pieces)), around)
    else:
        places = _finest(lambda size: _ribbon(size, growth, around, ratios), around)
    laid = []
    for k, (piece, ratio) in enumerate(zip(pieces, ratios, strict=True)):
        x, y, size = places[k].tolist()
        width, height = _drawn(size * fill, ratio, kind, sheet.gutter)
        if min(width, height) <= 0:
            raise ValueError(
                f"spiral: a gutter of {sheet.gutter:g} pixels leaves nothing of a piece of "
                f"{size * fill:.1f}: expected a smaller one, or fewer than {len(pieces)} pieces"
            )
        turn = 0.0
        if follow and (x or y):
            turn = (math.degrees(math.atan2(-y, x)) - 90 + 180) % 360 - 180
        laid.append(
            Placement(
                piece.number,
                round(around.left + around.width / 2 + x, 4),
                round(around.top + high / 2 + y, 4),
                round(width, 4),
                round(height, 4),
                turn=round(turn, 4),
                z=len(pieces) - k,
                crop=WHOLE if own else crop_to(piece, 1, 1),
            )
        )
    return Laid(whole_sheet(sheet, high), tuple(laid[::-1]))


def _drawn(side: float, ratio: float, kind: str, gutter: float) -> tuple[float, float]:
    """Width and height of a piece `ratio` times as wide as high: of one area along a sunflower, of
    one height along a ribbon, and no side much longer than `side`.
    """
    width, height = side * ratio, side
    if kind == "sunflower":
        width, height = side * math.sqrt(ratio), side / math.sqrt(ratio)
    scale = min(1.0, LONGEST * side / max(width, height))
    scale *= 1 - gutter / (min(width, height) * scale)
    return width * scale, height * scale


def _finest(places: Callable[[float], Places | None], area: Ground) -> Places:
    """Places of the coarsest spiral that has enough of them; `places` gives none where a size is
    too large.
    """
    least, most = 0.0, 4 * math.hypot(area.width, area.tall())
    found = None
    for _ in range(HALVINGS):
        size = (least + most) / 2
        tried = places(size)
        if tried is None:
            most = size
        else:
            found, least = tried, size
    if found is None:
        raise ValueError("spiral: expected fewer pieces, or a larger sheet")
    return found


def _corner(area: Ground) -> float:
    return math.hypot(area.width, area.tall()) / 2


def _within(places: Places, area: Ground) -> NDArray[np.bool_]:
    beyond = BEYOND * places[:, 2]
    across = np.abs(places[:, 0]) <= area.width / 2 + beyond - places[:, 2] / 2
    down = np.abs(places[:, 1]) <= area.tall() / 2 + beyond - places[:, 2] / 2
    middle = (places[:, 0] == 0) & (places[:, 1] == 0)
    return np.asarray((across & down) | middle)


def _sunflower(size: float, growth: float, area: Ground, count: int) -> Places | None:
    """Sizes are `size` · (r / corner) ** growth; the area inside r, in those sizes, is how many lie
    there: so the place of number k is where that is k.
    """
    corner = _corner(area)
    power = 2 - 2 * growth
    # ∫ 2πr / (size · (r / corner)^growth)² dr from 0 to r = all · (r / corner)^power
    everything = 2 * math.pi * corner**2 / (size**2 * power)
    if everything > 400 * count + 400:
        everything = 400.0 * count + 400  # far more than enough: most is cut off below
    numbers = np.arange(math.floor(everything) + 1)
    part = ((numbers + 0.5) / everything) ** (1 / power)
    sides = size * part**growth
    away, angle = corner * part, numbers * GOLDEN
    away[0] = 0.0
    places = np.stack([away * np.cos(angle), away * np.sin(angle), sides], axis=1)
    places = places[_within(places, area)]
    return places[:count] if len(places) >= count else None


def _ribbon(size: float, growth: float, area: Ground, ratios: Sequence[float]) -> Places | None:
    """One piece in the middle; then turn by turn, each turn a piece's height further out, and each
    piece half its width and half its neighbour's further on.
    """
    corner = _corner(area)
    first = 2 * (size / (2 * corner**growth)) ** (1 / (1 - growth))  # as large as twice its r
    if first > 2 * corner:
        return None
    places = [(0.0, 0.0, first)]
    away, angle, before = first, 0.0, 0.0
    half_width, half_height = area.width / 2, area.tall() / 2
    for ratio in ratios[1:]:
        ratio = min(ratio, LONGEST)
        while True:
            side = size * (away / corner) ** growth
            on = (before + ratio) / 2 * side / away if before else 0.0
            away += side * on / math.tau
            angle += on
            before = ratio
            if away > corner + side:
                return None
            x, y = away * math.cos(angle), away * math.sin(angle)
            inner = (0.5 - BEYOND) * side
            if abs(x) <= half_width - inner and abs(y) <= half_height - inner:
                break
        places.append((x, y, side))
    return np.array(places)
