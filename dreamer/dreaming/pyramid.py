"""Pictures as Laplacian pyramids (Burt and Adelson 1983): levels of half the size each, which add
up, so that one number moves a large patch as easily as another a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from dreamer.dreaming import randomness
from dreamer.dreaming.colour import lucid_root
from dreamer.dreaming.parameterisation import Parameterisation, Parameters, Size, logit
from dreamer.dreaming.resampling import along, resized


def sizes_of(size: Size, smallest: int = 6) -> list[Size]:
    """The levels' (height, width), finest first, down to a shorter side of about `smallest`."""
    sizes = [size]
    while min(sizes[-1]) >= 2 * smallest:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return sizes


def split(picture: Tensor, sizes: Sequence[Size]) -> Parameters:
    """The levels of `(B, C, H, W)`, finest first: each is what the next, grown, does not show."""
    levels = []
    for size in sizes[1:]:
        smaller = resized(picture, size)
        levels.append(picture - resized(smaller, (picture.shape[2], picture.shape[3])))
        picture = smaller
    return (*levels, picture)


def merged(levels: Parameters) -> Tensor:
    """The picture whose levels, finest first, these are: all grown to the finest and added."""
    *finer, picture = levels
    for level in reversed(finer):
        picture = level + resized(picture, (level.shape[2], level.shape[3]))
    return picture


def laplacian(
    size: Size,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    deviation: float = 0.1,
) -> Parameterisation:
    """Levels `(B, 3, h, w)`, finest first, from N(0, `deviation`) each, which is noise of 1/f;
    coloured by `lucid_root`, through a sigmoid.
    """
    sizes = sizes_of(size)
    root = lucid_root().to(device, dtype)
    inverse = torch.linalg.inv(lucid_root()).to(device, dtype)
    growing = [
        tuple(along(few, many, device=device, dtype=dtype) for few, many in zip(s, b, strict=True))
        for b, s in pairwise(sizes)
    ]

    def start(seed: int) -> Parameters:
        return tuple(
            (deviation * randomness.normals((1, 3, *level), seed, "laplacian", k)).to(device, dtype)
            for k, level in enumerate(sizes)
        )

    def picture(parameters: Parameters) -> Tensor:
        *finer, plane = parameters
        for level, (rows, columns) in zip(reversed(finer), reversed(growing), strict=True):
            plane = level + rows @ plane @ columns.T
        return torch.sigmoid(torch.einsum("dc,bchw->bdhw", root, plane))

    def parameters(shown: Tensor) -> Parameters:
        return split(torch.einsum("dc,bchw->bdhw", inverse, logit(shown)), sizes)

    return Parameterisation(start, picture, parameters)
