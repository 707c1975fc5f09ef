"""Oklab, in which equal distances look about equal and hue does not turn as chroma changes: the
space in which colours are matched, kept and brought into range (Ottosson 2020,
https://bottosson.github.io/posts/oklab/).

Matrices are applied as plain sums: a device's matrix units may round to ten bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Matrix = Sequence[Sequence[float]]

LMS_OF_LINEAR: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
OKLAB_OF_ROOTS: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
ROOTS_OF_OKLAB: Matrix = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
LINEAR_OF_LMS: Matrix = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
# Below this, less than one level of 16 bits, the cube root is a straight line: its slope at 0 is
# not finite.
DARKEST = 1e-6
SLOPE = DARKEST ** (-2 / 3)


def mixed(matrix: Matrix, planes: Tensor) -> Tensor:
    """`matrix` (3 × 3) times the channels of `(B, 3, …)`."""
    x, y, z = planes.unbind(1)
    return torch.stack([row[0] * x + row[1] * y + row[2] * z for row in matrix], 1)


def linear_of_srgb(image: Tensor) -> Tensor:
    """Linear light of sRGB values (IEC 61966-2-1), any shape; odd about 0, so that values out of
    [0, 1] come back too.
    """
    size = image.abs()
    curve = ((size.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(size <= 0.04045, image / 12.92, curve * image.sign())


def srgb_of_linear(light: Tensor) -> Tensor:
    """Linear light as sRGB values: the inverse of `linear_of_srgb`."""
    size = light.abs()
    curve = 1.055 * size.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(size <= 0.0031308, light * 12.92, curve * light.sign())


def oklab_of_linear(light: Tensor) -> Tensor:
    """Oklab of linear sRGB light, `(B, 3, …)` both: L in [0, 1] for what a screen shows, a and b
    within about ±0.32.
    """
    lms = mixed(LMS_OF_LINEAR, light)
    size = lms.abs()
    root = size.clamp(min=DARKEST) ** (1 / 3) * lms.sign()
    return mixed(OKLAB_OF_ROOTS, torch.where(size <= DARKEST, lms * SLOPE, root))


def linear_of_oklab(lab: Tensor) -> Tensor:
    """Linear sRGB light of Oklab, `(B, 3, …)` both; what a screen cannot show is out of [0, 1]."""
    root = mixed(ROOTS_OF_OKLAB, lab)
    dark = root.abs() <= DARKEST ** (1 / 3)
    return mixed(LINEAR_OF_LMS, torch.where(dark, root / SLOPE, root**3))


def oklab_of_srgb(image: Tensor) -> Tensor:
    """Oklab of a picture `(B, 3, H, W)` in [0, 1]; the gradient is finite everywhere."""
    return oklab_of_linear(linear_of_srgb(image))


def srgb_of_oklab(lab: Tensor) -> Tensor:
    """The picture of Oklab `(B, 3, H, W)`; may leave [0, 1] (`gamut` brings it back)."""
    return srgb_of_linear(linear_of_oklab(lab))
