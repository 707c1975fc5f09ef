"""sRGB and CIE L*a*b* of 1976, where distances are about as large as they look (white is D65, as
sRGB's own).
"""

from __future__ import annotations

import numpy as np

from dreamer.draw.light import linear_of_srgb, luminance, srgb_of_linear

# Linear sRGB to CIE XYZ (IEC 61966-2-1), and the white that its (1, 1, 1) is.
TO_XYZ = np.array(
    [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
)
FROM_XYZ = np.linalg.inv(TO_XYZ)
WHITE = TO_XYZ.sum(1)
KNEE = 6 / 29  # below it the cube root is replaced by its tangent (CIE 15)


def lab_of_srgb(levels: np.ndarray) -> np.ndarray:
    """Levels `(3, …)` in [0, 1] as `(3, …)` float32: L* in [0, 100], a* and b* in about ±110."""
    light = linear_of_srgb(levels[:3])
    x, y, z = (_root(_mixed(row / white, light)) for row, white in zip(TO_XYZ, WHITE, strict=True))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def lightness(levels: np.ndarray) -> np.ndarray:
    """L* of levels `(3 or 4, …)`, `(…)` float32 in [0, 100]."""
    found: np.ndarray = 116 * _root(luminance(levels)) - 16
    return found


def srgb_of_lab(lab: np.ndarray) -> np.ndarray:
    """L*, a*, b* `(3, …)` as levels `(3, …)` float32 in [0, 1]; what sRGB has no colour for is cut
    at its nearest levels.
    """
    lab = np.asarray(lab, np.float32)
    middle = (lab[0] + 16) / 116
    roots = (middle + lab[1] / 500, middle, middle - lab[2] / 200)
    xyz = np.stack([_cube(root) * np.float32(w) for root, w in zip(roots, WHITE, strict=True)])
    return srgb_of_linear(np.stack([_mixed(row, xyz) for row in FROM_XYZ]))


def tinted(levels: np.ndarray, tint: tuple[float, float, float]) -> np.ndarray:
    """`levels` `(3 or 4, …)` with `tint` (L*, a*, b*) added to their colours; alpha stays."""
    lab = lab_of_srgb(levels[:3])
    for channel, added in zip(lab, tint, strict=True):
        channel += np.float32(added)
    lab[0] = np.clip(lab[0], 0, 100)
    return np.concatenate([srgb_of_lab(lab), levels[3:].astype(np.float32)])


def _mixed(row: np.ndarray, planes: np.ndarray) -> np.ndarray:
    one, two, three = row.astype(np.float32)
    found: np.ndarray = one * planes[0] + two * planes[1] + three * planes[2]
    return found


def _root(part: np.ndarray) -> np.ndarray:
    straight = part * np.float32(1 / (3 * KNEE**2)) + np.float32(4 / 29)
    return np.where(part > np.float32(KNEE**3), np.cbrt(part), straight)


def _cube(root: np.ndarray) -> np.ndarray:
    straight = (root - np.float32(4 / 29)) * np.float32(3 * KNEE**2)
    return np.where(root > np.float32(KNEE), root * root * root, straight)
