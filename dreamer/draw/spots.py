"""Where pieces of a collage lie among a canvas's pixels: at whole ones, or between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dreamer.draw.layouts.placement import Placement
from dreamer.draw.shadows import Shadow

Bounds = tuple[int, int, int, int]  # left, top, right, bottom in pixels of the canvas
# What two neighbours' edges are rounded by: edges of halves of pixels, which many are, are not
# quite at halves once they are added up, and both must go the same way.
HALF = 0.501


@dataclass(frozen=True)
class Spot:
    """Where a piece's raster lies on a canvas: its middle, its (width, height) there, its turn in
    degrees counter-clockwise, and whether it is `straight`, at whole pixels.
    """

    x: float
    y: float
    width: float
    height: float
    turn: float
    straight: bool

    @property
    def bounds(self) -> Bounds:
        """All pixels that it may touch."""
        if self.straight:
            left, top = round(self.x - self.width / 2), round(self.y - self.height / 2)
            return left, top, left + round(self.width), top + round(self.height)
        c, s = map(abs, turned(self.turn))
        across = (self.width * c + self.height * s) / 2 + 1
        down = (self.width * s + self.height * c) / 2 + 1
        return (
            math.floor(self.x - across),
            math.floor(self.y - down),
            math.ceil(self.x + across),
            math.ceil(self.y + down),
        )

    @property
    def loose(self) -> Spot:
        """It with the sides that its piece has before it is turned, which is turned as any other
        and not by whole pixels.
        """
        if not self.straight:
            return self
        sides = (self.width, self.height)
        width, height = sides[::-1] if round(self.turn / 90) % 2 else sides
        return replace(self, width=width, height=height, straight=False)

    def grown(self, by: float, across: float, down: float) -> Spot:
        """It `by` pixels larger on each side, and moved."""
        if self.straight:
            across, down = round(across), round(down)
        width, height = self.width + 2 * by, self.height + 2 * by
        return Spot(self.x + across, self.y + down, width, height, self.turn, self.straight)


def spot_of(placement: Placement, exact: bool) -> Spot:
    """Where a piece lies; straight ones at whole pixels, unless `exact`. No side is shorter than a
    pixel.
    """
    width, height = max(1.0, placement.width), max(1.0, placement.height)
    x, y, turn = placement.x, placement.y, placement.turn % 360
    if exact:
        return Spot(x, y, width, height, turn, False)
    if turn % 90:
        return Spot(x, y, float(round(width)), float(round(height)), turn, False)
    if turn % 180:
        width, height = height, width
    # Edges are rounded and not sizes, so that neighbours stay neighbours.
    left, right = _whole(x, width)
    top, bottom = _whole(y, height)
    return Spot((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, turn, True)


def cast_by(spot: Spot, shadow: Shadow | None) -> Spot | None:
    """Where the shadow of a piece lies, with a free pixel around it."""
    if shadow is None:
        return None
    loose = spot.loose
    coarse = shadow.coarse(loose.width, loose.height)
    if coarse is None:
        return spot.grown(shadow.margin + 1, *shadow.offset)
    across, down = shadow.offset
    return replace(
        loose,
        x=loose.x + across,
        y=loose.y + down,
        width=loose.width * (1 + 2 * coarse.margin / coarse.columns),
        height=loose.height * (1 + 2 * coarse.margin / coarse.rows),
    )


def bounds_of(spot: Spot, cast: Spot | None) -> Bounds:
    """All pixels that a piece or its shadow may touch."""
    if cast is None:
        return spot.bounds
    one, two = spot.bounds, cast.bounds
    return (
        min(one[0], two[0]),
        min(one[1], two[1]),
        max(one[2], two[2]),
        max(one[3], two[3]),
    )


def _whole(middle: float, length: float) -> tuple[int, int]:
    low = math.floor(middle - length / 2 + HALF)
    return low, max(low + 1, math.floor(middle + length / 2 + HALF))


def turned(degrees: float) -> tuple[float, float]:
    """Cosine and sine, exactly for quarters of a turn."""
    if degrees % 90 == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[round(degrees / 90) % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
