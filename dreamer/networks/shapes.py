"""The shape of everything a network computes, without computing it: by formulas where there is one,
and else by torch's meta device, which knows sizes and holds no numbers.
"""

from __future__ import annotations

import copy
from itertools import chain
from typing import Any

import torch
from torch import Tensor, fx, nn

from dreamer.errors import NetworkError
from dreamer.networks.known_sizes import of_function, of_module

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
        floating = (p.dtype for p in root.parameters() if p.is_floating_point())
        self.dtype = next(floating, torch.float32)

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        part = self.fetch_attr(target)
        if len(args) == 1 and isinstance(args[0], Tensor) and not kwargs:
            size = of_module(part, tuple(args[0].shape))
            if size is not None:
                return torch.empty(size, device="meta", dtype=self.dtype)
        return without_numbers(part)(*args, **kwargs)

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        size = of_function(target, args, kwargs)
        if size is not None:
            return torch.empty(size, device="meta", dtype=self.dtype)
        return super().call_function(target, args, kwargs)

    def call_method(self, target: Any, args: Any, kwargs: Any) -> Any:
        size = of_function(target, args, kwargs)
        if size is not None:
            return torch.empty(size, device="meta", dtype=self.dtype)
        return super().call_method(target, args, kwargs)

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
    picture = torch.empty(1, 3, height, width, device="meta", dtype=measuring.dtype)
    try:
        with torch.no_grad():
            measuring.run(picture, enable_io_processing=False)
    except (RuntimeError, ValueError, TypeError) as error:
        first = str(error).strip().splitlines()[0]
        raise NetworkError(
            f"the network cannot take pictures of {width} × {height} pixels: {first}"
        ) from error
    return measuring.found
