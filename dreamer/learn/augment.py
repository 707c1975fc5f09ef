"""Pictures varied on their way into training."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def augmented(squares: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Random crop and scale, mirror, contrast and colour cast.

    Args:
        squares: `(B, 3, S, S)` uint8.
        side: of the result, at most 1.25 S.
        generator: of the pictures' device.

    Returns: `(B, 3, side, side)` float32 in [0, 1], channels last. All pictures of a batch share
    one crop; everything else is each one's own.
    """
    stored, device = squares.shape[-1], squares.device

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=device)

    part, top, left = rand(3).tolist()
    size = round(stored * (0.66 + 0.34 * part))
    y, x = round(top * (stored - size)), round(left * (stored - size))
    pictures = squares[:, :, y : y + size, x : x + size].float() / 255
    if size != side:
        pictures = F.interpolate(pictures, size=(side, side), mode="bilinear", antialias=True)
    pictures = torch.where(rand(len(pictures), 1, 1, 1) < 0.5, pictures, pictures.flip(3))
    contrast = 0.8 + 0.4 * rand(len(pictures), 1, 1, 1)
    cast = (rand(len(pictures), 3, 1, 1) - 0.5) * 0.12
    pictures = (pictures - 0.5) * contrast + 0.5 + cast
    return pictures.clamp(0, 1).contiguous(memory_format=torch.channels_last)


def centred(squares: Tensor, side: int, part: float = 0.8) -> Tensor:
    """The middle `part` of each square's side, at `side`, `(B, 3, side, side)` in [0, 1]."""
    stored = squares.shape[-1]
    cut = round(stored * (1 - part) / 2)
    pictures = squares[:, :, cut : stored - cut, cut : stored - cut].float() / 255
    if pictures.shape[-1] == side:
        return pictures
    return F.interpolate(pictures, size=(side, side), mode="bilinear", antialias=True)
