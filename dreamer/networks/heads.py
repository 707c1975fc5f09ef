"""A network's class head at every position of a picture of any size.

Three kinds, by what the network itself does at its end:

- a mean over all positions and one linear layer: the layer at every position, whose mean is what
  the network says, at any size;
- a mean over all positions and several layers with nonlinearities between them, which do not
  commute with the mean: the mean of every window as large as the whole map is at the native size;
- a flattened map and linear layers: the first a convolution as large as that map, the others 1×1.

The second and third see crops of the native size: one position at that size, exactly what the
network says. Smaller maps are enlarged by repeating values, as torchvision's adaptive pooling does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import fx, nn

from dreamer.errors import NetworkError
from dreamer.networks.operations import is_activation, part_of
from dreamer.networks.pooling import at_least, window_mean
from dreamer.networks.shapes import Shapes

FLATTENING = (torch.flatten, torch.squeeze, torch.reshape)
FLATTENING_METHODS = ("flatten", "view", "reshape", "squeeze")
CHANNELWISE = ("LayerNorm2d",)


class Head(NamedTuple):
    """The map a head looks at and where it ends, whether it sees crops of the native size, what
    stands for the nodes it replaces, which others are gone, and its last linear layer (a
    submodule's name, or none).
    """

    source: fx.Node
    end: fx.Node
    crops: bool
    instead: dict[fx.Node, fx.Node]
    gone: tuple[fx.Node, ...]
    linear: str


class _Chain(NamedTuple):
    """A head read backwards: the map, how it is pooled (a size, or none) and by which nodes, and
    what follows.
    """

    source: fx.Node
    pooled: tuple[int, int] | None
    pools: tuple[fx.Node, ...]
    flat: fx.Node
    layers: list[fx.Node]


def _size_of_pool(node: fx.Node, root: nn.Module) -> tuple[int, int] | None:
    """The size that an adaptive pooling or a mean over all positions makes, or None."""
    part = part_of(node, root)
    size: Any = None
    if isinstance(part, nn.AdaptiveAvgPool2d):
        size = part.output_size
    elif node.target is F.adaptive_avg_pool2d:
        size = node.args[1] if len(node.args) > 1 else node.kwargs["output_size"]
    elif node.target in ("mean", torch.mean):
        axes: Any = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim")
        if isinstance(axes, list | tuple) and sorted(axis % 4 for axis in axes) == [2, 3]:
            size = 1
    if isinstance(size, int):
        return size, size
    return None if size is None else (size[0], size[1])


def _source(node: fx.Node) -> fx.Node:
    source = node.args[0] if node.args else None
    if not isinstance(source, fx.Node):
        raise NetworkError("its class head has an end without a beginning")
    return source


def _read(end: fx.Node, root: nn.Module, shapes: Shapes) -> _Chain:
    """The head that ends with `end`, from there back to the map it looks at."""
    layers: list[fx.Node] = []
    node = end
    while len(shapes.get(_source(node), ())) != 4:
        part = part_of(node, root)
        if not (isinstance(part, nn.Linear | nn.BatchNorm1d) or is_activation(node, root)):
            raise NetworkError(f"its class head has a part that is no layer of a head: {node}")
        layers.insert(0, node)
        node = _source(node)
    flat = node
    known = flat.target in FLATTENING or flat.target in FLATTENING_METHODS
    known = known or isinstance(part_of(flat, root), nn.Flatten)
    size = _size_of_pool(flat, root)
    source = _source(flat)
    if size is not None:
        return _Chain(source, size, (), flat, layers)
    if not known:
        raise NetworkError(f"its class head begins with something unknown: {flat}")
    before: list[fx.Node] = []
    while type(part_of(source, root)).__name__ in CHANNELWISE:
        before.insert(0, source)
        source = _source(source)
    size = _size_of_pool(source, root)
    pools = (source,) if size is not None else ()
    if size is not None:
        source = _source(source)
    elif before:
        source, before = before[-1], []
    return _Chain(source, size, pools, flat, before + layers)


def everywhere(
    graph: fx.Graph, root: fx.GraphModule, end: fx.Node, shapes: Callable[[], Shapes]
) -> Head:
    """Put into `graph` what `end`, the output of a class head, is at every position.

    Args:
        graph: of the network, at the native size.
        root: its modules; convolutions that share the weights of its linear layers are added.
        end: `(B, classes)`.
        shapes: of all nodes of `graph` at the native size.

    Raises:
        NetworkError: a head that is none of those known, in words.
    """
    sizes = shapes()
    chain = _read(end, root, sizes)
    linear = [n for n in chain.layers if isinstance(part_of(n, root), nn.Linear)]
    grid = sizes[chain.source][2:]
    commutes = linear == chain.layers and len(linear) <= 1
    x = chain.source
    kernel = (1, 1)
    made: list[tuple[Callable[..., object] | str, tuple[object, ...]]] = []
    crops = True
    if chain.pooled == (1, 1):
        crops = not commutes
        if crops:
            made.append((window_mean, grid))
    else:
        if chain.pooled is not None and chain.pooled != grid:
            raise NetworkError(
                f"its class head pools {grid[0]} × {grid[1]} places to "
                f"{chain.pooled[0]} × {chain.pooled[1]} at the native size"
            )
        kernel = (int(grid[0]), int(grid[1]))
        if kernel != (1, 1):
            made.append((at_least, kernel))
    instead: dict[fx.Node, fx.Node] = {}
    place = chain.flat
    for function, args in made:
        with graph.inserting_after(place):
            x = place = graph.call_function(function, (x, *args))  # type: ignore[arg-type]
    for node in chain.layers:
        part = part_of(node, root)
        with graph.inserting_after(place):
            if isinstance(part, nn.Linear):
                name = f"everywhere_{str(node.target).replace('.', '_')}"
                root.add_module(name, _convolution(part, kernel))
                kernel = (1, 1)
                x = graph.call_module(name, (x,))
            elif isinstance(part, nn.BatchNorm1d):
                name = f"everywhere_{str(node.target).replace('.', '_')}"
                root.add_module(name, _norm(part))
                x = graph.call_module(name, (x,))
            else:
                x = _copied(graph, node, x)
        instead[node] = place = x
    name = str(linear[-1].target) if linear else ""
    end.replace_all_uses_with(x)
    gone = []
    for node in (end, *reversed(chain.layers), chain.flat, *chain.pools):
        if node not in gone and not node.users:
            graph.erase_node(node)
            gone.append(node)
    others = tuple(node for node in gone if node not in instead)
    return Head(chain.source, x, crops, instead, others, name)


def _copied(graph: fx.Graph, node: fx.Node, source: fx.Node) -> fx.Node:
    """`node` once more, of `source`."""
    first = node.args[0]

    def other(old: fx.Node) -> fx.Node:
        return source if old is first else old

    return graph.node_copy(node, other)


def _convolution(linear: nn.Linear, kernel: tuple[int, int]) -> nn.Conv2d:
    """A convolution of `linear`'s weights, sharing their memory."""
    channels = linear.in_features // (kernel[0] * kernel[1])
    with torch.device("meta"):
        made = nn.Conv2d(channels, linear.out_features, kernel, bias=linear.bias is not None)
    made.weight = nn.Parameter(
        linear.weight.view(linear.out_features, channels, *kernel), requires_grad=False
    )
    made.bias = linear.bias
    return made.eval()


def _norm(norm: nn.BatchNorm1d) -> nn.BatchNorm2d:
    """A batch norm of maps with `norm`'s numbers, sharing their memory."""
    with torch.device("meta"):
        made = nn.BatchNorm2d(norm.num_features, norm.eps, affine=norm.affine)
    made.weight, made.bias = norm.weight, norm.bias
    made.running_mean, made.running_var = norm.running_mean, norm.running_var
    made.num_batches_tracked = norm.num_batches_tracked
    return made.eval()
