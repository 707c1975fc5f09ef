"""Masks that need no file: halves that fade into each other, the middle and what is around it."""

from __future__ import annotations

import torch
from torch import Tensor

FADE = 0.2  # of the picture's width, or of the disc's radius


def _smooth(x: Tensor) -> Tensor:
    part = x.clamp(0, 1)
    return part * part * (3 - 2 * part)


def _places(count: int) -> Tensor:
    return (torch.arange(count) + 0.5) / count


def right(height: int, width: int) -> Tensor:
    """White on the right; with `left` it is white everywhere."""
    return _smooth((_places(width) - 0.5) / FADE + 0.5).expand(height, width)


def bottom(height: int, width: int) -> Tensor:
    """White at the bottom; with `top` it is white everywhere."""
    return right(width, height).T


def middle(height: int, width: int) -> Tensor:
    """A white ellipse as wide and high as four fifths of the picture."""
    across, down = (2 * _places(n) - 1 for n in (width, height))
    away = (across.square() + down.square()[:, None]).sqrt() / 0.8
    return _smooth((1 - away) / FADE + 0.5)


def drawn(name: str, size: tuple[int, int]) -> Tensor:
    """The mask called `name`, a key of `MASKS`, `(1, 1, H, W)` in [0, 1] at (height, width)
    `size`.
    """
    draw, inverted = MASKS[name]
    mask = draw(*size)
    return (1 - mask if inverted else mask)[None, None].contiguous()


MASKS = {
    "left": (right, True),
    "right": (right, False),
    "top": (bottom, True),
    "bottom": (bottom, False),
    "middle": (middle, False),
    "around": (middle, True),
}
