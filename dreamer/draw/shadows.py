"""Soft shadows of whatever has alpha, by a blur that is as fast however soft it is.

Three box blurs one after another are a Gaussian to within seven hundredths of its height. Boxes end
in parts of pixels, so that their spread is exactly what was asked for (Gwosdek, Grewenig, Bruhn and
Weickert, *Theoretical foundations of Gaussian convolution by extended box filtering*, 2011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

PASSES = 3


@dataclass(frozen=True)
class Shadow:
    """A shadow: `offset` (right, down) in pixels of the canvas, however its piece is turned, `blur`
    in pixels (twice the deviation of its Gaussian, as in CSS), `color` and `alpha` of it.
    """

    offset: tuple[float, float] = (4.0, 6.0)
    blur: float = 12.0
    color: str = "black"
    alpha: float = 0.5

    def __post_init__(self) -> None:
        if self.blur < 0 or not 0 <= self.alpha <= 1:
            raise ValueError(
                f"expected a blur of 0 or more and an alpha from 0 to 1, not {self.blur:g} and "
                f"{self.alpha:g}"
            )

    @property
    def margin(self) -> int:
        """How many pixels it may be larger than what casts it, on each side."""
        return reach(self.blur / 2)

    def scaled(self, by: float) -> Shadow:
        """It on a canvas `by` times as large."""
        across, down = self.offset
        return replace(self, offset=(across * by, down * by), blur=self.blur * by)


def reach(sigma: float) -> int:
    """How many pixels `blurred` spreads a point to each side."""
    return PASSES * (_box(sigma)[0] + 1) if sigma > 0 else 0


def shade(alpha: np.ndarray, shadow: Shadow) -> np.ndarray:
    """The shadow of `alpha` `(h, w)` in [0, 1], `margin` pixels larger on each side, not moved by
    its offset: `(h + 2m, w + 2m)` float32 in [0, 1], with the shadow's own alpha.
    """
    soft = blurred(np.pad(alpha, shadow.margin), shadow.blur / 2)
    return np.clip(soft * np.float32(shadow.alpha), 0, 1)


def blurred(plane: np.ndarray, sigma: float) -> np.ndarray:
    """`plane` `(…, h, w)` blurred by a Gaussian of `sigma` pixels, nearly; what lies outside is as
    its edge. float32.
    """
    if sigma <= 0:
        return plane.astype(np.float32)
    out = plane.astype(np.float64)
    half, part = _box(sigma)
    for axis in (-1, -2):
        for _ in range(PASSES):
            out = _averaged(out, half, part, axis)
    return out.astype(np.float32)


def _box(sigma: float) -> tuple[int, float]:
    """Whole pixels to each side of the middle, and the part of the next one that a box has."""
    variance = sigma * sigma / PASSES
    half = math.floor((math.sqrt(12 * variance + 1) - 1) / 2)
    part = (2 * half + 1) * (half * (half + 1) - 3 * variance) / 6 / (variance - (half + 1) ** 2)
    return half, part


def _averaged(plane: np.ndarray, half: int, part: float, axis: int) -> np.ndarray:
    count = plane.shape[axis]
    widths = [(0, 0)] * plane.ndim
    widths[axis] = (half + 2, half + 1)  # a box to each side, and one more before all sums
    sums = np.cumsum(np.pad(plane, widths, mode="edge"), axis)

    def upto(start: int) -> np.ndarray:
        """All up to the padded pixel `start`, and on from there."""
        at = [slice(None)] * plane.ndim
        at[axis] = slice(start, start + count)
        return sums[tuple(at)]

    # sums[k] is of padded pixels 0..k; pixel i of the plane is padded pixel i + half + 2
    inner = upto(2 * half + 2) - upto(1)
    outer = upto(2 * half + 3) - upto(0)
    found: np.ndarray = (inner * (1 - part) + outer * part) / (2 * half + 1 + 2 * part)
    return found
