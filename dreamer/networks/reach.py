"""What of a picture each place of a network's maps depends on: how far tiles must overlap, and
where they may begin.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import fx, nn

from dreamer.errors import NetworkError
from dreamer.networks.inception5h import same
from dreamer.networks.operations import (
    ACTIVATION_FUNCTIONS,
    ACTIVATIONS,
    DROPOUTS,
    OVERWRITING,
    POOL_FUNCTIONS,
    part_of,
)
from dreamer.networks.pooling import at_least, local_response_norm, max_pool, window_mean

POOLS = (nn.MaxPool2d, nn.AvgPool2d)
# What makes each place of what lies there in its input, or of the input's channels.
IN_PLACE = (*ACTIVATIONS, *DROPOUTS, nn.BatchNorm2d, nn.LocalResponseNorm)
FUNCTIONS = (
    *ACTIVATION_FUNCTIONS,
    *OVERWRITING.values(),
    torch.cat,
    torch.add,
    operator.getitem,
    at_least,  # where a tile is no smaller than what the network was made for
    local_response_norm,
)
METHODS = ("relu", "add", "sub", "mul", "div", "contiguous", "clamp", "size")


class Reach(NamedTuple):
    """Place k of a map looks at pixels `stride` · k − `before` to `stride` · k + `after`, along
    either axis.
    """

    stride: int
    before: int
    after: int

    def through(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> Reach:
        """The reach of what looks at this map through windows."""
        further = dilation * (kernel - 1) - padding
        return Reach(
            self.stride * stride,
            self.before + padding * self.stride,
            self.after + further * self.stride,
        )


def reaches(perception: fx.GraphModule) -> tuple[Reach, ...]:
    """The reach of each output of `perception` (`Traced.perception`).

    Raises:
        NetworkError: an operation in it looks at the whole picture at once, or is not known to do
            otherwise; or maps of different grids are put together.
    """
    found: dict[fx.Node, Reach] = {}
    for node in perception.graph.nodes:
        if node.op == "placeholder":
            found[node] = Reach(1, 0, 0)
        elif node.op == "output":
            return tuple(found[end] for end in node.args[0])
        elif inputs := [found[n] for n in node.all_input_nodes if n in found]:
            found[node] = _after(node, perception, inputs)
    raise NetworkError("a network without an output")


def _after(node: fx.Node, root: nn.Module, inputs: Sequence[Reach]) -> Reach:
    strides = {reach.stride for reach in inputs}
    if len(strides) > 1:
        raise NetworkError(f"{node.name} puts maps of different grids together")
    widest = Reach(strides.pop(), max(r.before for r in inputs), max(r.after for r in inputs))
    part = part_of(node, root)
    if isinstance(part, nn.Conv2d):
        if isinstance(part.padding, str):
            raise NetworkError(f"{node.name} is padded as '{part.padding}'")
        return _widest(widest, part.kernel_size, part.stride, part.padding, part.dilation)
    if isinstance(part, POOLS):
        stride = part.stride or part.kernel_size
        dilation = getattr(part, "dilation", 1)
        return _widest(widest, part.kernel_size, stride, part.padding, dilation)
    if node.target is window_mean:
        return widest.through(max(_pair(node.args[1:3])), 1, 0)
    if node.target in (max_pool, F.avg_pool2d, *POOL_FUNCTIONS):
        names = ("kernel_size", "stride", "padding")
        said: dict[str, Any] = dict(zip(names, node.args[1:4], strict=False))
        said |= {name: node.kwargs[name] for name in names if name in node.kwargs}
        stride = said.get("stride") or said["kernel_size"]
        return _widest(widest, said["kernel_size"], stride, said.get("padding", 0), 1)
    if node.target is same:
        kernel = max(_pair(node.args[1]))
        return widest._replace(before=widest.before + kernel // 2 * widest.stride)
    if isinstance(part, IN_PLACE) or node.target in (FUNCTIONS if part is None else ()):
        return widest
    if node.op == "call_method" and node.target in METHODS:
        return widest
    raise NetworkError(f"{node.name} is not known to look at a part of the picture alone")


def _widest(before: Reach, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Reach:
    """Along the axis that looks further, of windows that step alike along both."""
    steps = set(_pair(stride))
    if len(steps) > 1:
        raise NetworkError("a window that steps differently down and across")
    sides = zip(_pair(kernel), _pair(padding), _pair(dilation), strict=True)
    both = [before.through(k, min(steps), p, d) for k, p, d in sides]
    return Reach(both[0].stride, max(r.before for r in both), max(r.after for r in both))


def _pair(value: Any) -> tuple[int, int]:
    down, across = (value, value) if isinstance(value, int) else value
    return int(down), int(across)
