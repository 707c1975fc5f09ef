"""Pictures turned by any angle, differentiably, with the same bytes on every run.

The backward pass of `F.grid_sample` scatters with atomics on CUDA. Here each pixel of a slope
gathers from all places that saw it: under a rotation they lie within a square of three.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

NEAR = 3  # whole numbers in an open interval of twice √2, the farthest that a pixel is seen from


def turned(picture: Tensor, degrees: float, beyond: float = 0.0) -> Tensor:
    """`picture` turned counter-clockwise about its middle, bilinear, at its size.

    Args:
        picture: `(B, C, H, W)`, any range.
        degrees: any number; 0 changes nothing.
        beyond: what is seen past the edges.
    """
    if degrees == 0:
        return picture
    angle = math.radians(degrees)
    seen: Tensor = _Turn.apply(picture - beyond, math.cos(angle), math.sin(angle))
    return seen + beyond


class _Turn(torch.autograd.Function):
    """Bilinear sampling of a picture, 0 beyond its edges, and its exact transpose."""

    @staticmethod
    def forward(ctx: Any, picture: Tensor, cos: float, sin: float) -> Tensor:
        ctx.way = cos, sin
        x, y = _linear(picture, cos, -sin, sin, cos)
        left, top = x.floor(), y.floor()
        out = torch.zeros_like(picture)
        for down in (0, 1):
            for right in (0, 1):
                weight = (1 - (x - left - right).abs()) * (1 - (y - top - down).abs())
                out = out + _taken(picture, left + right, top + down, weight)
        return out

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = slopes
        cos, sin = ctx.way
        height, width = slope.shape[2:]
        across, up = _linear(slope, 1, 0, 0, 1)
        x, y = _linear(slope, cos, sin, -sin, cos)  # the middle of the places that see a pixel
        reach = abs(cos) + abs(sin)
        left, top = (x - reach).floor() + 1, (y - reach).floor() + 1
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        out = torch.zeros_like(slope)
        for down in range(NEAR):
            for right in range(NEAR):
                px, py = left + right - middle_x, top + down - middle_y
                off_x = cos * px - sin * py + middle_x - across
                off_y = sin * px + cos * py + middle_y - up
                weight = (1 - off_x.abs()).clamp(min=0) * (1 - off_y.abs()).clamp(min=0)
                out = out + _taken(slope, left + right, top + down, weight)
        return out, None, None


def _linear(picture: Tensor, a: float, b: float, c: float, d: float) -> tuple[Tensor, Tensor]:
    """(a·x + b·y, c·x + d·y) of every pixel about the middle, in pixels, `(H, W)` float64 each."""
    height, width = picture.shape[2:]
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    x = torch.arange(width, device=picture.device, dtype=torch.float64) - middle_x
    y = (torch.arange(height, device=picture.device, dtype=torch.float64) - middle_y)[:, None]
    return a * x + b * y + middle_x, c * x + d * y + middle_y


def _taken(picture: Tensor, x: Tensor, y: Tensor, weight: Tensor) -> Tensor:
    """`picture` at whole places x, y times `weight`, 0 where there is no pixel."""
    height, width = picture.shape[2:]
    there = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    places = (y.clamp(0, height - 1) * width + x.clamp(0, width - 1)).long()
    found = picture.flatten(2).index_select(2, places.flatten()).view(picture.shape)
    return found * (weight * there).to(picture.dtype)
