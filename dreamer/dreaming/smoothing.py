"""Gaussian smoothing of the picture between steps, which keeps ascent from living on the finest
grain (Yosinski et al. 2015; auduno/deepdraw).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

REACH = 4.0  # deviations after which a Gaussian is cut, as scipy does


def gaussian(
    picture: Tensor, sigma: Tensor | float, reach: int | None = None, wrapped: bool = False
) -> Tensor:
    """`picture` under a Gaussian of `sigma` pixels, edges mirrored, or going on at the other side
    if `wrapped`; `(B, C, H, W)` → the same.

    Args:
        picture: any range; its mean stays about as it is.
        sigma: 0 changes nothing. A tensor of one element on the picture's device may change from
            step to step without being read.
        reach: pixels to each side that are seen, at most the shorter side; 4 σ unless given.
        wrapped: what is beyond the edges.

    Raises:
        ValueError: sigma is a tensor and there is no `reach`.
    """
    if reach is None:
        if isinstance(sigma, Tensor):
            raise ValueError("gaussian: a sigma that is a tensor needs a reach, in whole pixels")
        reach = int(REACH * sigma + 0.5)
    reach = min(reach, picture.shape[2], picture.shape[3])
    if reach == 0:
        return picture
    offsets = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    least = torch.finfo(picture.dtype).eps  # so narrow that no neighbour counts
    narrow = sigma.clamp(min=least) if isinstance(sigma, Tensor) else max(sigma, least)
    kernel = torch.exp(-(offsets / narrow).square() / 2)
    kernel = (kernel / kernel.sum()).to(picture.dtype)
    beyond = _wrapped if wrapped else _mirrored
    planes = picture.flatten(0, 1)[:, None]
    planes = F.conv2d(beyond(planes, reach, 2), kernel[None, None, :, None])
    planes = F.conv2d(beyond(planes, reach, 3), kernel[None, None, None, :])
    return planes.view(picture.shape)


def _mirrored(planes: Tensor, reach: int, axis: int) -> Tensor:
    """`planes` with `reach` pixels more at both ends, the last one twice; by flips and
    concatenation, whose backward pass is the same on every run.
    """
    count = planes.shape[axis]
    before = planes.narrow(axis, 0, reach).flip(axis)
    after = planes.narrow(axis, count - reach, reach).flip(axis)
    return torch.cat([before, planes, after], axis)


def _wrapped(planes: Tensor, reach: int, axis: int) -> Tensor:
    """`planes` with `reach` pixels more at both ends, those of the other end."""
    count = planes.shape[axis]
    before, after = planes.narrow(axis, count - reach, reach), planes.narrow(axis, 0, reach)
    return torch.cat([before, planes, after], axis)
