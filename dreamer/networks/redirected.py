"""Gradients that get past ReLUs where nothing fires, so that a dream can begin.

What is looked for may be so far from the first picture that a ReLU on the way is closed wherever
its gradient comes in: none goes out, and no step ever changes the picture. There, and only there,
the gradient passes as if the ReLU were open, except where it would close it further. It is meant
for a dream's first steps: what it follows is not the slope of any objective.

After lucid's `redirected_relu_grad` and `redirected_relu6_grad` (tensorflow/lucid,
`misc/redirected_relu_grad.py`), whose signs are those of a loss that descends; here objectives are
climbed.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from dreamer.networks.operations import RELU_FUNCTIONS, part_of

FUNCTIONS: dict[Any, float | None] = {
    **dict.fromkeys((*RELU_FUNCTIONS, "relu")),
    F.relu6: 6.0,
}


class _Redirected(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, most: float | None) -> Tensor:
        out = x.clamp(0, most)
        # What is behind needs `out` anyway: a byte a value is all that this keeps beside it.
        side = (x < 0).to(torch.int8).neg_()
        if most is not None:
            side += x > most
        ctx.save_for_backward(out, side)
        ctx.most = most
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        out, side = ctx.saved_tensors
        (grad,) = grads
        closed = out <= 0 if ctx.most is None else (out <= 0) | (out >= ctx.most)
        ordinary = grad.masked_fill(closed, 0)
        # Asked exactly: the squares of a norm would vanish before small gradients do.
        stopped = (ordinary == 0).flatten(1).all(1).view(-1, *[1] * (grad.ndim - 1))
        deeper = grad * side > 0
        return torch.where(stopped & ~deeper, grad, ordinary), None


def redirected_relu(x: Tensor, most: float | None = None) -> Tensor:
    """ReLU of `x` `(B, …)`, or ReLU6 where `most` is 6: the same values, another gradient.

    For every picture of the batch by itself: the gradient is the ordinary one, unless that is 0 at
    all places and channels. Then what comes in passes, except where `x` is below 0 and would be
    lowered, or above `most` and would be raised, by going along the gradient (upwards: the
    gradient is that of an objective to climb, not of a loss).

    No value is read back from the device, and nothing is added up: the same bytes every time.

    Raises:
        IndexError: `x` has no dimension beside the batch, when its gradient is taken.
    """
    return _Redirected.apply(x, most)  # type: ignore[no-any-return]


def _most(node: fx.Node, root: nn.Module) -> tuple[bool, float | None]:
    """Whether `node` is a ReLU of any kind, and its largest value."""
    part = part_of(node, root)
    if part is not None:
        return isinstance(part, nn.ReLU | nn.ReLU6), 6.0 if isinstance(part, nn.ReLU6) else None
    called = node.op in ("call_function", "call_method")
    return called and node.target in FUNCTIONS, FUNCTIONS.get(node.target)


def redirected(perception: fx.GraphModule) -> fx.GraphModule:
    """`perception` with every ReLU and ReLU6 in it a `redirected_relu`: modules, functions and
    methods. Other activations stay.

    Its values are the same. Its modules and parameters are those of `perception` themselves, so
    that it takes no memory of its own and what is done to one's weights is done to both's;
    `perception` stays as it is.
    """
    graph = copy.deepcopy(perception.graph)
    for node in graph.nodes:
        relu, most = _most(node, perception)
        if relu:
            node.args, node.kwargs = (node.all_input_nodes[0], most), {}
            node.op, node.target = "call_function", redirected_relu
    return fx.GraphModule(perception, graph)
