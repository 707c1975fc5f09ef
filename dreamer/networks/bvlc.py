"""GoogLeNet as the Berkeley Vision and Learning Center trained it in Caffe: the network of
google/deepdream, and of Places205 and Places365 with another number of classes.

It has biases and no batch norm, local response norm, real 5×5 convolutions, and poolings that
round up: torchvision's GoogLeNet is another network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Widths(NamedTuple):
    """Output channels of an Inception block's convolutions, as its prototxt names them."""

    c1x1: int
    c3x3_reduce: int
    c3x3: int
    c5x5_reduce: int
    c5x5: int
    pool_proj: int

    @property
    def out(self) -> int:
        return self.c1x1 + self.c3x3 + self.c5x5 + self.pool_proj


BLOCKS: dict[str, Widths] = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}
BRANCHES = ("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj")
STEM = {"conv1/7x7_s2": "conv1", "conv2/3x3_reduce": "conv2_reduce", "conv2/3x3": "conv2"}
POOLS = {
    "pool1/3x3_s2": "pool1",
    "pool1/norm1": "norm1",
    "conv2/norm2": "norm2",
    "pool2/3x3_s2": "pool2",
    "pool3/3x3_s2": "pool3",
    "pool4/3x3_s2": "pool4",
}


class Rectified(nn.Module):
    """A convolution and its ReLU, one layer in Caffe, where the ReLU is written in place; the
    convolution's own output is reached as the value before the activation.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x))


class Inception(nn.Module):
    """Four branches side by side, concatenated in Caffe's order: 1×1, 3×3, 5×5, pool.

    Without `pool_first`, the last branch pools what its convolution made.
    """

    def __init__(self, in_channels: int, widths: Widths, pool_first: bool = True) -> None:
        super().__init__()
        self.pool_first = pool_first
        self.conv_1x1 = Rectified(in_channels, widths.c1x1, 1)
        self.conv_3x3_reduce = Rectified(in_channels, widths.c3x3_reduce, 1)
        self.conv_3x3 = Rectified(widths.c3x3_reduce, widths.c3x3, 3, padding=1)
        self.conv_5x5_reduce = Rectified(in_channels, widths.c5x5_reduce, 1)
        self.conv_5x5 = Rectified(widths.c5x5_reduce, widths.c5x5, 5, padding=2)
        self.pool = nn.MaxPool2d(3, 1, 1)
        self.pool_proj = Rectified(in_channels, widths.pool_proj, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(
            [
                self.conv_1x1(x),
                self.conv_3x3(self.conv_3x3_reduce(x)),
                self.conv_5x5(self.conv_5x5_reduce(x)),
                self.pool_proj(self.pool(x)) if self.pool_first else self.pool(self.pool_proj(x)),
            ],
            1,
        )


class AuxiliaryHead(nn.Module):
    """Classes from the middle of the network (loss1 after 4a, loss2 after 4d), for pictures of
    224 pixels.
    """

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, 3, ceil_mode=True)
        self.conv = Rectified(in_channels, 128, 1)
        self.fc = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.classifier = nn.Linear(1024, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.pool(x)).flatten(1)
        logits: Tensor = self.classifier(self.dropout(self.relu(self.fc(x))))
        return logits


class BvlcGoogLeNet(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, BGR, 0–255, minus the mean.

    With `auxiliary`, `all_logits` gives those of loss1 and loss2 too. dream-creator's networks, in
    other ways the same, were trained without `pool_first`: the same weights mean something else.
    """

    def __init__(self, classes: int, auxiliary: bool = False, pool_first: bool = True) -> None:
        super().__init__()
        self.conv1 = Rectified(3, 64, 7, 2, 3)
        self.pool1 = _halving()
        self.norm1 = nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0)
        self.conv2_reduce = Rectified(64, 64, 1)
        self.conv2 = Rectified(64, 192, 3, padding=1)
        self.norm2 = nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0)
        self.pool2 = _halving()
        channels = 192
        for name, widths in BLOCKS.items():
            self.add_module(f"inception_{name}", Inception(channels, widths, pool_first))
            channels = widths.out
        self.pool3 = _halving()
        self.pool4 = _halving()
        self.dropout = nn.Dropout(0.4)
        self.classifier = nn.Linear(channels, classes)
        self.loss1 = AuxiliaryHead(BLOCKS["4a"].out, classes) if auxiliary else None
        self.loss2 = AuxiliaryHead(BLOCKS["4d"].out, classes) if auxiliary else None

    def all_logits(self, x: Tensor) -> list[Tensor]:
        """Logits of all heads, the network's own last."""
        found = []
        x = self.norm1(self.pool1(self.conv1(x)))
        x = self.pool2(self.norm2(self.conv2(self.conv2_reduce(x))))
        for name in BLOCKS:
            if name == "4a":
                x = self.pool3(x)
            elif name == "5a":
                x = self.pool4(x)
            x = self.get_submodule(f"inception_{name}")(x)
            if name == "4a" and self.loss1 is not None:
                found.append(self.loss1(x))
            elif name == "4d" and self.loss2 is not None:
                found.append(self.loss2(x))
        return [*found, self.classifier(self.dropout(x.mean((2, 3))))]

    def forward(self, x: Tensor) -> Tensor:
        return self.all_logits(x)[-1]


def _halving() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def layer_names(auxiliary: bool = False) -> dict[str, str]:
    """Caffe's name of each layer, and the submodule whose output it is; `inception_4c/output` is
    `inception_4c`.
    """
    names = {**STEM, **POOLS}
    for block in BLOCKS:
        for branch in BRANCHES:
            names[f"inception_{block}/{branch}"] = _path(f"inception_{block}/{branch}")
        names[f"inception_{block}/pool"] = f"inception_{block}.pool"
        names[f"inception_{block}"] = f"inception_{block}"
    if auxiliary:
        for head in ("loss1", "loss2"):
            parts = {"ave_pool": "pool", "conv": "conv", "fc": "relu", "classifier": "classifier"}
            names |= {f"{head}/{name}": f"{head}.{part}" for name, part in parts.items()}
    return names


ALIASES = {
    "conv1": "conv1/7x7_s2",
    "conv2": "conv2/3x3",
    **{f"pool{n}": f"pool{n}/3x3_s2" for n in range(1, 5)},
    "norm1": "pool1/norm1",
    "norm2": "conv2/norm2",
}


def _path(layer: str) -> str:
    """The submodule that Caffe's layer `layer` is."""
    block, _, part = layer.partition("/")
    if block.startswith("inception_"):
        return f"{block}.{part if part == 'pool_proj' else f'conv_{part}'}"
    return STEM[layer]


def from_caffe_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of `BvlcGoogLeNet` from tensors by Caffe's names, as
    `inception_4c/3x3_reduce.weight` and `loss3/classifier.bias`; those it does not know keep their
    names.
    """
    paths = {layer: f"{path}.conv" for layer, path in layer_names().items()}
    paths["loss3/classifier"] = "classifier"
    for head in ("loss1", "loss2"):
        paths[f"{head}/conv"] = f"{head}.conv.conv"
        paths |= {f"{head}/{part}": f"{head}.{part}" for part in ("fc", "classifier")}
    return renamed(tensors, paths)


def renamed(tensors: Mapping[str, Tensor], paths: Mapping[str, str]) -> dict[str, Tensor]:
    """`tensors` (`LAYER.weight`, `LAYER.bias`) by the submodule `paths[LAYER]` instead of by layer;
    those of other layers keep their names.
    """
    found = {}
    for key, tensor in tensors.items():
        layer, _, kind = key.rpartition(".")
        found[f"{paths.get(layer, layer)}.{kind}"] = tensor
    return found
