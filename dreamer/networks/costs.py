"""What one operation of a traced network is, and what it costs: what `table` adds up to rows."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

from dreamer.networks.operations import POOL_FUNCTIONS, part_of
from dreamer.networks.pooling import at_least, window_mean
from dreamer.networks.shapes import Shapes


def kind_of(node: fx.Node, root: nn.Module) -> str:
    """What an operation is, in a word or two."""
    part = part_of(node, root)
    if isinstance(part, nn.Conv2d):
        k, s, groups = part.kernel_size, part.stride[0], part.groups
        word = f"conv {k[0]}×{k[1]}"
        word += f"/{s}" if s != 1 else ""
        return word + (f", {groups} groups" if groups > 1 else "")
    if isinstance(part, nn.MaxPool2d | nn.AvgPool2d):
        word = "max pool" if isinstance(part, nn.MaxPool2d) else "mean pool"
        return f"{word} {_side(part.kernel_size)}×{_side(part.kernel_size)}/{_side(part.stride)}"
    if isinstance(part, nn.LocalResponseNorm):
        return f"local response norm {part.size}"
    if isinstance(part, nn.BatchNorm2d):
        return "batch norm"
    if part is not None:
        return type(part).__name__.lower()
    if node.target is torch.cat:
        return "concatenation"
    if node.target in POOL_FUNCTIONS:
        return "max pool"
    if node.target in (window_mean, F.avg_pool2d):
        return "mean pool"
    if node.op == "placeholder":
        return "picture"
    return str(getattr(node.target, "__name__", node.target)).strip("_")


def counts_of(node: fx.Node, root: nn.Module, sizes: Shapes) -> tuple[int, int, int]:
    """Activations, parameters and multiply-adds of one operation."""
    shape = sizes.get(node)
    if shape is None:
        return 0, 0, 0
    part = part_of(node, root)
    numbers = torch.Size(shape).numel()
    weighted = isinstance(part, nn.Conv2d | nn.Linear)
    parameters = sum(p.numel() for p in part.parameters()) if part is not None else 0
    if node.op == "get_attr":
        parameters = numbers
    kept = weighted or _pooled(node, part) or node.op == "placeholder"
    macs = 0
    if isinstance(part, nn.Conv2d | nn.Linear):
        macs = numbers // part.weight.shape[0] * part.weight.numel()
    return numbers if kept else 0, parameters, macs


def field_after(
    node: fx.Node, root: nn.Module, before: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Receptive field and pixels a step after an operation, from those before it."""
    if before is None:
        return None
    field, step = before
    part = part_of(node, root)
    if isinstance(part, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        dilation = _side(getattr(part, "dilation", 1))
        reach = dilation * (_side(part.kernel_size) - 1)
        return field + reach * step, step * _side(part.stride)
    if node.target in (*POOL_FUNCTIONS, F.avg_pool2d):
        kernel = node.args[1] if len(node.args) > 1 else node.kwargs["kernel_size"]
        stride = node.args[2] if len(node.args) > 2 else node.kwargs.get("stride") or kernel
        return field + (_side(kernel) - 1) * step, step * _side(stride)
    if node.target is window_mean:
        return field + (_side(node.args[1]) - 1) * step, step
    if _pooled(node, part) and node.target is not at_least:
        return None
    return before


def _side(value: Any) -> int:
    return int(value if isinstance(value, int) else value[0])


def _pooled(node: fx.Node, part: nn.Module | None) -> bool:
    """Whether `node` pools places; a mean of channels, which makes a picture grey, does not."""
    kinds = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
    functions = (*POOL_FUNCTIONS, F.avg_pool2d, F.adaptive_avg_pool2d, window_mean)
    if node.target in ("mean", torch.mean):
        axes = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim")
        return axes not in (1, [1], (1,))
    return isinstance(part, kinds) or node.target in functions
