"""sRGB levels and the light that they stand for (IEC 61966-2-1): light adds up, levels do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Shares of a colour's luminance that its linear red, green and blue have.
LUMINANCE = (0.2126, 0.7152, 0.0722)
AT_ONCE = 1 << 14


def linear_of_srgb(levels: np.ndarray) -> np.ndarray:
    """Levels in [0, 1], of any shape, as linear light in [0, 1], float32; what is outside is cut.

    The same for a level wherever it stands, whatever else is in the array.
    """
    return _changed(levels, _light)


def srgb_of_linear(light: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1] as levels in [0, 1], float32: the inverse of `linear_of_srgb`."""
    return _changed(light, _level)


def _changed(values: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`change` of all `values`, as many at once as a processor keeps near."""
    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    out = np.empty_like(flat)
    for k in range(0, flat.size, AT_ONCE):
        out[k : k + AT_ONCE] = change(np.clip(flat[k : k + AT_ONCE], 0, 1))
    return out.reshape(values.shape)


def _light(level: np.ndarray) -> np.ndarray:
    curve = np.power((level + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(level <= np.float32(0.04045), level / np.float32(12.92), curve)


def _level(light: np.ndarray) -> np.ndarray:
    curve = np.float32(1.055) * np.power(light, np.float32(1 / 2.4)) - np.float32(0.055)
    return np.where(light <= np.float32(0.0031308), light * np.float32(12.92), curve)


def luminance(levels: np.ndarray) -> np.ndarray:
    """How much light levels `(3 or 4, …)` give off, `(…)` float32 in [0, 1]; alpha is no matter."""
    light = linear_of_srgb(levels[:3])
    red, green, blue = (np.float32(share) for share in LUMINANCE)
    found: np.ndarray = light[0] * red + light[1] * green + light[2] * blue
    return found
