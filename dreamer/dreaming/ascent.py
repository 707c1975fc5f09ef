"""One step of gradient ascent on a picture, its numbers in one tensor so that one loop serves
every kind of run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dreamer.dreaming.objectives import Perceive, Term, total

HEADER = 4


def controls(shift: Sequence[int], step: float, falloff: float, weights: Sequence[float]) -> Tensor:
    """This step's numbers as one float32 tensor: shift down and right in pixels, step in 8-bit
    levels, falloff, weights.
    """
    return torch.tensor([*shift, step, falloff, *weights], dtype=torch.float32)


def rolled(image: Tensor, shift: Tensor) -> Tensor:
    """`image` rolled round by `shift` (down, right), which stays on its device: no value is read
    back.
    """
    if image.device.type == "cpu":  # reading it back costs nothing there, and blocks are copied
        down, right = shift.tolist()
        return torch.roll(image, (int(down), int(right)), (2, 3))
    height, width = image.shape[2:]
    rows = (torch.arange(height, device=image.device) - shift[0].long()) % height
    columns = (torch.arange(width, device=image.device) - shift[1].long()) % width
    return image.index_select(2, rows).index_select(3, columns)


def gradient(image: Tensor, perceive: Perceive, terms: Sequence[Term], weights: Tensor) -> Tensor:
    """∂ objective / ∂ image, `(B, 3, H, W)`; pictures of a batch do not touch each other."""
    leaf = image.detach().requires_grad_(True)
    with torch.enable_grad():
        objective = total(terms, perceive(leaf), weights)
        (slope,) = torch.autograd.grad(objective.sum(), leaf)
    return slope


def step(
    image: Tensor,
    numbers: Tensor,
    *,
    perceive: Perceive,
    terms: Sequence[Term],
    shape: Callable[[Tensor, Tensor], Tensor],
    add: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    """One step: roll, perceive, climb, roll back.

    Args:
        image: `(B, 3, H, W)` in [0, 1].
        numbers: from `controls`, on the image's device.
        perceive: the networks' taps.
        terms: the objective.
        shape: (gradient, falloff) → direction of about unit size.
        add: (image, change) → image in [0, 1].

    Returns: `(B, 3, H, W)` in [0, 1].
    """
    shift, size, falloff, weights = numbers[:2], numbers[2] / 255, numbers[3], numbers[HEADER:]
    moved = rolled(image, shift)
    slope = gradient(moved, perceive, terms, weights)
    return rolled(add(moved, size * shape(slope, falloff)), -shift)
