"""One layer as networks learn it: a convolution, its batch norm where it has one, and a ReLU, under
one name. What is before the ReLU is what the batch norm puts out; cuts fold that one away.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Convolved(nn.Module):
    """Maps `(B, in, H, W)` → `(B, out, H', W')`, never below 0.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel: side of the filters.
        stride: places a step.
        padding: zeros on every side.
        groups: as many parts the channels fall into, that do not see each other.
        norm: whether a batch norm, whose shift is then the only bias, stands before the ReLU.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        norm: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride, padding, groups=groups, bias=not norm
        )
        self.bn = nn.BatchNorm2d(out_channels) if norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)
