"""The house network: a small GoogLeNet of smooth parts, made to be dreamt with rather than to
win at accuracy.

Where it differs from GoogLeNet, it does so for the sake of its gradient: SiLU instead of ReLU,
average pooling instead of strided convolutions and max pooling (no checkerboards in the backward
pass), no local response norm.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class Widths(NamedTuple):
    """Output channels of an Inception block's convolutions, named as in GoogLeNet's prototxt."""

    c1x1: int
    c3x3_reduce: int
    c3x3: int
    c5x5_reduce: int
    c5x5: int
    pool_proj: int

    @property
    def out(self) -> int:
        return self.c1x1 + self.c3x3 + self.c5x5 + self.pool_proj


STEM = (24, 64)
BLOCKS: dict[str, Widths] = {
    "inception_3a": Widths(32, 32, 64, 8, 32, 16),
    "inception_3b": Widths(40, 40, 88, 16, 40, 32),
    "inception_4a": Widths(64, 48, 120, 16, 40, 32),
    "inception_4b": Widths(72, 64, 128, 16, 40, 40),
    "inception_4c": Widths(80, 64, 144, 16, 48, 40),
    "inception_4d": Widths(80, 72, 160, 16, 48, 40),
    "inception_4e": Widths(96, 80, 176, 16, 64, 48),
    "inception_5a": Widths(120, 88, 200, 32, 80, 64),
    "inception_5b": Widths(144, 96, 224, 32, 80, 64),
}
POOL_BEFORE = ("inception_3a", "inception_4a", "inception_5a")


class Conv(nn.Module):
    """Convolution, batch norm, SiLU; where there is no `norm`, it has been folded into the
    convolution.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, norm: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=not norm)
        self.bn = nn.BatchNorm2d(out_channels) if norm else nn.Identity()
        self.act = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.act(self.bn(self.conv(x)))
        return out


class PoolProj(Conv):
    """A 1×1 convolution of the 3×3 mean: averaged after the convolution, which commutes with it
    and leaves fewer channels to average.
    """

    def forward(self, x: Tensor) -> Tensor:
        projected = self.bn(self.conv(x))
        out: Tensor = self.act(F.avg_pool2d(projected, 3, 1, 1, count_include_pad=False))
        return out


class Inception(nn.Module):
    """Four branches side by side, concatenated in GoogLeNet's order: 1×1, 3×3, 5×5, pool."""

    def __init__(self, in_channels: int, widths: Widths, norm: bool) -> None:
        super().__init__()
        self.c1x1 = Conv(in_channels, widths.c1x1, 1, norm)
        self.c3x3_reduce = Conv(in_channels, widths.c3x3_reduce, 1, norm)
        self.c3x3 = Conv(widths.c3x3_reduce, widths.c3x3, 3, norm)
        self.c5x5_reduce = Conv(in_channels, widths.c5x5_reduce, 1, norm)
        self.c5x5 = Conv(widths.c5x5_reduce, widths.c5x5, 5, norm)
        self.pool_proj = PoolProj(in_channels, widths.pool_proj, 1, norm)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(
            [
                self.c1x1(x),
                self.c3x3(self.c3x3_reduce(x)),
                self.c5x5(self.c5x5_reduce(x)),
                self.pool_proj(x),
            ],
            1,
        )


def _halve(x: Tensor) -> Tensor:
    """Halve the size with a 4×4 mean, whose backward pass is smooth where a stride's is not."""
    return F.avg_pool2d(x, 4, 2, 1, count_include_pad=False)


class House(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, already normalised as the card
    says; H, W ≥ 16.

    `norm=True` is the network in training; `folded_state` turns its weights into those of
    `norm=False`.
    """

    def __init__(self, classes: int, norm: bool = False) -> None:
        super().__init__()
        self.conv1 = Conv(3, STEM[0], 5, norm)
        self.conv2 = Conv(STEM[0], STEM[1], 3, norm)
        channels = STEM[1]
        for name, widths in BLOCKS.items():
            self.add_module(name, Inception(channels, widths, norm))
            channels = widths.out
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(_halve(self.conv1(x)))
        for name in BLOCKS:
            if name in POOL_BEFORE:
                x = _halve(x)
            x = self.get_submodule(name)(x)
        logits: Tensor = self.classifier(x.mean((2, 3)))
        return logits


def folded_state(trained: House) -> dict[str, Tensor]:
    """Weights for `House(classes)` that give what `trained`, a `House(classes, norm=True)`,
    gives in eval mode.
    """
    state = {f"classifier.{k}": v.detach() for k, v in trained.classifier.state_dict().items()}
    trained = copy.deepcopy(trained).eval()
    for name, part in trained.named_modules():
        if isinstance(part, Conv):
            assert isinstance(part.bn, nn.BatchNorm2d)
            conv = fuse_conv_bn_eval(part.conv.eval(), part.bn.eval())
            state[f"{name}.conv.weight"] = conv.weight.detach()
            state[f"{name}.conv.bias"] = conv.bias.detach()  # type: ignore[union-attr]
    return state
