"""A network as a graph of operations, cut down to what the asked-for taps need.

The whole forward pass is traced once; a `Perception` is a copy of the graph that ends at its taps,
so that nothing beyond the deepest layer runs, branches nobody asked for fall away, and every layer
can be had before its activation.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.architectures import Architecture
from dreamer.networks.pooling import max_pool

LOGITS = "logits"
ACTIVATIONS = (nn.ReLU, nn.SiLU)
ACTIVATION_FUNCTIONS = (F.relu, F.silu, torch.relu)
POOL_FUNCTIONS = (F.max_pool2d, F.max_pool2d_with_indices, torch.max_pool2d)


class Point(NamedTuple):
    """A place in a network: a layer's name, and whether its value before the activation is meant.

    The layer `logits` is the class head applied at every position: `(B, classes, h, w)`.
    """

    layer: str
    before: bool = False


class _Tracer(fx.Tracer):
    """Remembers which node is the output of which submodule."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[str, fx.Node] = {}

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        out = super().call_module(m, forward, args, kwargs)
        if isinstance(out, fx.Proxy):
            self.outputs[self.path_of_module(m)] = out.node
        return out


class Traced:
    """A module's graph with its batch norms folded, from which perceptions are cut."""

    def __init__(self, module: nn.Module, architecture: Architecture) -> None:
        module.eval().requires_grad_(False)
        tracer = _Tracer()
        graph = tracer.trace(module)
        self._module = module
        self._graph = graph
        self._nodes = {n: tracer.outputs[p] for n, p in architecture.names.items()}
        self._features = architecture.features
        head = module.get_submodule(architecture.head)
        if not isinstance(head, nn.Linear):
            raise TypeError(f"the head {architecture.head} is a {type(head).__name__}, not linear")
        self._head = head
        self._fold()

    def _fold(self) -> None:
        """Put every batch norm into the convolution before it."""
        owner = fx.GraphModule(self._module, self._graph)
        modules = dict(owner.named_modules())
        nodes_of = {node: name for name, node in self._nodes.items()}
        for node in list(self._graph.nodes):
            norm = modules.get(str(node.target)) if node.op == "call_module" else None
            if not isinstance(norm, nn.BatchNorm2d):
                continue
            source = node.args[0]
            conv = modules.get(str(source.target)) if source.op == "call_module" else None
            if not isinstance(conv, nn.Conv2d) or len(source.users) > 1:
                continue
            owner.set_submodule(str(source.target), fuse_conv_bn_eval(conv, norm))
            node.replace_all_uses_with(source)
            if node in nodes_of:
                self._nodes[nodes_of[node]] = source
            self._graph.erase_node(node)
        self._module = owner

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all layers, in the order in which the network computes them."""
        order = {node: k for k, node in enumerate(self._graph.nodes)}
        return tuple(sorted(self._nodes, key=lambda name: order[self._nodes[name]]))

    def perception(self, points: Sequence[Point]) -> fx.GraphModule:
        """The part of the network that `points` need: normalised `(B, 3, H, W)` in, a tuple of
        activations out. Its weights are its own: it may be moved and changed.

        Raises:
            NetworkError: a layer it does not have.
        """
        graph = fx.Graph()
        copies: dict[fx.Node, fx.Node] = {}
        graph.graph_copy(self._graph, copies)
        root = fx.GraphModule(self._module, graph)
        ends = tuple(self._end(graph, copies, root, point) for point in points)
        graph.output(ends)
        graph.eliminate_dead_code()
        _keep_inputs_whole(graph, root, set(ends))
        root.delete_all_unused_submodules()
        root.recompile()
        return copy.deepcopy(root)

    def _end(
        self, graph: fx.Graph, copies: dict[fx.Node, fx.Node], root: nn.Module, point: Point
    ) -> fx.Node:
        if point.layer == LOGITS:
            head = nn.Conv2d(self._head.in_features, self._head.out_features, 1)
            head.weight = nn.Parameter(self._head.weight[:, :, None, None], requires_grad=False)
            head.bias = self._head.bias
            root.add_module("logits_everywhere", head)
            return graph.call_module("logits_everywhere", (copies[self._nodes[self._features]],))
        if point.layer not in self._nodes:
            near = did_you_mean(point.layer, self._nodes)
            raise NetworkError(f"no layer '{point.layer}'{near}")
        node = copies[self._nodes[point.layer]]
        return _before_activation(graph, root, node) if point.before else node


def _is_activation(node: fx.Node, root: nn.Module) -> bool:
    if node.op == "call_module":
        return isinstance(root.get_submodule(str(node.target)), ACTIVATIONS)
    return node.op == "call_function" and node.target in ACTIVATION_FUNCTIONS


def _before_activation(graph: fx.Graph, root: nn.Module, node: fx.Node) -> fx.Node:
    """What goes into an activation; for a concatenation, that of each of its parts."""
    if _is_activation(node, root):
        source = node.args[0]
        assert isinstance(source, fx.Node)
        return source
    if node.op == "call_function" and node.target is torch.cat:
        parts = [_before_activation(graph, root, part) for part in node.args[0]]  # type: ignore[union-attr, arg-type]
        return graph.call_function(torch.cat, (parts, 1))
    return node


def _keep_inputs_whole(graph: fx.Graph, root: fx.GraphModule, taps: set[fx.Node]) -> None:
    """Let a ReLU overwrite its input only where nobody else looks at it; pool without atomics."""
    for node in list(graph.nodes):
        if node.op == "call_function" and node.target in ACTIVATION_FUNCTIONS:
            source = node.args[0]
            alone = len(source.users) == 1 and source not in taps
            node.target = F.silu if node.target is F.silu else F.relu
            node.kwargs = {"inplace": alone and node.target is F.relu}
        elif node.op == "call_function" and node.target in POOL_FUNCTIONS:
            # its backward pass on CUDA is another every time, and nothing would tell
            raise NetworkError("max pooling must be a module of the network, not a function")
        elif node.op == "call_module":
            part = root.get_submodule(str(node.target))
            if isinstance(part, nn.ReLU | nn.SiLU):
                alone = len(node.args[0].users) == 1 and node.args[0] not in taps
                node.op, node.target = (
                    "call_function",
                    F.relu if isinstance(part, nn.ReLU) else F.silu,
                )
                node.kwargs = {"inplace": alone and isinstance(part, nn.ReLU)}
            elif isinstance(part, nn.MaxPool2d):
                node.op, node.target = "call_function", max_pool
                node.args = (node.args[0], *_square_pool(part))
                node.kwargs = {"ceil": part.ceil_mode}


def _square_pool(part: nn.MaxPool2d) -> tuple[int, int, int]:
    """Kernel, stride and padding of a pooling that `max_pool` can do.

    Raises:
        NetworkError: one that it cannot do.
    """
    sides = []
    for value in (part.kernel_size, part.stride, part.padding):
        down, across = (value, value) if isinstance(value, int) else value
        if down != across:
            raise NetworkError(f"max pooling must be square, not {part}")
        sides.append(down)
    if part.return_indices or part.dilation not in (1, (1, 1)):
        raise NetworkError(f"max pooling must be plain, not {part}")
    return sides[0], sides[1], sides[2]


def multiply_adds(perception: fx.GraphModule, height: int, width: int) -> int:
    """Multiply-adds of one picture of `height` × `width` through `perception`, convolutions and
    linear layers counted.
    """
    total = 0

    def count(part: nn.Module, _: Any, out: Tensor) -> None:
        nonlocal total
        weight: Tensor = part.weight  # type: ignore[assignment]
        total += out[0, 0].numel() * weight.numel() if out.dim() == 4 else weight.numel()

    parts = [m for m in perception.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [part.register_forward_hook(count) for part in parts]
    try:
        with torch.no_grad():
            perception(torch.zeros(1, 3, height, width))
    finally:
        for hook in hooks:
            hook.remove()
    return total
