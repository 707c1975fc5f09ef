"""The shape of everything a network computes, without computing it: torch's meta device knows
sizes and holds no numbers.
"""

from __future__ import annotations

import copy
from itertools import chain
from typing import Any

import torch
from torch import Tensor, fx, nn

from dreamer.errors import NetworkError

Shapes = dict[fx.Node, tuple[int, ...]]


def without_numbers(module: nn.Module) -> nn.Module:
    """A copy of `module` whose parameters and buffers are sizes only; takes no memory."""
    twins: dict[int, Any] = {}
    for tensor in chain(module.parameters(), module.buffers()):
        empty = tensor.detach().to("meta")
        twins[id(tensor)] = (
            nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty
        )
    return copy.deepcopy(module, twins)


class _Measuring(fx.Interpreter):
    def __init__(self, root: fx.GraphModule, graph: fx.Graph) -> None:
        super().__init__(root, graph=graph)
        self.found: Shapes = {}

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        return without_numbers(self.fetch_attr(target))(*args, **kwargs)

    def get_attr(self, target: Any, args: Any, kwargs: Any) -> Any:
        found = super().get_attr(target, args, kwargs)
        return found.to("meta") if isinstance(found, Tensor) else found

    def run_node(self, n: fx.Node) -> Any:
        out = super().run_node(n)
        if isinstance(out, Tensor) and n.op != "output":
            self.found[n] = tuple(out.shape)
        return out


def shapes(root: fx.GraphModule, graph: fx.Graph, height: int, width: int) -> Shapes:
    """The shape of every tensor of `graph`, whose modules are `root`'s, for one picture.

    Raises:
        NetworkError: a picture that the network cannot take.
    """
    measuring = _Measuring(root, graph)
    dtype = next((p.dtype for p in root.parameters() if p.is_floating_point()), torch.float32)
    picture = torch.empty(1, 3, height, width, device="meta", dtype=dtype)
    try:
        with torch.no_grad():
            measuring.run(picture, enable_io_processing=False)
    except (RuntimeError, ValueError, TypeError) as error:
        first = str(error).strip().splitlines()[0]
        raise NetworkError(
            f"the network cannot take pictures of {width} × {height} pixels: {first}"
        ) from error
    return measuring.found
