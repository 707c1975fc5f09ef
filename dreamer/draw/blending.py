"""How a colour is laid on another: the separable modes and the compositing of the W3C's
*Compositing and Blending Level 1*.

On a backdrop of colour `b` and alpha `β`, a source of colour `s` and alpha `α` gives

    mixed  = (1 − β) · s + β · B(b, s)
    alpha  = α + β · (1 − α)
    colour = (α · mixed + (1 − α) · β · b) / alpha
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dreamer.draw.light import linear_of_srgb, srgb_of_linear
from dreamer.errors import did_you_mean

Mix = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Patch(NamedTuple):
    """Pixels to be laid on a canvas: `pixels` `(4, h, w)` float32, straight alpha, their top left
    corner at column `left` and row `top`, and how: by `mode`, in `linear` light or in levels.
    """

    left: int
    top: int
    pixels: np.ndarray
    mode: str = "normal"
    linear: bool = False


def blend(
    mode: str, backdrop: np.ndarray, source: np.ndarray, alpha: np.ndarray, linear: bool = False
) -> np.ndarray:
    """`source` laid on `backdrop`.

    Args:
        mode: a key of `MODES`.
        backdrop: `(3, h, w)`, opaque, or `(4, h, w)` with straight alpha, in [0, 1].
        source: `(3, h, w)` in [0, 1].
        alpha: of the source, `(h, w)` in [0, 1].
        linear: mixed in linear light; in sRGB levels unless said.

    Returns: as `backdrop`, float32 in [0, 1].

    Raises:
        ValueError: another mode.
    """
    if mode not in MODES:
        near = did_you_mean(mode, MODES)
        raise ValueError(f"expected one of {', '.join(MODES)}, not {mode!r}{near}")
    below, above = backdrop[:3], source
    if linear:
        below, above = linear_of_srgb(below), linear_of_srgb(above)
    if len(backdrop) == 3:
        mixed = MODES[mode](below, above)
        colour = below + alpha * (mixed - below)
        return srgb_of_linear(colour) if linear else np.clip(colour, 0, 1)
    under = backdrop[3]
    mixed = above + under * (MODES[mode](below, above) - above)
    left = under * (1 - alpha)
    both = alpha + left
    colour = (alpha * mixed + left * below) / np.where(both > 0, both, 1)
    colour = srgb_of_linear(colour) if linear else np.clip(colour, 0, 1)
    return np.concatenate([colour, np.clip(both, 0, 1)[None]]).astype(np.float32, copy=False)


def laid(canvas: np.ndarray, patch: Patch) -> None:
    """Lay `patch` on `canvas` `(3 or 4, H, W)`, in place; what lies outside falls away."""
    height, width = patch.pixels.shape[1:]
    top, left = max(0, patch.top), max(0, patch.left)
    bottom = min(canvas.shape[1], patch.top + height)
    right = min(canvas.shape[2], patch.left + width)
    if top >= bottom or left >= right:
        return
    rows = slice(top - patch.top, bottom - patch.top)
    columns = slice(left - patch.left, right - patch.left)
    pixels = patch.pixels[:, rows, columns]
    place = canvas[:, top:bottom, left:right]
    place[...] = blend(patch.mode, place, pixels[:3], pixels[3], patch.linear)


def _normal(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    return s


def _multiply(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    found: np.ndarray = b * s
    return found


def _screen(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    found: np.ndarray = b + s - b * s
    return found


def _overlay(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Hard light with the two exchanged."""
    twice = 2 * b
    return np.where(twice <= 1, s * twice, _screen(s, twice - 1))


def _soft_light(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    curve = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
    toward = np.where(s <= 0.5, b * (1 - b), curve - b)
    found: np.ndarray = b + (2 * s - 1) * toward
    return found


def _difference(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.abs(b - s)
    return found


MODES: dict[str, Mix] = {
    "normal": _normal,
    "multiply": _multiply,
    "screen": _screen,
    "overlay": _overlay,
    "soft-light": _soft_light,
    "difference": _difference,
    "lighten": np.maximum,
    "darken": np.minimum,
}
