"""Pooling and normalising whose backward pass adds nothing atomically, so that CUDA gives the same
bytes every time.

cuDNN's and PyTorch's channels-last kernels add overlapping windows with atomics, in an order that
varies. Windows `⌈kernel / stride⌉` apart never overlap: each such phase goes to places all
different, so that its order cannot matter, and one phase is added after the other.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

log = logging.getLogger("dreamer")
_kernel: Any = ...  # not looked for yet; None where there is none


class _MaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: int, stride: int, padding: int, ceil: bool) -> Tensor:
        out, index = F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil, return_indices=True)
        ctx.save_for_backward(index)
        ctx.shape, ctx.how = x.shape, (kernel, stride, padding)
        ctx.last = x.is_contiguous(memory_format=torch.channels_last)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (index,), grad = ctx.saved_tensors, grads[0]
        found = _gathered(grad, index, ctx.shape, ctx.how, ctx.last)
        if found is None:
            kernel, stride, _ = ctx.how
            found = scattered(grad, index, ctx.shape, kernel, stride, ctx.last)
        return found, None, None, None, None


def scattered(
    grad: Tensor,
    index: Tensor,
    shape: tuple[int, int, int, int],
    kernel: int,
    stride: int,
    last: bool,
) -> Tensor:
    """The slope of `shape` `(B, C, H, W)` at what a max pooling saw, by those at its outputs and
    the places that these are from; with channels `last` in memory, or not.
    """
    batch, channels, height, width = shape
    phases = -(-kernel // stride)
    # One sum, in float32: a half-precision one would round up to nine times at a place.
    total = torch.zeros(
        (batch, channels, height * width),
        dtype=torch.promote_types(grad.dtype, torch.float32),
        device=grad.device,
    )
    for row in range(phases):
        for column in range(phases):
            where = index[:, :, row::phases, column::phases].flatten(2)
            what = grad[:, :, row::phases, column::phases].flatten(2)
            total.scatter_add_(2, where, what.to(total.dtype))
    return total.view(batch, channels, height, width).to(
        dtype=grad.dtype,
        memory_format=torch.channels_last if last else torch.contiguous_format,
    )


def _gathered(
    grad: Tensor,
    index: Tensor,
    shape: tuple[int, int, int, int],
    how: tuple[int, int, int],
    last: bool,
) -> Tensor | None:
    """As `scattered`, the same bytes by a kernel of our own, where there can be one."""
    global _kernel
    if not grad.is_cuda or grad.dtype == torch.float64 or _kernel is None:
        return None
    try:
        if _kernel is ...:
            from dreamer.networks.pooled_kernel import gathered

            _kernel = gathered
        with torch.cuda.device(grad.device):
            found: Tensor = _kernel(grad, index, shape[2:], *how, last)
        return found
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # no Triton, no compiler for it: whatever it is, there is a way
        log.info("max pooling goes back by torch's own kernels, which is slower: %s", error)
        _kernel = None
        return None


def max_pool(x: Tensor, kernel: int, stride: int, padding: int = 0, ceil: bool = False) -> Tensor:
    """Max pooling of `(B, C, H, W)`, as `torch.nn.functional.max_pool2d`, deterministic on every
    device.

    The CPU's own kernel is deterministic already and is used as it is.
    """
    if x.device.type == "cpu":
        return F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil)
    return _MaxPool.apply(x, kernel, stride, padding, ceil)  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _bins(size: int, bins: int, device: str, dtype: torch.dtype) -> Tensor:
    """`(bins, size)`: how much each of `size` places counts in each of `bins` means, which overlap
    where `size` is no multiple.
    """
    shares = torch.zeros(bins, size)
    for k in range(bins):
        start, end = k * size // bins, -(-(k + 1) * size // bins)
        shares[k, start:end] = 1 / (end - start)
    return shares.to(device, dtype)


def adaptive_mean(x: Tensor, height: int, width: int) -> Tensor:
    """Means of `(B, C, H, W)` over a grid of `height` × `width`, as
    `torch.nn.functional.adaptive_avg_pool2d`; a finer grid than the map's repeats its values.
    """
    if (height, width) == (1, 1):
        return x.mean((2, 3), keepdim=True)
    if x.shape[2:] == (height, width):
        return x
    if x.shape[2] % height == 0 and x.shape[3] % width == 0:
        return F.avg_pool2d(x, (x.shape[2] // height, x.shape[3] // width))
    down = _bins(x.shape[2], height, str(x.device), x.dtype)
    across = _bins(x.shape[3], width, str(x.device), x.dtype)
    return down @ x @ across.T


def at_least(x: Tensor, height: int, width: int) -> Tensor:
    """`x`, or where it is smaller than `height` × `width`, its values repeated to that size."""
    return adaptive_mean(x, max(height, x.shape[2]), max(width, x.shape[3]))


def window_mean(x: Tensor, height: int, width: int) -> Tensor:
    """The mean of `(B, C, H, W)` in every window of `height` × `width`, or of all where it is
    smaller: `(B, C, H − height + 1, W − width + 1)`.
    """
    return F.avg_pool2d(x, (min(height, x.shape[2]), min(width, x.shape[3])), 1)


def local_response_norm(x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
    """`x / (k + alpha · mean of x² over size channels around)^beta`, as
    `torch.nn.functional.local_response_norm` and Caffe's LRN across channels: zeros stand beyond
    the first and the last channel.

    Torch's goes through three-dimensional pooling, whose backward pass on CUDA is atomic.
    """
    squares = F.pad(x.square(), (0, 0, 0, 0, size // 2, (size - 1) // 2))
    total = squares[:, : x.shape[1]]
    for shift in range(1, size):
        total = total + squares[:, shift : shift + x.shape[1]]
    return x / (k + alpha / size * total).pow(beta)
