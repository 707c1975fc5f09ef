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


class _MaxPoolHere(torch.autograd.Function):
    """Torch's own on a processor, which would keep all of `x` to know its size."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: int, stride: int, padding: int, ceil: bool) -> Tensor:
        out, index = F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil, return_indices=True)
        ctx.save_for_backward(index)
        ctx.shape, ctx.windows = x.shape, ([kernel] * 2, [stride] * 2, [padding] * 2, [1, 1], ceil)
        ctx.last = x.is_contiguous(memory_format=torch.channels_last)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (index,) = ctx.saved_tensors
        layout = torch.channels_last if ctx.last else torch.contiguous_format
        grad = grads[0].contiguous(memory_format=layout)
        like = torch.empty(ctx.shape, dtype=grad.dtype, memory_format=layout)  # never touched
        found = torch.ops.aten.max_pool2d_with_indices_backward(grad, like, *ctx.windows, index)
        return found, None, None, None, None


def max_pool(x: Tensor, kernel: int, stride: int, padding: int = 0, ceil: bool = False) -> Tensor:
    """Max pooling of `(B, C, H, W)`, as `torch.nn.functional.max_pool2d`, deterministic on every
    device.

    The CPU's own kernel is deterministic already.
    """
    way = _MaxPoolHere if x.device.type == "cpu" else _MaxPool
    return way.apply(x, kernel, stride, padding, ceil)  # type: ignore[no-any-return]


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


class _MeanPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
        ctx.size, ctx.windows = x.shape[2:], (kernel, stride, padding)
        return F.avg_pool2d(x, kernel, stride, padding, count_include_pad=False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (height, width), (kernel, stride, padding) = ctx.size, ctx.windows
        (grad,) = grads
        each = _shares((height, width), ctx.windows, str(grad.device), grad.dtype)
        shares = grad * each
        if stride == 1:
            found = F.avg_pool2d(shares, kernel, 1, padding, divisor_override=1)
            return found, None, None, None
        # A pixel lies in two windows along each axis, and shares them with one of its neighbours.
        shares = F.pad(shares, (1, 1, 1, 1))
        sums = shares[:, :, :-1] + shares[:, :, 1:]
        sums = sums[..., :-1] + sums[..., 1:]
        found = torch.empty(
            (*grad.shape[:2], height, width),
            dtype=grad.dtype,
            device=grad.device,
            memory_format=torch.channels_last,
        )
        for a in (0, 1):
            for b in (0, 1):
                place = found[:, :, a::2, b::2]
                place.copy_(sums[:, :, a : a + place.shape[2], b : b + place.shape[3]])
        return found, None, None, None


def mean_pool(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    """`torch.nn.functional.avg_pool2d(…, count_include_pad=False)` of `(B, C, H, W)`, whose way
    back on a processor takes less.

    Raises:
        ValueError: windows that `has_mean_pool` does not know.
    """
    if not has_mean_pool(kernel, stride, padding):
        raise ValueError(f"no mean of windows of {kernel}, {stride} apart, with {padding} beyond")
    return _MeanPool.apply(x, kernel, stride, padding)  # type: ignore[no-any-return]


def has_mean_pool(kernel: int, stride: int, padding: int) -> bool:
    """Whether `mean_pool` knows these windows: around every pixel, or 4×4 around every second."""
    around = stride == 1 and kernel == 2 * padding + 1
    return around or (kernel, stride, padding) == (4, 2, 1)


@lru_cache(maxsize=64)
def _shares(
    size: tuple[int, int], windows: tuple[int, int, int], device: str, dtype: torch.dtype
) -> Tensor:
    """How much a place counts in each window, `(h, w)`."""
    kernel, stride, padding = windows
    ones = torch.ones(1, 1, *size, dtype=torch.float64)
    count = F.avg_pool2d(ones, kernel, stride, padding, divisor_override=1)[0, 0]
    return (1 / count).to(device, dtype)


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
