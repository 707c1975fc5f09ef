"""What of a piece is drawn at its own size wherever it is laid, where its picture is held smaller
and spread: its mask's edge, its border and the words on it. They are functions of a place, and as
sharp in print as in small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dreamer.draw.blending import blend
from dreamer.draw.cutouts import Mask, seen_at
from dreamer.draw.dress import Dress
from dreamer.draw.framing import Letters, color_of, inner, lettered
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.sampling import between
from dreamer.draw.spots import Spot

Box = tuple[float, float, float, float]  # left, top, right, bottom from a piece's middle, in pixels


@dataclass(frozen=True)
class Around:
    """Where the picture lies in a piece of `size` (width, height), how it is cut out, and what it
    lies on: a colour `(4,)` and words.
    """

    box: Box
    size: tuple[float, float]
    mask: Mask | None = None
    paper: np.ndarray | None = None
    letters: Letters | None = None

    def over(self, planes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """A piece at places in pixels from its middle, `(4, n)` with straight alpha.

        Args:
            planes: its picture there, `(4, n)` in [0, 1], straight alpha; may be changed.
            x: how far to the right they are, `(n,)` float64.
            y: how far down they are, `(n,)` float64.
        """
        left, top, right, bottom = self.box
        if self.mask is not None:
            across = (x - (left + right) / 2).astype(np.float32)
            down = (y - (top + bottom) / 2).astype(np.float32)
            planes[3] *= seen_at(self.mask, across, down, (right - left, bottom - top), planes)
        if self.paper is None:
            return planes
        planes[3] *= part_of(x, left, right) * part_of(y, top, bottom)
        paper = np.broadcast_to(self.paper[:, None, None], (4, 1, len(x)))
        found = blend("normal", paper, planes[:3, None], planes[3:])
        if self.letters is not None:
            self._write(self.letters, found, x, y)
        return found[:, 0]

    def _write(self, letters: Letters, found: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
        rows, columns = letters.ink.shape
        width, height = self.size
        v = (y / height + 0.5) * (rows + letters.top) - letters.top
        here = np.flatnonzero(v > 0)
        u = (x[here] / width + 0.5) * columns
        ink = between(letters.ink, u, v[here]) / np.float32(255)
        color = np.broadcast_to(letters.color[:, None, None], (3, 1, len(here)))
        found[:, :, here] = blend("normal", found[:, :, here], color, ink[None])


def around_of(placement: Placement, dress: Dress, loose: Spot, exact: bool) -> Around:
    """What is around the picture of a piece that lies at `loose`; straight edges lie at its whole
    pixels, unless `exact`.
    """
    width, height = loose.width, loose.height
    frame = placement.frame
    left, top, right, bottom = inner(frame, width, height) if frame else (0, 0, width, height)
    if not exact:
        left, top = round(left), round(top)
        right, bottom = max(round(right), left + 1), max(round(bottom), top + 1)
    x, y = width / 2, height / 2
    box = left - x, top - y, right - x, bottom - y
    if frame is None:
        return Around(box, (width, height), dress.mask)
    size = max(1, round(width)), max(1, round(height))
    letters = lettered(frame, placement.caption, size, dress.font)
    return Around(box, (width, height), dress.mask, color_of(frame.color), letters)


def part_of(middle: np.ndarray, low: float, high: float) -> np.ndarray:
    """How much of each pixel about `middle` lies between `low` and `high`, float32."""
    part = np.minimum(middle + 0.5, high) - np.maximum(middle - 0.5, low)
    return np.asarray(np.clip(part, 0, 1), np.float32)
