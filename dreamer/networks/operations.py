"""What the operations of a traced network are, and how they are put so that taps stay whole and
gradients are the same every time.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dreamer.errors import NetworkError
from dreamer.networks.pooling import adaptive_mean, local_response_norm, max_pool

ACTIVATIONS = (
    nn.ReLU,
    nn.SiLU,
    nn.ReLU6,
    nn.Hardswish,
    nn.GELU,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.CELU,
    nn.SELU,
    nn.Mish,
    nn.Softplus,
)
ACTIVATION_FUNCTIONS = (
    F.relu,
    F.silu,
    torch.relu,
    F.relu6,
    F.hardswish,
    F.gelu,
    F.leaky_relu,
    F.elu,
    F.mish,
)
RELU_FUNCTIONS = (F.relu, torch.relu)
POOL_FUNCTIONS = (F.max_pool2d, F.max_pool2d_with_indices, torch.max_pool2d)
DROPOUTS = (nn.Dropout, nn.Dropout2d, nn.AlphaDropout, nn.Identity)
OVERWRITING: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
    torch.relu_: torch.relu,
}


def part_of(node: fx.Node, root: nn.Module) -> nn.Module | None:
    """The module that `node` calls, or None."""
    return root.get_submodule(str(node.target)) if node.op == "call_module" else None


def is_activation(node: fx.Node, root: nn.Module) -> bool:
    """Whether `node` is a nonlinearity of one input, which has a before and an after."""
    part = part_of(node, root)
    if part is not None:
        return isinstance(part, ACTIVATIONS)
    if node.op == "call_method":
        return node.target == "relu"
    return node.op == "call_function" and node.target in ACTIVATION_FUNCTIONS


def without_dropout(graph: fx.Graph, root: nn.Module) -> dict[fx.Node, fx.Node]:
    """Take out what does nothing in eval mode; returns what stands for each node taken out."""
    gone: dict[fx.Node, fx.Node] = {}
    for node in list(graph.nodes):
        dropout = isinstance(part_of(node, root), DROPOUTS) or (
            node.op == "call_function" and node.target in (F.dropout, F.dropout2d, torch.dropout)
        )
        source = node.args[0] if node.args else None
        if dropout and isinstance(source, fx.Node):
            node.replace_all_uses_with(source)
            graph.erase_node(node)
            gone[node] = source
    return gone


def without_overwriting(graph: fx.Graph, root: fx.GraphModule) -> None:
    """Let no operation write into its input, so that every value can be looked at; who used an
    input after it was written into, uses the result instead, as it did before.
    """
    order = {node: k for k, node in enumerate(graph.nodes)}
    for node in list(graph.nodes):
        part = part_of(node, root)
        if part is not None and getattr(part, "inplace", False):
            plain = copy.copy(part)
            setattr(plain, "inplace", False)  # noqa: B010 not every module has one
            root.set_submodule(str(node.target), plain)
        elif node.op == "call_function" and node.target in OVERWRITING:
            node.target = OVERWRITING[node.target]
        elif node.op == "call_function" and node.kwargs.get("inplace"):
            node.kwargs = {**node.kwargs, "inplace": False}
        elif node.op == "call_method" and str(node.target).endswith("_"):
            node.target = str(node.target).rstrip("_")
        else:
            continue
        source = node.args[0]
        if isinstance(source, fx.Node):
            for user in list(source.users):
                if order[user] > order[node]:
                    user.replace_input_with(source, node)


def fold_norms(graph: fx.Graph, root: fx.GraphModule, kept: set[fx.Node]) -> None:
    """Put every batch norm into the convolution before it, where nobody wants that one's own
    output (`kept`).
    """
    fused = 0
    for node in list(graph.nodes):
        norm = part_of(node, root)
        source = node.args[0] if node.args else None
        if not isinstance(norm, nn.BatchNorm2d) or not isinstance(source, fx.Node):
            continue
        conv = part_of(source, root)
        if not isinstance(conv, nn.Conv2d) or len(source.users) > 1 or source in kept:
            continue
        name = f"folded{fused}"
        fused += 1
        root.add_module(name, fuse_conv_bn_eval(conv, norm))
        source.target = name
        node.replace_all_uses_with(source)
        graph.erase_node(node)


def settle(graph: fx.Graph, root: fx.GraphModule, kept: set[fx.Node]) -> None:
    """Put in each operation's place one whose backward pass is the same every time, and let a
    ReLU overwrite its input where nobody else looks at it.

    Raises:
        NetworkError: a pooling that cannot be done so.
    """
    for node in list(graph.nodes):
        part = part_of(node, root)
        if isinstance(part, nn.ReLU) or (
            node.op != "call_module" and node.target in (*RELU_FUNCTIONS, "relu")
        ):
            alone = _overwritable(node.args[0], root, kept)
            node.op, node.target = "call_function", F.relu
            node.args, node.kwargs = node.args[:1], {"inplace": alone}
        elif isinstance(part, nn.MaxPool2d):
            _pool_by(node, part)
        elif node.op == "call_function" and node.target in POOL_FUNCTIONS:
            names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
            said = {**dict(zip(names, node.args[1:], strict=False)), **node.kwargs}
            _pool_by(node, nn.MaxPool2d(**{k: v for k, v in said.items() if v not in (None, ())}))
        elif isinstance(part, nn.AdaptiveAvgPool2d):
            _call(node, adaptive_mean, _pair(part.output_size))
        elif node.op == "call_function" and node.target is F.adaptive_avg_pool2d:
            size = node.args[1] if len(node.args) > 1 else node.kwargs["output_size"]
            _call(node, adaptive_mean, _pair(size))
        elif isinstance(part, nn.LocalResponseNorm):
            _call(node, local_response_norm, (part.size, part.alpha, part.beta, part.k))
        elif node.op == "call_function" and node.target is F.local_response_norm:
            said = {"alpha": 1e-4, "beta": 0.75, "k": 1.0, **node.kwargs}
            said |= dict(zip(("size", "alpha", "beta", "k"), node.args[1:], strict=False))
            _call(node, local_response_norm, tuple(said[k] for k in ("size", "alpha", "beta", "k")))


def _overwritable(source: Any, root: nn.Module, kept: set[fx.Node]) -> bool:
    """Whether nobody but a ReLU sees `source`, and it is nobody's view."""
    if len(source.users) > 1 or source in kept:
        return False
    if source.op == "call_module":
        return isinstance(part_of(source, root), nn.Conv2d | nn.BatchNorm2d)
    return source.op == "call_function" and source.target in (torch.cat, torch.add, operator.add)


def _call(node: fx.Node, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    node.op, node.target, node.args, node.kwargs = (
        "call_function",
        function,
        (node.args[0], *args),
        {},
    )


def _pair(size: Any) -> tuple[int, int]:
    down, across = (size, size) if isinstance(size, int) else size
    if not isinstance(down, int) or not isinstance(across, int):
        raise NetworkError(f"adaptive pooling must have a size of numbers, not {size}")
    return down, across


def _pool_by(node: fx.Node, part: nn.MaxPool2d) -> None:
    """Make `node` the max pooling that `part` is, if `max_pool` can do it."""
    sides = []
    for value in (part.kernel_size, part.stride, part.padding):
        down, across = (value, value) if isinstance(value, int) else value
        if down != across:
            raise NetworkError(f"max pooling must be square, not {part}")
        sides.append(down)
    if part.return_indices or part.dilation not in (1, (1, 1)):
        raise NetworkError(f"max pooling must be plain, not {part}")
    _call(node, max_pool, (*sides, part.ceil_mode))
