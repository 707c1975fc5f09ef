"""Activations done on the way: while maps are taken apart, put together or made smaller.

Every number stays what it was, forwards and backwards; what falls away are passes over memory that
do nothing else. It is for processors, as `arranging` is.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from dreamer.networks.convolving import maps_like, parts_of
from dreamer.networks.operations import part_of
from dreamer.networks.pooling import max_pool

NONE, RELU, SILU = "", "relu", "silu"
aten = torch.ops.aten


def _forward(x: Tensor, kind: str, out: Tensor) -> None:
    if kind == RELU:
        torch.clamp_min(x, 0, out=out)
    elif kind == SILU:
        aten.silu.out(x, out=out)
    else:
        out.copy_(x)


def _backward(grad: Tensor, seen: Tensor | None, kind: str, out: Tensor) -> None:
    if kind == RELU:
        aten.threshold_backward.grad_input(grad, seen, 0, grad_input=out)
    elif kind == SILU:
        aten.silu_backward.grad_input(grad, seen, grad_input=out)
    else:
        out.copy_(grad)


class _Apart(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, whole: Tensor, widths: Sequence[int], kinds: Sequence[str]) -> Any:
        parts = tuple(maps_like(whole, width) for width in widths)
        for source, kind, part in zip(parts_of(whole, widths), kinds, parts, strict=True):
            _forward(source, kind, part)
        kept = [part for part, kind in zip(parts, kinds, strict=True) if kind == RELU]
        ctx.save_for_backward(*([whole] if SILU in kinds else []), *kept)
        ctx.widths, ctx.kinds = widths, kinds
        ctx.set_materialize_grads(False)
        return parts

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, None, None]:
        saved = list(ctx.saved_tensors)
        given = next((grad for grad in grads if grad is not None), None)
        if given is None:
            return None, None, None
        sources: Sequence[Tensor | None] = [None] * len(grads)
        if SILU in ctx.kinds:
            sources = parts_of(saved.pop(0), ctx.widths)
        found = maps_like(given, sum(ctx.widths))
        rooms = parts_of(found, ctx.widths)
        for grad, source, kind, room in zip(grads, sources, ctx.kinds, rooms, strict=True):
            seen = saved.pop(0) if kind == RELU else source
            if grad is None:
                room.zero_()
            else:
                _backward(grad, seen, kind, room)
        return found, None, None


class _Together(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, kinds: Sequence[str], *parts: Tensor) -> Tensor:
        ctx.widths, ctx.kinds = [part.shape[1] for part in parts], kinds
        whole = maps_like(parts[0], sum(ctx.widths))
        for part, kind, room in zip(parts, kinds, parts_of(whole, ctx.widths), strict=True):
            _forward(part, kind, room)
        kept = [part for part, kind in zip(parts, kinds, strict=True) if kind == SILU]
        ctx.save_for_backward(*([whole] if RELU in kinds else []), *kept)
        return whole

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        saved = list(ctx.saved_tensors)
        wholes: Sequence[Tensor | None] = [None] * len(ctx.kinds)
        if RELU in ctx.kinds:
            wholes = parts_of(saved.pop(0), ctx.widths)
        found = []
        for grad, whole, kind in zip(
            parts_of(grads[0], ctx.widths), wholes, ctx.kinds, strict=True
        ):
            if kind == NONE:
                found.append(grad)
                continue
            found.append(maps_like(grad, grad.shape[1]))
            _backward(grad, whole if kind == RELU else saved.pop(0), kind, found[-1])
        return None, *found


def apart(whole: Tensor, widths: Sequence[int], kinds: Sequence[str]) -> tuple[Tensor, ...]:
    """`whole` `(B, C, H, W)` in parts of so many channels, each after an activation of its kind."""
    return _Apart.apply(whole, widths, kinds)  # type: ignore[no-any-return]


def together(parts: Sequence[Tensor], kinds: Sequence[str]) -> Tensor:
    """`parts` `(B, C, H, W)`, each after an activation of its kind, side by side."""
    return _Together.apply(kinds, *parts)  # type: ignore[no-any-return]


def fused(perception: fx.GraphModule, kinds: Sequence[str] = (RELU, SILU)) -> fx.GraphModule:
    """`perception`, as `arranging.arranged` made it, with its activations of `kinds` done on the
    way; it shares all modules.
    """
    graph = copy.deepcopy(perception.graph)
    fusing = _Fusing(fx.GraphModule(perception, graph), kinds)
    for node in list(graph.nodes):
        if node.target is max_pool:
            fusing.after(node)
        elif node.target is parts_of:
            fusing.apart(node)
        elif node.target is torch.cat:
            fusing.together(node)
    fusing.root.recompile()
    return fusing.root


class _Fusing:
    """The graph of `root`, whose activations of `kinds` are put elsewhere."""

    def __init__(self, root: fx.GraphModule, kinds: Sequence[str]) -> None:
        self.root, self._kinds = root, kinds
        self._ends = set(next(reversed(root.graph.nodes)).all_input_nodes)

    def _kind(self, node: fx.Node) -> str:
        kind = NONE
        if node.op == "call_module":
            kind = SILU if type(part_of(node, self.root)) is nn.SiLU else NONE
        elif node.target in (F.relu, F.silu):
            kind = RELU if node.target is F.relu else SILU
        return kind if kind in self._kinds else NONE

    def _alone(self, node: fx.Node) -> bool:
        """Whether one operation sees `node` and nobody else."""
        return len(node.users) == 1 and node not in self._ends

    def after(self, pool: fx.Node) -> None:
        """Let a ReLU that only `pool` sees come after it, where there is less to do. The largest
        value is the same one, and a slope that the ReLU stops would have gone to no other place.
        """
        relu = pool.all_input_nodes[0]
        if self._kind(relu) != RELU or not self._alone(relu):
            return
        pool.update_arg(0, relu.args[0])
        with pool.graph.inserting_after(pool):
            after = pool.graph.call_function(F.relu, (pool,), {"inplace": True})
        pool.replace_all_uses_with(after, delete_user_cb=lambda user: user is not after)
        pool.graph.erase_node(relu)

    def apart(self, split: fx.Node) -> None:
        """Do the activations of the parts of `split` while it takes them apart."""
        whole, widths = split.args
        assert isinstance(widths, tuple)
        kinds = [NONE] * len(widths)
        for part in list(split.users):
            (user, *_), number = part.users, part.args[1]
            assert isinstance(number, int)
            if self._alone(part) and (kind := self._kind(user)):
                kinds[number] = kind
                user.replace_all_uses_with(part)
                if user in self._ends:
                    self._ends.add(part)
                split.graph.erase_node(user)
        split.target, split.args = apart, (whole, widths, tuple(kinds))

    def together(self, cat: fx.Node) -> None:
        """Do the activations of what `cat` puts together while it does."""
        before = cat.all_input_nodes
        axis = cat.args[1] if len(cat.args) > 1 else cat.kwargs.get("dim")
        once = cat.args[0] in (before, tuple(before))
        if axis != 1 or not once:
            return
        kinds = tuple(self._kind(p) if self._alone(p) else NONE for p in before)
        if not any(kinds):
            return
        parts = [p.args[0] if kind else p for p, kind in zip(before, kinds, strict=True)]
        cat.target, cat.args, cat.kwargs = together, (parts, kinds), {}
        for user in list(cat.users):
            if user.target is F.relu:  # which may not write into what is needed on the way back
                user.kwargs = {"inplace": False}
        for part, kind in zip(before, kinds, strict=True):
            if kind:
                cat.graph.erase_node(part)
