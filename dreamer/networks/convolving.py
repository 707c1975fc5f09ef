"""Convolutions of the processor whose slope at a picture costs no more than it must.

They give what `torch.nn.functional.conv2d` gives, to rounding, and have a slope at their input
alone: nobody here asks for one at a weight. Nothing of the input is kept for it.

- A 1×1 convolution of channels-last maps is one matrix product, forwards and backwards: torch's
  way back took twice the time of its way there, and on one thread both took another's.
- A convolution of few channels (a network's first) has a way back of few channels out, which leave
  most lanes of a vector idle. By blocks of 2×2 pixels, or as large as its stride, it has four times
  the channels and more to do at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FEW = 4  # channels of a convolution whose way back goes by blocks


def is_pointwise(conv: nn.Conv2d) -> bool:
    """Whether `pointwise` can do what `conv` does."""
    plain = conv.groups == 1 and conv.padding in (0, (0, 0), "valid")
    return plain and conv.kernel_size == (1, 1) and conv.stride == (1, 1)


def goes_by_blocks(conv: nn.Conv2d) -> bool:
    """Whether `ByBlocks` can do what `conv` does, for less."""
    sides = (conv.kernel_size, conv.stride, conv.padding)
    if any(isinstance(side, str) or side[0] != side[1] for side in sides):
        return False
    kernel, stride, padding = (int(side[0]) for side in sides)
    plain = conv.groups == 1 and conv.dilation == (1, 1) and conv.padding_mode == "zeros"
    return plain and conv.in_channels <= FEW and stride <= kernel and padding < kernel > 1


class _Pointwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(weight)
        out = maps_like(x, len(weight))
        flat, matrix = _rows(x), weight.flatten(1).t()
        if bias is None:
            torch.mm(flat, matrix, out=_rows(out))
        else:
            torch.addmm(bias, flat, matrix, out=_rows(out))
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        found = maps_like(grads[0], weight.shape[1])
        torch.mm(_rows(grads[0]), weight.flatten(1), out=_rows(found))
        return found, None, None


def _rows(maps: Tensor) -> Tensor:
    """`(B, C, H, W)` as `(B·H·W, C)`: a view, where channels lie last."""
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def maps_like(like: Tensor, channels: int, size: Sequence[int] | None = None) -> Tensor:
    """Room for as many pictures' maps as `like` `(B, C, H, W)` has, of its size if none is given,
    channels last.
    """
    height, width = like.shape[2:] if size is None else size
    return torch.empty(
        (len(like), channels, height, width),
        dtype=like.dtype,
        device=like.device,
        memory_format=torch.channels_last,
    )


def pointwise(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The 1×1 convolution of `x` `(B, C, H, W)`, channels last, by `weight` `(O, C, 1, 1)`."""
    return _Pointwise.apply(x, weight, bias)  # type: ignore[no-any-return]


def parts_of(whole: Tensor, widths: Sequence[int]) -> Sequence[Tensor]:
    """`whole` `(B, C, H, W)` in parts of so many channels: views."""
    return torch.split(whole, list(widths), 1)


class Pointwise(nn.Module):
    """1×1 convolutions of one input, side by side: `(B, C, H, W)` → `(B, sum of widths, H, W)`.

    The weights of `parts` become views of this one's, so that they are in memory once.
    """

    def __init__(self, parts: Sequence[nn.Conv2d]) -> None:
        super().__init__()
        self.widths = tuple(part.out_channels for part in parts)
        self.weight, self.bias = parts[0].weight, parts[0].bias
        if len(parts) == 1:
            return
        self.weight = nn.Parameter(torch.cat([part.weight for part in parts]), requires_grad=False)
        biases = [part.weight.new_zeros(part.out_channels) for part in parts]
        if any(part.bias is not None for part in parts):
            biases = [b if p.bias is None else p.bias for p, b in zip(parts, biases, strict=True)]
            self.bias = nn.Parameter(torch.cat(biases), requires_grad=False)
        start = 0
        for part in parts:
            here = slice(start, start := start + part.out_channels)
            part.weight = nn.Parameter(self.weight[here], requires_grad=False)
            if part.bias is not None and self.bias is not None:
                part.bias = nn.Parameter(self.bias[here], requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return pointwise(x, self.weight, self.bias)


class _Blocks(NamedTuple):
    """A convolution's way back by blocks of `side` × `side` pixels: by `kernel` `(C·side², O, D,
    D)` at `stride`, of slopes with `before` zeros before them and `after` behind, for `size`.
    """

    side: int
    stride: int
    first: int
    last: int


def _blocks(kernel: int, stride: int, padding: int) -> _Blocks:
    """Output `o` sees pixel `p` by weight `p + padding − stride · o`. Of pixel `side · i + a` those
    are the outputs `(side / stride) · i + d`, with `first ≤ d ≤ last`.
    """
    side = stride if stride > 1 else 2
    first = -((kernel - 1 - padding) // stride)
    return _Blocks(side, side // stride, first, (side - 1 + padding) // stride)


def _turned(weight: Tensor, stride: int, padding: int) -> Tensor:
    """The kernel of the way back by blocks, `(C · side², O, D, D)`."""
    out, channels, kernel, _ = weight.shape
    by = _blocks(kernel, stride, padding)
    reach = by.last - by.first + 1
    turned = weight.new_zeros(channels, by.side, by.side, out, reach, reach)
    taps = [
        (a, d - by.first, k)
        for a in range(by.side)
        for d in range(by.first, by.last + 1)
        if 0 <= (k := a + padding - stride * d) < kernel
    ]
    for a, y, down in taps:
        for b, x, across in taps:
            turned[:, a, b, :, y, x] = weight[:, :, down, across].t()
    return turned.flatten(0, 2).contiguous(memory_format=torch.channels_last)


class _ByBlocks(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        turned: Tensor,
        stride: int,
        padding: int,
    ) -> Tensor:
        ctx.save_for_backward(turned)
        ctx.size, ctx.by = x.shape[2:], _blocks(weight.shape[2], stride, padding)
        return F.conv2d(x, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (turned,) = ctx.saved_tensors
        by: _Blocks = ctx.by
        grad = grads[0]
        counts = [-(-n // by.side) for n in ctx.size]
        # As many zeros behind as before: what is too much is cut off afterwards.
        most = max(
            by.stride * (count - 1) + by.last - (n - 1)
            for count, n in zip(counts, grad.shape[2:], strict=True)
        )
        extra = max(0, -(-(most + by.first) // by.stride))
        padding = extra * by.stride - by.first
        found = F.pixel_shuffle(F.conv2d(grad, turned, None, by.stride, padding), by.side)
        top = extra * by.side
        height, width = ctx.size
        return found[:, :, top : top + height, top : top + width], None, None, None, None, None


class ByBlocks(nn.Module):
    """A convolution of few channels; shares the weights of `conv`."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias
        self.stride, self.padding = int(conv.stride[0]), int(conv.padding[0])
        turned = _turned(conv.weight.detach(), self.stride, self.padding)
        self.register_buffer("turned", turned)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = _ByBlocks.apply(
            x, self.weight, self.bias, self.turned, self.stride, self.padding
        )
        return found
