"""The sizes of what common operations put out, by their formulas.

Torch's meta device knows them too, and says what is wrong with the others; but for a convolution or
a mean it first imports its compiler and an algebra system, which takes a second or two: longer than
all else that opens a network.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.networks.operations import ACTIVATION_FUNCTIONS, ACTIVATIONS

Size = tuple[int, ...]


def of_module(part: nn.Module, size: Size) -> Size | None:
    """What `part` makes of a picture `(B, C, H, W)`; None of what no formula here is for, or does
    not fit.
    """
    if isinstance(part, (*ACTIVATIONS, nn.LocalResponseNorm)):
        return size
    if isinstance(part, nn.Linear):
        return (*size[:-1], part.out_features) if size[-1] == part.in_features else None
    if isinstance(part, nn.Flatten):
        return _flattened(size, part.start_dim, part.end_dim)
    if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
        fits = len(size) == (2 if isinstance(part, nn.BatchNorm1d) else 4)
        return size if fits and size[1] == part.num_features else None
    if len(size) != 4:
        return None
    if isinstance(part, nn.Conv2d):
        if size[1] != part.in_channels or isinstance(part.padding, str):
            return None
        return _slid(size, part.kernel_size, part.stride, part.padding, part.dilation, False).of(
            part.out_channels
        )
    if isinstance(part, nn.MaxPool2d) and not part.return_indices:
        return _slid(
            size, part.kernel_size, part.stride, part.padding, part.dilation, part.ceil_mode
        ).of(size[1])
    if isinstance(part, nn.AvgPool2d):
        return _slid(size, part.kernel_size, part.stride, part.padding, 1, part.ceil_mode).of(
            size[1]
        )
    if isinstance(part, nn.AdaptiveAvgPool2d):
        sides = zip(_pair(part.output_size), size[2:], strict=True)
        return (*size[:2], *(side if wanted is None else wanted for wanted, side in sides))
    return None


def of_function(
    target: Callable[..., Any] | str, args: Sequence[Any], kwargs: dict[str, Any]
) -> Size | None:
    """What the function or method `target` makes of its arguments; None as `of_module`."""
    if target is torch.cat and not kwargs:
        return _joined(*args)
    if not (args and isinstance(args[0], Tensor)):
        return None
    size = tuple(args[0].shape)
    if target in (*ACTIVATION_FUNCTIONS, "relu"):
        return size
    if target is F.avg_pool2d:
        return _pooled(size, *args[1:], **kwargs)
    if target in ("mean", torch.mean):
        return _mean(size, *args[1:], **kwargs)
    if target in ("flatten", torch.flatten):
        return _flattened(size, *args[1:], **kwargs)
    if target in (operator.add, torch.add) and not kwargs and isinstance(args[1], Tensor):
        return size if args[1].shape == args[0].shape else None
    return None


class _Sides(tuple[int, ...]):
    """Batch, height and width of what a window slides over; empty where it does not fit."""

    __slots__ = ()

    def of(self, channels: int) -> Size | None:
        return (self[0], channels, *self[1:]) if self else None


def _slid(
    size: Size, kernel: Any, stride: Any, padding: Any, dilation: Any, ceiling: bool
) -> _Sides:
    """How often a window fits, as `torch.nn.Conv2d` and `torch.nn.MaxPool2d` document it: with
    `ceiling` one that begins inside the padded picture counts too.
    """
    found = []
    words = zip(
        size[2:], _pair(kernel), _pair(stride), _pair(padding), _pair(dilation), strict=True
    )
    for side, window, step, around, apart in words:
        room = side + 2 * around - apart * (window - 1) - 1
        count = (math.ceil(room / step) if ceiling else room // step) + 1
        if ceiling and (count - 1) * step >= side + around:
            count -= 1
        if room < 0 or count < 1:
            return _Sides()
        found.append(count)
    return _Sides((size[0], *found))


def _pair(value: Any) -> tuple[Any, Any]:
    return (value[0], value[-1]) if isinstance(value, tuple | list) else (value, value)


def _pooled(
    size: Size,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Size | None:
    if len(size) != 4:
        return None
    every = kernel_size if stride in (None, []) else stride
    return _slid(size, kernel_size, every, padding, 1, ceil_mode).of(size[1])


def _flattened(size: Size, start_dim: int = 0, end_dim: int = -1) -> Size:
    first, last = start_dim % len(size), end_dim % len(size)
    return (*size[:first], math.prod(size[first : last + 1]), *size[last + 1 :])


def _mean(size: Size, dim: Any = None, keepdim: bool = False, **others: Any) -> Size | None:
    if others or not isinstance(dim, int | tuple | list):
        return None
    gone = {axis % len(size) for axis in ([dim] if isinstance(dim, int) else dim)}
    sides = ((1 if k in gone else side, k in gone) for k, side in enumerate(size))
    return tuple(side for side, flat in sides if keepdim or not flat)


def _joined(parts: Sequence[Tensor], axis: int = 0) -> Size | None:
    first = list(parts[0].shape)
    for part in parts[1:]:
        size = list(part.shape)
        if len(size) != len(first):
            return None
        first[axis] += size[axis]
        size[axis] = first[axis]
        if size != first:
            return None
    return tuple(first)
