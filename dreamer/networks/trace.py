"""A network as a graph of operations, cut down to what the asked-for taps need.

The whole forward pass is traced once; a `Perception` is a copy of the graph that ends at its taps,
so that nothing beyond the deepest layer runs, branches nobody asked for fall away, and every layer
can be had before its activation.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.architectures import Architecture
from dreamer.networks.heads import CHANNELWISE, Head, everywhere
from dreamer.networks.operations import (
    fold_norms,
    is_activation,
    settle,
    without_dropout,
    without_overwriting,
)
from dreamer.networks.shapes import Shapes, shapes

LOGITS = "logits"


class Point(NamedTuple):
    """A place in a network: a layer's name, and whether its value before the activation is meant.

    The layer `logits` is the class head applied at every position: `(B, classes, h, w)`.
    """

    layer: str
    before: bool = False


class _Tracer(fx.Tracer):
    """Remembers which node is the output of which submodule; the second call of `relu` is
    `relu_1`, as torchvision names it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[str, fx.Node] = {}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m).__name__ in CHANNELWISE or super().is_leaf_module(m, module_qualified_name)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        out = super().call_module(m, forward, args, kwargs)
        if isinstance(out, fx.Proxy):
            path = name = self.path_of_module(m)
            calls = 0
            while name in self.outputs:
                calls += 1
                name = f"{path}_{calls}"
            self.outputs[name] = out.node
        return out


def _followed(module: nn.Module, tracer: _Tracer) -> fx.Graph:
    kind = type(module).__name__
    if any("Attention" in type(part).__name__ for part in module.modules()):
        raise NetworkError(
            f"{kind} is made of attention, not of convolutions: it has no maps of features that "
            "a picture of any size could be dreamt through"
        )
    try:
        return tracer.trace(module)
    except Exception as error:  # whatever a stranger's forward pass does when it is followed
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise NetworkError(
            f"the way of a picture through {kind} cannot be followed, since it depends on what is "
            f"in the picture or on Python that torch.fx does not know: {first}"
        ) from error


class Traced:
    """A module's graph, from which perceptions are cut.

    `graph` and `root` are the whole network with its heads at every position, in which nothing
    is overwritten; neither is to be changed.
    """

    def __init__(self, module: nn.Module, architecture: Architecture) -> None:
        module.eval().requires_grad_(False)
        tracer = _Tracer()
        self.graph = _followed(module, tracer)
        self.root = fx.GraphModule(module, self.graph)
        self._nodes: dict[str, fx.Node] = {}
        gone = without_dropout(self.graph, self.root)
        without_overwriting(self.graph, self.root)
        self.outputs = {path: _last(gone, node) for path, node in tracer.outputs.items()}
        self.head: Head | None = None
        self._headless = ""
        self._put_heads_everywhere(architecture)
        self._nodes |= {name: self.outputs[path] for name, path in architecture.names.items()}

    def _put_heads_everywhere(self, architecture: Architecture) -> None:
        side = architecture.native

        @cache
        def sizes() -> Shapes:
            return shapes(self.root, self.graph, side, side)

        (out,) = [node for node in self.graph.nodes if node.op == "output"]
        ends = [self.outputs[path] for path in architecture.more_heads]
        try:
            if not isinstance(out.args[0], fx.Node):
                raise NetworkError("it puts out more than one thing")
            found = [everywhere(self.graph, self.root, end, sizes) for end in (*ends, out.args[0])]
        except NetworkError as error:
            self._headless = str(error)
            return
        self.head = found[-1]
        instead = {old: new for head in found for old, new in head.instead.items()}
        self.outputs = {path: _last(instead, node) for path, node in self.outputs.items()}
        self._nodes[LOGITS] = self.head.end
        out.args = (self.head.end,)
        gone = {node for head in found for node in head.gone}
        self.outputs = {path: node for path, node in self.outputs.items() if node not in gone}

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all layers, in the order in which the network computes them."""
        order = {node: k for k, node in enumerate(self.graph.nodes)}
        names = (name for name in self._nodes if name != LOGITS)
        return tuple(sorted(names, key=lambda name: order[self._nodes[name]]))

    def node(self, layer: str) -> fx.Node:
        """The operation of `graph` whose output is `layer`.

        Raises:
            NetworkError: a layer it does not have.
        """
        if layer == LOGITS and self._headless:
            raise NetworkError(f"classes cannot be looked for at every position: {self._headless}")
        if layer not in self._nodes:
            raise NetworkError(f"no layer '{layer}'{did_you_mean(layer, self._nodes)}")
        return self._nodes[layer]

    def perception(self, points: Sequence[Point]) -> fx.GraphModule:
        """The part of the network that `points` need: normalised `(B, 3, H, W)` in, a tuple of
        activations out, its batch norms folded. Its weights are its own: it may be moved and
        changed.

        Raises:
            NetworkError: a layer it does not have.
        """
        graph = fx.Graph()
        copies: dict[fx.Node, fx.Node] = {}
        graph.graph_copy(self.graph, copies)
        root = fx.GraphModule(self.root, graph)
        ends = tuple(_end(graph, copies[self.node(p.layer)], root, p.before) for p in points)
        out = graph.output(ends)
        graph.eliminate_dead_code()
        fold_norms(graph, root, set(out.all_input_nodes))
        settle(graph, root, set(out.all_input_nodes))
        root.delete_all_unused_submodules()
        root.recompile()
        return copy.deepcopy(root)


def _last(instead: dict[fx.Node, fx.Node], node: fx.Node) -> fx.Node:
    while node in instead:
        node = instead[node]
    return node


def _end(graph: fx.Graph, node: fx.Node, root: nn.Module, before: bool) -> fx.Node:
    """What goes into an activation, if `before`; for a concatenation, that of each of its parts."""
    if not before:
        return node
    if is_activation(node, root):
        source = node.args[0]
        assert isinstance(source, fx.Node)
        return source
    if node.op == "call_function" and node.target is torch.cat:
        parts = [_end(graph, part, root, True) for part in node.args[0]]  # type: ignore[union-attr, arg-type]
        return graph.call_function(torch.cat, (parts, 1))
    return node


def multiply_adds(perception: fx.GraphModule, height: int, width: int) -> int:
    """Multiply-adds of one picture of `height` × `width` through `perception`, convolutions and
    linear layers counted.
    """
    total = 0

    def count(part: nn.Module, _: Any, out: Tensor) -> None:
        nonlocal total
        weight: Tensor = part.weight  # type: ignore[assignment]
        total += out[0].numel() // weight.shape[0] * weight.numel()

    parts = [m for m in perception.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [part.register_forward_hook(count) for part in parts]
    try:
        with torch.no_grad():
            perception(torch.zeros(1, 3, height, width))
    finally:
        for hook in hooks:
            hook.remove()
    return total
