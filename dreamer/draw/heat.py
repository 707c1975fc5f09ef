"""Heat maps over pictures: the picture in grey, and on it, the brighter the more, where something
is.
"""

from __future__ import annotations

import numpy as np

# Black, violet, red, orange, pale yellow: light grows evenly, so that it reads without colours too.
STOPS = np.array(
    [(0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], np.float32
)
GREY = np.array([0.2126, 0.7152, 0.0722], np.float32)
FULL = 99.0  # the percentile of a map that is shown at full strength


def heated(picture: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """`picture` `(3, H, W)` in [0, 1] in dark grey under the map `shares` `(H, W)` ≥ 0, itself
    `(3, H, W)` in [0, 1].
    """
    most = float(np.percentile(shares, FULL)) or float(shares.max())
    heat = np.clip(shares / most, 0, 1) if most > 0 else np.zeros_like(shares)
    place = heat * (len(STOPS) - 1)
    below = np.minimum(place.astype(int), len(STOPS) - 2)
    part = (place - below)[..., None]
    colour = (STOPS[below] * (1 - part) + STOPS[below + 1] * part) / 255
    grey = np.einsum("c,chw->hw", GREY, picture)[..., None]
    cover = np.sqrt(heat)[..., None] * 0.85
    mixed: np.ndarray = (0.55 * grey * (1 - cover) + colour * cover).transpose(2, 0, 1)
    return np.ascontiguousarray(mixed.clip(0, 1), np.float32)
