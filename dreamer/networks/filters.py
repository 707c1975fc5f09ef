"""The filters of a network's first layer as pictures: the one layer that looks at colours."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from dreamer.errors import NetworkError


def _convolutions(module: nn.Module) -> list[nn.Conv2d]:
    found = [part for part in module.modules() if isinstance(part, nn.Conv2d)]
    if not found or found[0].in_channels not in (1, 3):
        raise NetworkError(
            f"{type(module).__name__} has no first convolution that sees three colours, or grey"
        )
    return found


def first_layer_filters(module: nn.Module, order: Literal["RGB", "BGR"] = "RGB") -> Tensor:
    """Filters of the first convolution as pictures `(N, 3, k, k)` in [0, 1], RGB; grey ones of a
    network that sees grey.

    Each is scaled by its own strongest weight; mid-grey (0.5) is a weight of zero.

    Args:
        module: a network whose first convolution sees pictures.
        order: the channels' order in which the network wants them, as its card says.

    Raises:
        NetworkError: a network whose first convolution sees no pictures.
    """
    weight = _convolutions(module)[0].weight.detach().float()
    weight = weight.flip(1) if order == "BGR" else weight
    weight = weight.expand(-1, 3, -1, -1)
    strongest = weight.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12)
    return 0.5 + 0.5 * weight / strongest


def filter_families(module: nn.Module) -> Tensor:
    """The group of each filter of the first convolution, `(N,)` whole numbers from 0.

    Where the second convolution has groups, as AlexNet's two, each sees only its own filters, and
    the families learn different things: edges, colours. Otherwise all are family 0.

    Raises:
        NetworkError: a network whose first convolution sees no pictures.
    """
    first, *others = _convolutions(module)
    groups = others[0].groups if others and others[0].in_channels == first.out_channels else 1
    if groups == first.out_channels:  # depthwise: a group a channel is no family
        groups = 1
    return torch.arange(first.out_channels) * groups // first.out_channels
