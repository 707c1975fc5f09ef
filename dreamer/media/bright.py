"""Films made for bright screens (HDR), as pictures show them: light decoded to what a screen would
give off, colours from BT.2020's primaries to BT.709's, and what is brighter than white paper rolled
off instead of cut.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

WHITE = 203.0  # nits of white paper (ITU-R BT.2408)
KNEE = 0.75  # of white: up to here light stays as it is, beyond it nears 1 and never passes
PEAK = 1000.0  # nits of the screen that HLG is shown on
# Linear colours from BT.2020's primaries to BT.709's (ITU-R BT.2087, inverted), white to white.
TO_709 = (
    (1.660491, -0.587641, -0.072850),
    (-0.124550, 1.132900, -0.008349),
    (-0.018151, -0.100579, 1.118730),
)
LUMINANCE = (0.2627, 0.6780, 0.0593)  # of BT.2020


def pq_nits(coded: np.ndarray) -> np.ndarray:
    """What a screen gives off, in nits, for levels in [0, 1] (SMPTE ST 2084)."""
    powered = np.power(np.clip(coded, 0, 1), 4096 / 2523 / 128)
    part = np.maximum(powered - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * powered)
    found: np.ndarray = 10_000 * np.power(part, 16384 / 2610)
    return found


def hlg_nits(coded: np.ndarray) -> np.ndarray:
    """What a screen of `PEAK` nits gives off for levels `(3, H, W)` in [0, 1] (ITU-R BT.2100)."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    levels = np.clip(coded, 0, 1)
    scene = np.where(levels <= 0.5, levels**2 / 3, (np.exp((levels - c) / a) + b) / 12)
    light = np.tensordot(np.array(LUMINANCE, scene.dtype), scene, 1)
    found: np.ndarray = PEAK * np.power(light, 0.2)[None] * scene
    return found


def shown(coded: np.ndarray, transfer: str) -> np.ndarray:
    """A frame `(3, H, W)` of BT.2020 levels in [0, 1], as sRGB, float32 in [0, 1].

    The brightest of a place's three colours is rolled off and the others with it, so that hues
    stay; what BT.709 has no colour for is cut.

    Args:
        coded: levels as the film has them.
        transfer: a key of `BRIGHT`.
    """
    nits = BRIGHT[transfer][1](coded.astype(np.float32))
    linear = np.tensordot(np.array(TO_709, np.float32), nits / np.float32(WHITE), 1)
    linear = np.maximum(linear, 0)
    most = np.maximum(linear.max(0), 1e-6)
    beyond = np.maximum(most - KNEE, 0) / (1 - KNEE)
    rolled = np.where(most <= KNEE, most, KNEE + (1 - KNEE) * beyond / (1 + beyond))
    linear = linear * (rolled / most)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.ascontiguousarray(np.clip(coded, 0, 1), np.float32)


# By ffmpeg's word: what people call it, and how it is decoded.
BRIGHT: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "smpte2084": ("PQ", pq_nits),
    "arib-std-b67": ("HLG", hlg_nits),
}
