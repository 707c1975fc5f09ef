"""Framed prints in loose rows, a little turned, each over a part of its neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dreamer.draw.layouts.chance import parts
from dreamer.draw.layouts.cropping import crop_to
from dreamer.draw.layouts.ground import SHAPE, ground, whole_sheet
from dreamer.draw.layouts.placement import WHOLE, Frame, Laid, Piece, Placement, Sheet
from dreamer.draw.layouts.words import Number, OneOf, Text, Words, check

WORDS: Words = {
    "shape": OneOf(("square", "own")),
    "size": Number(0.01, 2, optional=True),
    "cover": Number(0.2, 10),
    "turn": Number(0, 180),
    "stray": Number(0, 1),
    "color": Text(),
}
SIDE, FOOT = 0.065, 0.2  # of a frame, as parts of the picture's side: an SX-70 print's, about
STEP = 1.5  # sizes fall where there are so many times as many
GOLDEN = (math.sqrt(5) - 1) / 2
NARROWEST = 0.6  # of a picture of its own shape, height by width or width by height
OVER = 0.12  # of a print may lie beyond an edge


def polaroid(
    pieces: Sequence[Piece],
    sheet: Sheet,
    *,
    shape: str = "square",
    size: float | None = None,
    cover: float = 1.7,
    turn: float = 9.0,
    stray: float = 0.22,
    color: str = "#f6f4ee",
) -> Laid:
    """Prints of one size with a white frame, broad below, where the caption is.

    Prints go to rows in turn, and along a row by the golden ratio, which leaves no gap much wider
    than others whatever their number. So a piece that comes after all others moves none
    of them, but where prints get smaller: after 1, 2, 3, 4, 6, 9, 13, 19, 28 … pieces, each time
    half as many again. With a `size` they never do.

    Args:
        pieces: what to lay.
        sheet: where; one without a height is three quarters as high as wide.
        shape: pictures are cut `square`, or have their `own` shape (within 3:5), and always where
            the sheet says `whole`.
        size: a print's width as a part of the sheet's shorter side; by default what covers it.
        cover: how many prints lie above each other on average, at least, where there is no `size`.
        turn: the most that a print is turned, in degrees either way.
        stray: how far prints lie off their rows and places, as a part of themselves.
        color: of the frames.

    Raises:
        ValueError: nothing to lay, or a word out of range.
    """
    given = {"shape": shape, "size": size, "cover": cover, "turn": turn, "stray": stray}
    check("polaroid", WORDS, {**given, "color": color})
    area = ground(pieces, sheet)
    high = area.tall() if sheet.height else math.ceil(area.width * SHAPE)
    across, down = 1 + 2 * SIDE, 1 + SIDE + FOOT
    if size is None:
        share = area.width * high * cover / _full(len(pieces))
        side = min(math.sqrt(share / (across * down)), 0.6 * min(area.width, high) / across)
    else:
        side = size * min(area.width, high) / across
    width, height = side * across, side * down
    free_across = max(0.0, area.width - width * (1 - 2 * OVER))
    free_down = max(0.0, high - height * (1 - 2 * OVER))
    rows = max(1, round(free_down / (height * 0.72)) + 1)
    reach = min(1.0, 0.6 * width / max(free_across, 1e-6))
    own = shape == "own" or sheet.whole
    turns = _in_turn(rows, sheet.seed)
    laid = []
    for rank, piece in enumerate(pieces):
        lap, at = divmod(rank, rows)
        row = turns[at]
        drawn = parts(5, sheet.seed, "polaroid", piece.number)
        begin = float(parts(1, sheet.seed, "polaroid row", row)[0])
        along = (begin + lap * GOLDEN) % 1.0
        along += (along - 0.5) * reach  # the outermost come to the edges
        off_across, off_down = (stray * (drawn[:2] - 0.5)).tolist()
        x = along * free_across + off_across * width
        y = (row / (rows - 1) if rows > 1 else 0.5) * free_down + off_down * height
        x = min(max(x, 0.0), free_across) + area.left + width * (0.5 - OVER)
        y = min(max(y, 0.0), free_down) + area.top + height * (0.5 - OVER)
        # most are turned little, and some by much
        slant = float(drawn[2] + drawn[3]) - 1
        z = int(float(drawn[4]) * 2**31)
        laid.append(_print(piece, x, y, side, own, turn * slant, z, color))
    laid.sort(key=lambda place: (place.z, place.number))
    return Laid(whole_sheet(sheet, high), tuple(laid))


def _full(count: int) -> int:
    """The most pieces whose prints are as large as those of `count`."""
    full = 1
    while full < count:
        full = max(full + 1, math.floor(full * STEP))
    return full


def _in_turn(rows: int, seed: int) -> list[int]:
    """Rows in the order they are filled: by chance, but the same whatever is laid in them."""
    drawn = parts(rows, seed, "polaroid rows").tolist()
    return sorted(range(rows), key=lambda row: drawn[row])


def _print(
    piece: Piece, x: float, y: float, side: float, own: bool, turn: float, z: int, color: str
) -> Placement:
    across = down = side
    crop = WHOLE
    if own:
        ratio = piece.width / piece.height
        across, down = side * math.sqrt(ratio), side / math.sqrt(ratio)
        if not NARROWEST <= ratio <= 1 / NARROWEST:
            limit = side / math.sqrt(NARROWEST) / max(across, down)
            across, down = across * limit, down * limit
    else:
        crop = crop_to(piece, 1, 1)
    edge, foot = round(SIDE * side, 4), round(FOOT * side, 4)
    frame = Frame(edge, edge, edge, foot, color)
    return Placement(
        piece.number,
        round(x, 4),
        round(y, 4),
        round(across, 4) + frame.left + frame.right,
        round(down, 4) + frame.top + frame.bottom,
        turn=round(turn, 4),
        z=z,
        crop=crop,
        frame=frame,
        caption=piece.caption,
    )
