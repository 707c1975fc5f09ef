"""Soft shadows of whatever has alpha, by a blur that is as fast however soft it is.

Three box blurs one after another are a Gaussian to within seven hundredths of its height. Boxes end
in parts of pixels, so that their spread is exactly what was asked for (Gwosdek, Grewenig, Bruhn and
Weickert, *Theoretical foundations of Gaussian convolution by extended box filtering*, 2011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

PASSES = 3
ENOUGH = 8.0  # pixels of blur: what is softer is held smaller, and nothing of it is lost
MOST = 4_000_000  # pixels of what casts such a shadow
AT_ONCE = 1 << 18  # pixels that are blurred in 64 bits


class Coarse(NamedTuple):
    """How a wide shadow is held: what casts it in `columns` × `rows` pixels, so many free ones
    around, and the deviation of its Gaussian in them, (down, across).
    """

    columns: int
    rows: int
    margin: int
    sigma: tuple[float, float]


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

    def coarse(self, width: float, height: float) -> Coarse | None:
        """How the shadow of a piece of `width` × `height` pixels is held, if it is so wide that it
        is held smaller than the piece.
        """
        if self.blur < 2 * ENOUGH:
            return None
        by = min(ENOUGH / self.blur, math.sqrt(MOST / (width * height)))
        columns, rows = max(1, round(width * by)), max(1, round(height * by))
        sigma = self.blur / 2 * rows / height, self.blur / 2 * columns / width
        return Coarse(columns, rows, reach(max(sigma)) + 1, sigma)

    def scaled(self, by: float) -> Shadow:
        """It on a canvas `by` times as large."""
        across, down = self.offset
        return replace(self, offset=(across * by, down * by), blur=self.blur * by)


def reach(sigma: float) -> int:
    """How many pixels `blurred` spreads a point to each side."""
    return PASSES * (_box(sigma)[0] + 1) if sigma > 0 else 0


def shade(alpha: np.ndarray, shadow: Shadow, coarse: Coarse | None = None) -> np.ndarray:
    """The shadow of `alpha` `(h, w)` in [0, 1], `margin` pixels larger on each side, not moved by
    its offset: `(h + 2m, w + 2m)` float32 in [0, 1], with the shadow's own alpha. Where it is
    `coarse`, `alpha` is, and the margin.
    """
    half = shadow.blur / 2
    sigma = (half, half) if coarse is None else coarse.sigma
    soft = blurred(np.pad(alpha, shadow.margin if coarse is None else coarse.margin), sigma)
    soft *= np.float32(shadow.alpha)
    return np.clip(soft, 0, 1, out=soft)


def kernel(sigma: float) -> np.ndarray:
    """What `blurred` makes of a point, along a line: `(2 · reach + 1,)` float32."""
    far = reach(sigma)
    point = np.zeros((1, 2 * far + 1), np.float32)
    point[0, far] = 1
    found: np.ndarray = blurred(point, sigma)[0]
    return found


def blurred(plane: np.ndarray, sigma: float | tuple[float, float]) -> np.ndarray:
    """`plane` `(…, h, w)` blurred by a Gaussian of `sigma` pixels (or of so many down and across),
    nearly; what lies outside is as its edge. float32.
    """
    down, across = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    out = np.array(plane, np.float32, order="C")
    for one in out.reshape(-1, *out.shape[-2:]):
        _along(one, across)
        _along(one.T, down)
    return out


def _along(lines: np.ndarray, sigma: float) -> None:
    """Blur each of `lines` `(n, length)`, in place, a part of them at once."""
    if sigma <= 0:
        return
    half, part = _box(sigma)
    step = max(1, AT_ONCE // lines.shape[1])
    for k in range(0, len(lines), step):
        some = lines[k : k + step].astype(np.float64, order="C")
        for _ in range(PASSES):
            some = _averaged(some, half, part)
        lines[k : k + step] = some


def _box(sigma: float) -> tuple[int, float]:
    """Whole pixels to each side of the middle, and the part of the next one that a box has."""
    variance = sigma * sigma / PASSES
    half = math.floor((math.sqrt(12 * variance + 1) - 1) / 2)
    part = (2 * half + 1) * (half * (half + 1) - 3 * variance) / 6 / (variance - (half + 1) ** 2)
    return half, part


def _averaged(lines: np.ndarray, half: int, part: float) -> np.ndarray:
    count = lines.shape[1]
    # a box to each side, and one more before all sums
    sums = np.cumsum(np.pad(lines, ((0, 0), (half + 2, half + 1)), mode="edge"), 1)

    def upto(start: int) -> np.ndarray:
        """All up to the padded pixel `start`, and on from there."""
        return sums[:, start : start + count]

    # sums[:, k] is of padded pixels 0..k; pixel i of a line is padded pixel i + half + 2
    inner = upto(2 * half + 2) - upto(1)
    outer = upto(2 * half + 3) - upto(0)
    found: np.ndarray = (inner * (1 - part) + outer * part) / (2 * half + 1 + 2 * part)
    return found
