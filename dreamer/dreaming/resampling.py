"""Resizing by two matrix products: differentiable, with fractions of pixels, and the same bytes
on every run.

The backward passes of `F.interpolate` and `F.grid_sample` add with atomics on CUDA, in whatever
order; that of a product does not. Where products are allowed in tf32, pixels have ten bits.
"""

from __future__ import annotations

import torch
from torch import Tensor

Span = tuple[float, float]


def along(
    count: int,
    wanted: int,
    span: Span | None = None,
    antialias: bool = True,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """What makes `wanted` pixels of a line of `count`, `(wanted, count)`; its rows add up to 1.

    Args:
        count: pixels of the line.
        wanted: pixels that are made of it.
        span: first and last edge of what is seen, in pixels, within the line; (0, `count`) unless
            given.
        antialias: widen the triangle that weighs neighbours when the line shrinks.
        device: where the matrix is made; nothing is copied there.
        dtype: of the matrix.
    """
    low, high = (0.0, float(count)) if span is None else span
    pace = (high - low) / wanted
    reach = max(1.0, pace) if antialias else 1.0
    here = torch.arange(count, device=device, dtype=dtype)
    places = (torch.arange(wanted, device=device, dtype=dtype) + 0.5) * pace + (low - 0.5)
    weights = (1 - (places[:, None] - here).abs() / reach).clamp(min=0)
    return weights / weights.sum(1, keepdim=True)


def resized(
    picture: Tensor,
    size: tuple[int, int],
    box: tuple[Span, Span] | None = None,
    antialias: bool = True,
) -> Tensor:
    """`picture` `(B, C, H, W)`, or what a box of it shows, at `size` (height, width), bilinear.

    Args:
        picture: any range.
        size: of the result; corners of pixels lie on corners of pixels.
        box: (top, bottom) and (left, right) in pixels; all of the picture unless given.
        antialias: shrink without aliasing, as Pillow does.
    """
    height, width = picture.shape[2:]
    if box is None and size == (height, width):
        return picture
    tall, wide = box if box is not None else (None, None)
    rows = along(height, size[0], tall, antialias, picture.device, picture.dtype)
    columns = along(width, size[1], wide, antialias, picture.device, picture.dtype)
    return rows @ picture @ columns.T
