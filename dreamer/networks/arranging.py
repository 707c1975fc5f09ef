"""A perception put so that a processor does less for the same numbers.

Taps are the same to rounding; so are slopes. It is for processors alone: what is saved here costs
little on a GPU, where other things do.
"""

from __future__ import annotations

import copy
import operator

import torch.nn.functional as F
from torch import fx, nn

from dreamer.networks.convolving import (
    ByBlocks,
    Pointwise,
    goes_by_blocks,
    is_pointwise,
    parts_of,
)
from dreamer.networks.operations import part_of
from dreamer.networks.pooling import has_mean_pool, mean_pool

DIVISOR = "divisor_override"


def arranged(perception: fx.GraphModule) -> fx.GraphModule:
    """`perception` with cheaper convolutions and means, for a processor, where it lies with
    channels last.

    Its weights are those of `perception`, which computes what it did; the weights of convolutions
    that were merged are now parts of one tensor in both.
    """
    graph = copy.deepcopy(perception.graph)
    root = fx.GraphModule(perception, graph)
    _merge_pointwise(graph, root)
    for node in graph.nodes:
        conv = part_of(node, root)
        if isinstance(conv, nn.Conv2d) and goes_by_blocks(conv):
            _call(node, root, ByBlocks(conv))
        elif node.op == "call_function" and node.target is F.avg_pool2d:
            _take_mean(node)
    root.delete_all_unused_submodules()
    root.recompile()
    return root


def _merge_pointwise(graph: fx.Graph, root: fx.GraphModule) -> None:
    """Put 1×1 convolutions of one input side by side into one, whose parts are then taken apart;
    what is looked at itself stays by itself.
    """
    ends = set(next(reversed(graph.nodes)).all_input_nodes)
    siblings: dict[tuple[fx.Node, bool], list[tuple[fx.Node, nn.Conv2d]]] = {}
    for node in graph.nodes:
        conv = part_of(node, root)
        if isinstance(conv, nn.Conv2d) and is_pointwise(conv):
            # an end is a family of its own, and may be the input of another
            family = (node, True) if node in ends else (node.all_input_nodes[0], False)
            siblings.setdefault(family, []).append((node, conv))
    for found in siblings.values():
        nodes = [node for node, _ in found]
        merged = Pointwise([conv for _, conv in found])
        if len(nodes) == 1:
            _call(nodes[0], root, merged)
            continue
        name = _named(root, merged)
        with graph.inserting_before(nodes[0]):
            whole = graph.call_module(name, (nodes[0].all_input_nodes[0],))
            parts = graph.call_function(parts_of, (whole, merged.widths))
            for part, node in enumerate(nodes):
                for user in list(node.users):
                    if user.target is F.relu:  # which may not write into one of several views
                        user.kwargs = {"inplace": False}
                node.replace_all_uses_with(graph.call_function(operator.getitem, (parts, part)))
        for node in nodes:
            graph.erase_node(node)


def _call(node: fx.Node, root: fx.GraphModule, part: nn.Module) -> None:
    """Let `part` make of the input of `node` what `node` is."""
    node.args, node.kwargs = (node.all_input_nodes[0],), {}
    node.target = _named(root, part)


def _named(root: nn.Module, part: nn.Module) -> str:
    """The name of `part` in `root` from now on: one that nothing there has."""
    name = type(part).__name__
    while hasattr(root, name):
        name += "_"
    root.add_module(name, part)
    return name


def _take_mean(node: fx.Node) -> None:
    """Make `node`, a mean of windows, a `mean_pool`, where it is one of those."""
    names = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    said = {**dict(zip((*names, DIVISOR), node.args, strict=False)), **node.kwargs}
    windows = [n for name in names[1:4] if isinstance(n := said.get(name, 0), int)]
    plain = said.get("ceil_mode") is not True and said.get("count_include_pad") is False
    plain = plain and said.get(DIVISOR) is None
    if plain and len(windows) == 3 and has_mean_pool(*windows):
        node.target, node.args, node.kwargs = mean_pool, (said["input"], *windows), {}
