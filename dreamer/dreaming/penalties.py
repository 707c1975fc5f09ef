"""What a picture pays for not being plain: numbers `(B,)` that an objective takes away.

Means over pixels and channels, so that a weight means the same at every octave.
"""

from __future__ import annotations

import torch
from torch import Tensor


def total_variation(picture: Tensor, smoothing: float = 1e-3) -> Tensor:
    """Mean length of the gradient, √(Δx² + Δy² + ε²) − ε, of `(B, 3, H, W)`: `(B,)`.

    Flat fields cost nothing and an edge what it is high, whatever its direction (Rudin, Osher and
    Fatemi 1992). Differences go to the next pixel; beyond the last one there is none.

    Args:
        picture: any range.
        smoothing: ε, below which differences count by their square: the slope stays finite.
    """
    down = torch.nn.functional.pad(picture.diff(dim=2), (0, 0, 0, 1))
    across = torch.nn.functional.pad(picture.diff(dim=3), (0, 1))
    length = (down.square() + across.square() + smoothing**2).sqrt() - smoothing
    return length.mean((1, 2, 3))


def l1(picture: Tensor, middle: Tensor | float = 0.5) -> Tensor:
    """Mean |x − middle| of `(B, 3, H, W)`: `(B,)`; leaves most pixels plain."""
    return (picture - middle).abs().mean((1, 2, 3))


def l2(picture: Tensor, middle: Tensor | float = 0.5) -> Tensor:
    """Mean (x − middle)² of `(B, 3, H, W)`: `(B,)`; `middle` may be a picture to stay near."""
    return (picture - middle).square().mean((1, 2, 3))
