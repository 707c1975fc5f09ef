"""What is climbed need not be the pixels: a parameterisation says by which numbers a picture is
told, and so which pictures are near (Mordvintsev et al., *Differentiable Image
Parameterizations*, 2018).

Each is made for one size, device and dtype, so that its constants are computed once and no step
copies anything to the device. Parameters are a tuple of tensors whose first axis is the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.dreaming import randomness

Size = tuple[int, int]
Parameters = tuple[Tensor, ...]
BLACKEST = 1 / 1024  # no logit is asked of anything nearer to 0 or 1


class Parameterisation(NamedTuple):
    """`start(seed)` gives the parameters of one picture, `picture(parameters)` the pictures
    `(B, 3, H, W)` in [0, 1], differentiably.

    `parameters(picture)` are those of a given picture; None where there is no way back, so that
    no film can feed its frames to it.
    """

    start: Callable[[int], Parameters]
    picture: Callable[[Parameters], Tensor]
    parameters: Callable[[Tensor], Parameters] | None = None


def batched(several: Sequence[Parameters]) -> Parameters:
    """The parameters of several pictures as those of one batch."""
    return tuple(torch.cat(same) for same in zip(*several, strict=True))


def logit(picture: Tensor) -> Tensor:
    """What the sigmoid makes `picture` of; black and white stay finite."""
    return torch.logit(picture, BLACKEST)


def pixels(
    size: Size,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    deviation: float = 0.01,
) -> Parameterisation:
    """The logit of each pixel, `(B, 3, H, W)`, from N(0, `deviation`): nearly grey.

    Every frequency climbs alike, and the highest are most of them: what is left of a network's
    view when nothing is asked of the picture.
    """

    def start(seed: int) -> Parameters:
        return ((deviation * randomness.normals((1, 3, *size), seed, "pixels")).to(device, dtype),)

    return Parameterisation(start, lambda p: torch.sigmoid(p[0]), lambda shown: (logit(shown),))
