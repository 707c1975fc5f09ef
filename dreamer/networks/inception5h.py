"""Inception5h: the GoogLeNet that Google trained in TensorFlow, of lucid's pictures.

Its blocks are BVLC's but for two widths; its paddings are TensorFlow's SAME, which put the odd
pixel behind, and so depend on the picture's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from dreamer.networks.bvlc import BLOCKS as BVLC
from dreamer.networks.bvlc import BRANCHES, Widths, renamed

CLASSES = 1008
BLOCKS: dict[str, Widths] = {
    **BVLC,
    "4a": BVLC["4a"]._replace(c3x3=204),
    "5a": BVLC["5a"]._replace(c5x5_reduce=48),
}
PARTS = {
    "1x1": "1x1",
    "3x3_reduce": "3x3_bottleneck",
    "3x3": "3x3",
    "5x5_reduce": "5x5_bottleneck",
    "5x5": "5x5",
    "pool_proj": "pool_reduce",
}
STEM = {"conv1/7x7_s2": "conv2d0", "conv2/3x3_reduce": "conv2d1", "conv2/3x3": "conv2d2"}


class Norm(NamedTuple):
    """Local response norm in torch's convention, where alpha counts the mean of `size` squares."""

    size: int
    alpha: float
    beta: float
    k: float


def from_tensorflow(radius: int, bias: float, alpha: float, beta: float) -> Norm:
    """TensorFlow's `lrn`, where alpha counts the sum of `2 · radius + 1` squares."""
    size = 2 * radius + 1
    return Norm(size, alpha * size, beta, bias)


PORTED = Norm(9, 1e-4, 0.5, 1.0)
"""What the ports of these weights to PyTorch use."""
GRAPH = from_tensorflow(5, 2.0, 1e-4, 0.5)
"""What a reader of TensorFlow's own graph file reports; not checked against the file. The ports' 9
and 1 look like a converter's `2 · 5 − 1` and its forgotten bias."""


def same(x: Tensor, kernel: int, stride: int, value: float) -> Tensor:
    """`x` with TensorFlow's SAME padding of `value`: as little as gives `⌈side / stride⌉` places,
    the odd pixel behind.
    """
    sides = []
    for side in (x.shape[3], x.shape[2]):
        more = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        sides += [more // 2, more - more // 2]
    return F.pad(x, sides, value=value)


fx.wrap("same")


class Pooling(nn.Module):
    """A 3×3 max pooling with SAME padding."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.pool = nn.MaxPool2d(3, stride)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.pool(same(x, 3, self.stride, -torch.inf))
        return found


class Inception5h(nn.Module):
    """Class logits `(B, classes)` of pictures `(B, 3, H, W)`, RGB, 0–255, minus 117.

    Submodules have the names of lucid's operations, `/` as `_`.
    """

    def __init__(self, classes: int = CLASSES, norm: Norm = PORTED) -> None:
        super().__init__()
        self._add("conv2d0", 3, 64, 7, 2)
        self.maxpool0 = Pooling(2)
        self.localresponsenorm0 = nn.LocalResponseNorm(*norm)
        self._add("conv2d1", 64, 64, 1)
        self._add("conv2d2", 64, 192, 3)
        self.localresponsenorm1 = nn.LocalResponseNorm(*norm)
        self.maxpool1 = Pooling(2)
        channels = 192
        for block, w in BLOCKS.items():
            name = f"mixed{block}"
            self._add(f"{name}_1x1", channels, w.c1x1, 1)
            self._add(f"{name}_3x3_bottleneck", channels, w.c3x3_reduce, 1)
            self._add(f"{name}_3x3", w.c3x3_reduce, w.c3x3, 3)
            self._add(f"{name}_5x5_bottleneck", channels, w.c5x5_reduce, 1)
            self._add(f"{name}_5x5", w.c5x5_reduce, w.c5x5, 5)
            self.add_module(f"{name}_pool", Pooling(1))
            self._add(f"{name}_pool_reduce", channels, w.pool_proj, 1)
            self.add_module(name, nn.Identity())
            channels = w.out
        self.maxpool4 = Pooling(2)
        self.maxpool10 = Pooling(2)
        self.softmax2_pre_activation_matmul = nn.Linear(channels, classes)

    def _add(self, name: str, inside: int, out: int, kernel: int, stride: int = 1) -> None:
        made = nn.Conv2d(inside, out, kernel, stride)
        self.add_module(f"{name}_pre_relu_conv", made)
        self.add_module(name, nn.ReLU())

    def _rectified(self, name: str, x: Tensor) -> Tensor:
        conv = self.get_submodule(f"{name}_pre_relu_conv")
        assert isinstance(conv, nn.Conv2d)
        padded = same(x, conv.kernel_size[0], conv.stride[0], 0.0)
        found: Tensor = self.get_submodule(name)(conv(padded))
        return found

    def _mixed(self, name: str, x: Tensor) -> Tensor:
        branches = [
            self._rectified(f"{name}_1x1", x),
            self._rectified(f"{name}_3x3", self._rectified(f"{name}_3x3_bottleneck", x)),
            self._rectified(f"{name}_5x5", self._rectified(f"{name}_5x5_bottleneck", x)),
            self._rectified(f"{name}_pool_reduce", self.get_submodule(f"{name}_pool")(x)),
        ]
        found: Tensor = self.get_submodule(name)(torch.cat(branches, 1))
        return found

    def forward(self, x: Tensor) -> Tensor:
        x = self.localresponsenorm0(self.maxpool0(self._rectified("conv2d0", x)))
        x = self._rectified("conv2d2", self._rectified("conv2d1", x))
        x = self.maxpool1(self.localresponsenorm1(x))
        for block in BLOCKS:
            if block == "4a":
                x = self.maxpool4(x)
            elif block == "5a":
                x = self.maxpool10(x)
            x = self._mixed(f"mixed{block}", x)
        logits: Tensor = self.softmax2_pre_activation_matmul(x.mean((2, 3)))
        return logits


def layer_names() -> dict[str, str]:
    """BVLC's name of each layer, and the submodule whose output it is."""
    names = {
        **STEM,
        "pool1/3x3_s2": "maxpool0",
        "pool1/norm1": "localresponsenorm0",
        "conv2/norm2": "localresponsenorm1",
        "pool2/3x3_s2": "maxpool1",
        "pool3/3x3_s2": "maxpool4",
        "pool4/3x3_s2": "maxpool10",
    }
    for block in BLOCKS:
        for branch in BRANCHES:
            names[f"inception_{block}/{branch}"] = f"mixed{block}_{PARTS[branch]}"
        names[f"inception_{block}/pool"] = f"mixed{block}_pool"
        names[f"inception_{block}"] = f"mixed{block}"
    return names


def aliases() -> dict[str, str]:
    """Lucid's names of layers, and what they are here; `…_pre_relu` is before the ReLU."""
    names = {path: layer for layer, path in layer_names().items()}
    for layer in _convolutions():
        path = layer_names()[layer]
        names[f"{path}_pre_relu"] = names[f"{path}_pre_relu_conv"] = f"{layer}:pre"
    return names


def _convolutions() -> list[str]:
    """BVLC's names of the layers that have weights."""
    blocks = [f"inception_{block}/{branch}" for block in BLOCKS for branch in BRANCHES]
    return [*STEM, *blocks]


def from_caffe_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of `Inception5h` from tensors by Caffe's names, as
    `inception_4c/3x3_reduce.weight`; those it does not know keep their names.
    """
    paths = {layer: f"{layer_names()[layer]}_pre_relu_conv" for layer in _convolutions()}
    return renamed(tensors, {**paths, "loss3/classifier": "softmax2_pre_activation_matmul"})


def from_tensorflow_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of `Inception5h` from the constants of TensorFlow's graph: `mixed4c_3x3_w`
    `(H, W, in, out)`, `mixed4c_3x3_b`, `softmax2_w` `(in, out)`. Others are left out.
    """
    stems = {layer_names()[layer]: "pre_relu_conv" for layer in _convolutions()}
    found = {}
    for stem, rest in {**stems, "softmax2": "pre_activation_matmul"}.items():
        if f"{stem}_w" in tensors:
            weight = tensors[f"{stem}_w"]
            axes = (3, 2, 0, 1) if weight.dim() == 4 else (1, 0)
            found[f"{stem}_{rest}.weight"] = weight.permute(*axes).contiguous()
            found[f"{stem}_{rest}.bias"] = tensors[f"{stem}_b"]
    return found
