"""What of a piece is seen: masks with smooth edges, each pixel as much as it lies inside.

Edges are distances in pixels, negative outside, as in Inigo Quilez's articles on 2D distance
functions; an edge is a pixel wide, or falls off inwards where it is feathered.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dreamer.draw.light import LUMINANCE
from dreamer.errors import did_you_mean

Points = tuple[tuple[float, float], ...]
FEWEST = 3  # sides of a polygon
MOST = 64


@dataclass(frozen=True)
class Mask:
    """What of a piece is seen.

    Args:
        shape: a key of `SHAPES`.
        feather: how far its edge falls off inwards, as part of the piece's shorter side, 0 to 1.
        corner: radius of a `rounded` piece's corners, as part of the shorter side, up to 0.5.
        sides: of a `polygon` that fills the piece, a corner at its top.
        points: of a `polygon` instead: its corners (across, down) as parts of the piece.
        falls: of `luminance`: what is not seen, `dark` or `light`.
        threshold: of `luminance`: which luma (of sRGB levels) is half seen.
        softness: of `luminance`: how much luma there is between all and nothing.
        invert: see what is not seen, and not what is.

    Raises:
        ValueError: another shape, or numbers out of their range.
    """

    shape: str
    feather: float = 0.0
    corner: float = 0.1
    sides: int = 6
    points: Points = ()
    falls: str = "dark"
    threshold: float = 0.5
    softness: float = 0.2
    invert: bool = False

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            near = did_you_mean(self.shape, SHAPES)
            raise ValueError(f"expected one of {', '.join(SHAPES)}, not {self.shape!r}{near}")
        for name, value, most in (
            ("feather", self.feather, 1),
            ("corner", self.corner, 0.5),
            ("threshold", self.threshold, 1),
            ("softness", self.softness, 1),
        ):
            if not 0 <= value <= most:
                raise ValueError(f"expected a {name} from 0 to {most}, not {value:g}")
        if not FEWEST <= (len(self.points) or self.sides) <= MOST:
            found = len(self.points) or self.sides
            raise ValueError(f"expected a polygon of {FEWEST} to {MOST} corners, not {found}")
        if self.falls not in ("dark", "light"):
            raise ValueError(f"expected 'dark' or 'light' to fall away, not {self.falls!r}")


def cutout(mask: Mask, picture: np.ndarray) -> np.ndarray:
    """How much is seen of each pixel of `picture` `(3 or 4, h, w)`: `(h, w)` float32 in [0, 1]."""
    height, width = picture.shape[1:]
    # Middles of pixels, across and down, from the middle of the piece.
    x, y = (np.arange(n, dtype=np.float32) + 0.5 - n / 2 for n in (width, height))
    seen = seen_at(mask, x[None], y[:, None], (width, height), picture)
    return np.ascontiguousarray(np.broadcast_to(seen, (height, width)))


def seen_at(
    mask: Mask, x: np.ndarray, y: np.ndarray, size: tuple[float, float], colours: np.ndarray
) -> np.ndarray:
    """How much is seen at each place of a piece, float32 in [0, 1].

    Args:
        mask: what of it is seen.
        x: pixels to the right of its middle, float32.
        y: pixels down from its middle, in any shape that goes with `x`'s.
        size: the piece's (width, height) in pixels.
        colours: what is there, `(3 or 4, …)`, which `luminance` asks.
    """
    width, height = size
    inside = SHAPES[mask.shape](mask, x, y, width, height)
    soft = mask.feather * min(width, height)
    # Fully seen is what lies a feather inside; the least is a pixel, half of it outside.
    seen = _smooth(inside / soft) if soft > 1 else np.clip(inside + 0.5, 0, 1)
    if mask.shape == "luminance":
        seen = seen * _lit(mask, colours)
    return np.asarray(1 - seen if mask.invert else seen, np.float32)


def _smooth(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0, 1)
    found: np.ndarray = part * part * (3 - 2 * part)
    return found


def _ellipse(mask: Mask, x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
    a, b = width / 2, height / 2
    reach = np.sqrt((x / a) ** 2 + (y / b) ** 2)
    slope = np.sqrt((x / a**2) ** 2 + (y / b**2) ** 2)
    # To the first order: how far reach is from 1, by how fast it grows; in the very middle
    # nothing grows, and the edge is half the shorter side away.
    away = np.maximum(slope / np.maximum(reach, 1e-6), 1 / max(a, b))
    return np.where(reach < 1e-6, min(a, b), (1 - reach) / away)


def _rounded(mask: Mask, x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
    radius = mask.corner * min(width, height)
    past_x, past_y = np.abs(x) - (width / 2 - radius), np.abs(y) - (height / 2 - radius)
    round_corner = np.hypot(np.maximum(past_x, 0), np.maximum(past_y, 0))
    found: np.ndarray = radius - round_corner - np.minimum(np.maximum(past_x, past_y), 0)
    return found


def _feathered(mask: Mask, x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
    found: np.ndarray = np.minimum(width / 2 - np.abs(x), height / 2 - np.abs(y))
    return found


def _polygon(mask: Mask, x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
    """Distance to the nearest side; inside where sides are crossed an odd number of times on the
    way to the left.
    """
    corners = mask.points or regular(mask.sides)
    ends = [((u - 0.5) * width, (v - 0.5) * height) for u, v in corners]
    shape = np.broadcast_shapes(x.shape, y.shape)
    nearest = np.full(shape, np.inf, np.float32)
    inside = np.zeros(shape, bool)
    for (x0, y0), (x1, y1) in zip(ends, ends[1:] + ends[:1], strict=True):
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        if length == 0:
            continue
        along = np.clip(((x - x0) * dx + (y - y0) * dy) / length, 0, 1)
        away = (x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2
        np.minimum(nearest, away, out=nearest)
        if dy != 0:
            spans = (y0 > y) != (y1 > y)
            inside ^= spans & (x > x0 + (y - y0) * (dx / dy))
    found: np.ndarray = np.sqrt(nearest) * np.where(inside, 1, -1)
    return found


def regular(sides: int) -> Points:
    """The corners of a regular polygon, one at the top, stretched to fill its piece."""
    turns = [math.tau * k / sides for k in range(sides)]
    x, y = [math.sin(t) for t in turns], [-math.cos(t) for t in turns]
    wide, high = max(x) - min(x), max(y) - min(y)
    return tuple(((u - min(x)) / wide, (v - min(y)) / high) for u, v in zip(x, y, strict=True))


def _lit(mask: Mask, picture: np.ndarray) -> np.ndarray:
    """Luma of Rec. 709 against the threshold."""
    red, green, blue = (np.float32(share) for share in LUMINANCE)
    luma = picture[0] * red + picture[1] * green + picture[2] * blue
    above = (luma - mask.threshold) / max(mask.softness, 1 / 255) + 0.5
    seen = _smooth(above)
    return 1 - seen if mask.falls == "light" else seen


# By name: how far inside each place lies, in pixels, for (mask, x, y, width, height).
SHAPES: dict[str, Callable[[Mask, np.ndarray, np.ndarray, float, float], np.ndarray]] = {
    "ellipse": _ellipse,
    "rounded": _rounded,
    "polygon": _polygon,
    "feather": _feathered,
    "luminance": _feathered,  # `cutout` asks the piece's own pixels too
}
