"""Pieces strewn over the sheet, large and small, turned and see-through, in passes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.chance import parts
from dreamer.draw.layouts.ground import LONGEST, Ground, ground, whole_sheet
from dreamer.draw.layouts.placement import WHOLE, Box, Laid, Piece, Placement, Sheet
from dreamer.draw.layouts.placing import Clearance, even
from dreamer.draw.layouts.words import Number, OneOf, Part, Span, Words, check

PASS_WORDS: Words = {
    "count": Number(0, 100_000, whole=True),
    "placing": OneOf(("poisson", "random", "jittered")),
    "apart": Number(0, 4),
    "size": Span(0.001, 4),
    "sizes": OneOf(("falling", "uniform", "log")),
    "turn": Span(-360, 360),
    "alpha": Span(0, 1),
    "order": OneOf(("small above", "large above", "random", "given")),
    "where": OneOf(("everywhere", "middle", "ellipse", "edges")),
    "box": Part(),
    "over": Number(0, 1),
}
CANDIDATES = 32
FIRST = 8  # as many falling sizes are about the largest; four times as many are half as large
STEPS = 4  # in which they fall to half: one more piece makes one of each step smaller, and not all
UNEVEN = 0.35  # how much a falling size differs from its neighbours', as a part of it
RING = 0.6  # what is inside it, in parts of the way from the middle, is free of `edges`
JITTER = 0.35  # of the space that each has
LAYER = 2**32  # heights of a pass: none reaches into the next


@dataclass(frozen=True)
class Pass:
    """Once over the sheet.

    Args:
        count: how many are laid; 0: as many as there are pieces; if more, pieces come again.
        placing: `poisson`: each takes, of places of its own, the first that is far enough from all
            laid before, or else the freest; `jittered`: an even pattern, a little disturbed;
            `random`: anywhere.
        apart: in `poisson`, how far: 1 lets squares of the pieces' areas just touch, about.
        size: from the smallest to the largest: a side of a square of the piece's area, as a part
            of the sheet's shorter side.
        sizes: how they are spread: `falling` from the largest, each piece a little smaller than
            the last and never below the smallest, so that many fill what few leave free;
            `uniform`; or `log`, as many of half the size as of all.
        turn: degrees, counter-clockwise, from and to.
        alpha: how opaque, from and to.
        order: what lies above: `small above`, `large above`, `random`, or what comes later
            on what comes earlier (`given`).
        where: `everywhere` in the box, in an `ellipse` inside it, in its `middle` mostly, or along
            its `edges`.
        box: left, top, right, bottom of a part of the sheet, as parts of it: a band, a corner.
        over: how far pieces may hang over the edges of the box, as a part of themselves.
    """

    count: int = 0
    placing: str = "poisson"
    apart: float = 0.9
    size: tuple[float, float] = (0.06, 0.42)
    sizes: str = "falling"
    turn: tuple[float, float] = (-14.0, 14.0)
    alpha: tuple[float, float] = (1.0, 1.0)
    order: str = "random"
    where: str = "everywhere"
    box: Box = WHOLE
    over: float = 0.35


def scatter(pieces: Sequence[Piece], sheet: Sheet, *, passes: Sequence[Pass] = (Pass(),)) -> Laid:
    """Pieces by passes, each above the one before.

    All chance comes from (seed, pass, the piece's number, which time it comes), and what is laid
    later never moves what was laid before; so a piece that comes after all others changes none of
    them. One that comes before others makes a few of them smaller (one of each step of `falling`
    sizes), and of those after it moves, in `poisson`, whatever has no room now, in turn; in
    `jittered` all; in `random` none. Where a pass lays fewer than there are, the new one takes the
    place of at most one. Only where pieces come again is it not so: what comes again is laid after
    all that come first. The sheet's gutter is added to how far `poisson` keeps pieces apart;
    nothing is cropped. A sheet without a height is three quarters as high as wide.

    Raises:
        ValueError: nothing to lay, no passes, or a word out of range.
    """
    area = ground(pieces, sheet)
    if not passes:
        raise ValueError("scatter: expected at least one pass")
    for layer, once in enumerate(passes):
        check(f"scatter: pass {layer + 1}", PASS_WORDS, dataclasses.asdict(once))
    high = area.tall() if sheet.height else float(math.ceil(area.tall()))
    area = Ground(area.left, area.top, area.width, high)
    laid: list[Placement] = []
    crowded = []
    for layer, once in enumerate(passes):
        placed, without_room = _strewn(pieces, sheet, area, once, layer)
        laid += sorted(placed, key=lambda place: place.z)
        crowded.append(without_room)
    return Laid(whole_sheet(sheet, high), tuple(laid), crowded=tuple(crowded))


def closest(placements: Sequence[Placement]) -> float:
    """How far apart the two are that are closest to each other, as `Pass.apart` is said: middles
    that are as far as sides of squares of their areas are long, on average, are 1 apart.
    """
    at = np.array([(p.x, p.y) for p in placements])
    sides = np.sqrt([p.width * p.height for p in placements])
    least = math.inf
    for k in range(len(placements) - 1):
        away = np.hypot(*(at[k + 1 :] - at[k]).T)
        least = min(least, float((away / (sides[k + 1 :] + sides[k])).min()) * 2)
    return least


def _strewn(
    pieces: Sequence[Piece], sheet: Sheet, area: Ground, once: Pass, layer: int
) -> tuple[list[Placement], int]:
    """What a pass lays, and how many of it have no place far enough from the others."""
    shorter = min(area.width, area.tall())
    around = _box(area, once.box)
    reach = once.size[1] * shorter * LONGEST
    clear = Clearance((around[0] - reach, around[1] - reach, around[2] + reach, around[3] + reach))
    start = parts(2, sheet.seed, "scatter", layer, "start")
    placed = []
    crowded = 0
    for rank, (piece, key) in enumerate(_slots(pieces, sheet.seed, once.count, layer)):
        drawn = parts(6 + 2 * CANDIDATES, sheet.seed, "scatter", layer, *key)
        side = _side(once, rank, float(drawn[0])) * shorter
        turn = _between(once.turn, float(drawn[1]))
        if once.placing == "poisson":
            places = _places(once.where, _room(around, side, side, once.over), drawn[6:])
            free = clear.surely(places)
            radius = once.apart * side / 2
            enough = np.flatnonzero(free >= radius + sheet.gutter)
            x, y = places[enough[0] if len(enough) else int(np.argmax(free))].tolist()
            clear.lay(x, y, radius)
            crowded += not len(enough)
        else:
            at = drawn[6:8]
            if once.placing == "jittered":
                stray = JITTER * (drawn[6:8] - 0.5) / math.sqrt(rank + 1)
                at = np.array(even(rank, start)) + stray
                at = np.abs(1 - np.abs(1 - at))  # back from beyond an edge
            room = _room(around, side, side, once.over)
            x, y = _places(once.where, room, at)[0].tolist()
        ratio = math.sqrt(piece.width / piece.height)
        long = max(ratio, 1 / ratio)
        width, height = (side * part * min(1.0, LONGEST / long) for part in (ratio, 1 / ratio))
        room = _room(around, *_turned(width, height, turn), once.over)
        placed.append(
            Placement(
                piece.number,
                round(min(max(x, room[0]), room[2]), 4),
                round(min(max(y, room[1]), room[3]), 4),
                round(width, 4),
                round(height, 4),
                turn=round(turn, 4),
                alpha=round(_between(once.alpha, float(drawn[2])), 4),
                z=layer * LAYER + _height(once.order, side / shorter, float(drawn[3])),
                layer=layer,
            )
        )
    return placed, crowded


def _slots(
    pieces: Sequence[Piece], seed: int, count: int, layer: int
) -> list[tuple[Piece, tuple[object, ...]]]:
    """Who is laid, in order, and what their chance is called.

    Of more pieces than `count` some are drawn as they come (Vitter's reservoir, 1985), and chance
    belongs to the slot, not to whoever got it.
    """
    wanted = count or len(pieces)
    if wanted >= len(pieces):
        return [
            (pieces[k % len(pieces)], (pieces[k % len(pieces)].number, k // len(pieces)))
            for k in range(wanted)
        ]
    taken = list(pieces[:wanted])
    for k, piece in enumerate(pieces[wanted:], wanted):
        slot = int(parts(1, seed, "scatter", layer, "drawn", piece.number)[0] * (k + 1))
        if slot < wanted:
            taken[slot] = piece
    return [(piece, ("slot", slot)) for slot, piece in enumerate(taken)]


def _between(span: tuple[float, float], part: float) -> float:
    return span[0] + (span[1] - span[0]) * part


def _side(once: Pass, rank: int, part: float) -> float:
    least, most = once.size
    if once.sizes == "uniform":
        return _between(once.size, part)
    if once.sizes == "log":
        return least * math.exp(math.log(most / least) * part)
    halved = math.log2((FIRST + rank) / FIRST) / 2
    step = math.floor(halved * STEPS + 0.5) / STEPS
    return max(least, most * math.pow(0.5, step) * (1 - UNEVEN * part))


def _height(order: str, side: float, part: float) -> int:
    if order == "random":
        return int(part * (LAYER - 1))
    if order == "given":
        return 0
    large = round(side * 2**24)
    return large if order == "large above" else LAYER // 2 - large


def _box(area: Ground, box: Box) -> Box:
    high = area.tall()
    return (
        area.left + box[0] * area.width,
        area.top + box[1] * high,
        area.left + box[2] * area.width,
        area.top + box[3] * high,
    )


def _turned(width: float, height: float, turn: float) -> tuple[float, float]:
    """Width and height of what a turned rectangle lies in."""
    cos, sin = abs(math.cos(math.radians(turn))), abs(math.sin(math.radians(turn)))
    return width * cos + height * sin, width * sin + height * cos


def _room(around: Box, width: float, height: float, over: float) -> Box:
    """Where the middle of something may be that hangs over no further than `over` of itself; the
    middle of `around` where it is too large for that.
    """
    across, down = width * (0.5 - over), height * (0.5 - over)
    left, right = around[0] + across, around[2] - across
    top, bottom = around[1] + down, around[3] - down
    if left > right:
        left = right = (around[0] + around[2]) / 2
    if top > bottom:
        top = bottom = (around[1] + around[3]) / 2
    return left, top, right, bottom


def _places(where: str, room: Box, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pairs of numbers from 0 to 1 as points of the room, `(n, 2)`."""
    pairs = drawn.reshape(-1, 2)
    if where in ("ellipse", "middle"):
        away = np.sqrt(pairs[:, :1]) if where == "ellipse" else pairs[:, :1]
        angle = math.tau * pairs[:, 1]
        unit = away * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    else:
        unit = 2 * pairs - 1
        if where == "edges":
            away = np.maximum(np.abs(unit).max(axis=1, keepdims=True), 1e-9)
            unit = unit * np.sqrt(RING**2 + (1 - RING**2) * away**2) / away
    low, high = np.array(room[:2]), np.array(room[2:])
    return np.asarray((low + high) / 2 + unit * (high - low) / 2)
