"""Max pooling whose backward pass adds nothing atomically, so that CUDA gives the same bytes
every time.

cuDNN's and PyTorch's channels-last kernels add overlapping windows with atomics, in an order that
varies. Windows `⌈kernel / stride⌉` apart never overlap: each such phase goes to places all
different, so that its order cannot matter, and one phase is added after the other.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


class _MaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: int, stride: int, padding: int, ceil: bool) -> Tensor:
        out, index = F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil, return_indices=True)
        ctx.save_for_backward(index)
        ctx.shape, ctx.phases = x.shape, -(-kernel // stride)
        ctx.last = x.is_contiguous(memory_format=torch.channels_last)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (index,) = ctx.saved_tensors
        batch, channels, height, width = ctx.shape
        grad = grads[0]
        # One sum, in float32: a half-precision one would round up to nine times at a place.
        total = torch.zeros(
            (batch, channels, height * width),
            dtype=torch.promote_types(grad.dtype, torch.float32),
            device=grad.device,
        )
        for row in range(ctx.phases):
            for column in range(ctx.phases):
                where = index[:, :, row :: ctx.phases, column :: ctx.phases].flatten(2)
                what = grad[:, :, row :: ctx.phases, column :: ctx.phases].flatten(2)
                total.scatter_add_(2, where, what.to(total.dtype))
        found = total.view(batch, channels, height, width).to(
            dtype=grad.dtype,
            memory_format=torch.channels_last if ctx.last else torch.contiguous_format,
        )
        return found, None, None, None, None


def max_pool(x: Tensor, kernel: int, stride: int, padding: int = 0, ceil: bool = False) -> Tensor:
    """Max pooling of `(B, C, H, W)`, as `torch.nn.functional.max_pool2d`, deterministic on every
    device.

    The CPU's own kernel is deterministic already and is used as it is.
    """
    if x.device.type == "cpu":
        return F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil)
    return _MaxPool.apply(x, kernel, stride, padding, ceil)  # type: ignore[no-any-return]
