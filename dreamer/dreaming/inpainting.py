"""Dreaming inside a mask only: the rest of the picture stays as it is, bit for bit, and the
network goes on seeing it, so that what grows fits its surroundings.

Each step is held to the octave's mask by `blended`, and the end to the source by `kept_outside`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming.octaves import Size


def feathered(mask: Tensor, radius: int) -> Tensor:
    """The mask with edges that fade in over `radius` pixels, inwards: where it is 0 it stays 0.

    Args:
        mask: `(B, 1, H, W)` in [0, 1], 1 where the dream may be; greys are kept as they are.
        radius: of the fading in pixels; 0 gives the mask back.

    Returns: `(B, 1, H, W)` in [0, 1]: a smoothstep of the distance to where the mask ends. A part
    thinner than twice the radius does not reach 1. The picture's own edges are no ends.
    """
    if not radius:
        return mask
    worn, depth = mask, torch.zeros_like(mask)
    for number in range(radius):
        depth = depth + worn
        worn = _worn(worn, square=number % 2 == 1)
    part = depth / (radius * mask.clamp(min=1e-6))
    return mask * part * part * (3 - 2 * part)


def _worn(mask: Tensor, *, square: bool) -> Tensor:
    """The least of each pixel and its neighbours: four, or eight. Both in turn wear octagons."""
    if square:
        return -F.max_pool2d(-mask, 3, 1, 1)
    rows = -F.max_pool2d(-mask, (3, 1), 1, (1, 0))
    return torch.minimum(rows, -F.max_pool2d(-mask, (1, 3), 1, (0, 1)))


def resized(mask: Tensor, size: Size) -> Tensor:
    """The mask `(B, 1, H, W)` at an octave's size, in [0, 1]: the mean of what a pixel covers."""
    small = F.interpolate(mask, size=size, mode="bilinear", antialias=True)
    return small.clamp(0, 1)


def blended(before: Tensor, after: Tensor, mask: Tensor) -> Tensor:
    """`after` where the mask is 1, `before` where it is 0, exactly; mixtures between.

    Args:
        before: `(B, 3, H, W)`.
        after: `(B, 3, H, W)`, any values where the mask is 0.
        mask: `(B, 1, H, W)` or `(1, 1, H, W)` in [0, 1].

    Returns: `(B, 3, H, W)`.
    """
    return torch.where(mask > 0, torch.lerp(before, after, mask), before)


def kept_outside(source: Tensor, dream: Tensor, mask: Tensor) -> Tensor:
    """The dream wherever the mask lets it be at all, else the source, bit for bit; arguments as
    `blended`.

    The dream's steps have faded in already: fading once more would narrow it. Detail that resizing
    carried across the mask's end is cut off here.
    """
    return torch.where(mask > 0, dream, source)
