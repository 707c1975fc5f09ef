"""Points that thicken as they go on: later ones never move earlier ones, and all of them are as far
apart as there is room for.

What lies on a sheet is kept as clearance: how far every node of a raster is from the discs that
were laid. A candidate is looked up instead of measured against all of them, so that the thousandth
takes no longer than the first.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.placement import Box

NODES = 240  # along the longer side
# Roberts' R2: the plane's most even sequence, of the root of x³ = x + 1
PLASTIC = 1.324717957244746
STRIDE = (1 / PLASTIC, 1 / PLASTIC**2)


class Clearance:
    """How far places in `around` (left, top, right, bottom in pixels) are from discs laid there."""

    def __init__(self, around: Box) -> None:
        left, top, right, bottom = around
        self.node = max(right - left, bottom - top, 1e-6) / NODES
        self.left, self.top = left, top
        self.across = left + self.node * np.arange(math.ceil((right - left) / self.node) + 2)
        self.down = top + self.node * np.arange(math.ceil((bottom - top) / self.node) + 2)
        self.free = np.full((len(self.down), len(self.across)), np.inf)
        self.furthest = math.inf

    def surely(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The least that is free round points `(n, 2)`, `(n,)`: what is free at the nearest node
        less the way to it, since no clearance changes faster.
        """
        column = np.rint((points[:, 0] - self.left) / self.node).astype(np.int64)
        row = np.rint((points[:, 1] - self.top) / self.node).astype(np.int64)
        x, y = points[:, 0] - self.across[column], points[:, 1] - self.down[row]
        return np.asarray(self.free[row, column] - np.sqrt(x * x + y * y))

    def lay(self, x: float, y: float, radius: float) -> None:
        """A disc, laid: what is free near it is less now."""
        reach = radius + self.furthest
        columns = self._near(x - self.left, reach, len(self.across))
        rows = self._near(y - self.top, reach, len(self.down))
        across, down = self.across[columns] - x, self.down[rows] - y
        away = np.sqrt((across * across)[None] + (down * down)[:, None]) - radius
        part = self.free[rows, columns]
        np.minimum(part, away, out=part)
        self.furthest = float(self.free.max())

    def _near(self, at: float, reach: float, most: int) -> slice:
        if math.isinf(reach):
            return slice(0, most)
        first = math.floor((at - reach) / self.node)
        return slice(max(0, first), min(most, math.ceil((at + reach) / self.node) + 1))


def even(rank: int, start: NDArray[np.float64]) -> tuple[float, float]:
    """A point of the unit square: number `rank`, from 0, of an even sequence from `start` on."""
    x = (float(start[0]) + rank * STRIDE[0]) % 1.0
    y = (float(start[1]) + rank * STRIDE[1]) % 1.0
    return x, y
