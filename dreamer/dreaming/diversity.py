"""What a batch of pictures is asked for together: to differ, to agree, to lead from one thing to
another. The only objectives whose pictures touch each other.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming.features import gram
from dreamer.dreaming.masking import averaged
from dreamer.dreaming.objectives import wide

FARTHEST = 4  # pictures along a row that `alignment` compares


def diversity(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """−Σ over the other pictures of the cosine of Gram matrices, / B, `(B,)`; lucid's `diversity`
    is the sum of these.

    A feature answers to several things, and one picture shows one of them: pictures that must
    differ in style show more. 0 for a picture alone; as a mean over the others nearly −1 when all
    are the same.

    Args:
        activation: `(B, C, h, w)`.
        mask: `(1 or B, 1, H, W)` in [0, 1], where they are to differ.
    """
    grams = gram(activation, mask).flatten(1)
    lengths = torch.linalg.vector_norm(grams, dim=1, keepdim=True)
    unit = grams / lengths.clamp(min=1e-10)
    batch = activation.shape[0]
    others = 1 - torch.eye(batch, dtype=grams.dtype, device=grams.device)
    likeness: Tensor = ((unit @ unit.T) * others).sum(1) / batch
    return -likeness


def alignment(activation: Tensor, decay: float = 2.0, mask: Tensor | None = None) -> Tensor:
    """−½ Σ over neighbours of the mean (a − b)² / decay^distance, `(B,)`; lucid's `alignment` is
    the sum of these.

    Pictures of a row keep like things in one place, up to `FARTHEST` apart.

    Args:
        activation: `(B, C, h, w)`, in the order of the row.
        decay: how fast farther pictures count less, above 0.
        mask: `(1 or B, 1, H, W)` in [0, 1].

    Raises:
        ValueError: a decay that is not above 0.
    """
    if decay <= 0:
        raise ValueError(f"the decay of an alignment is above 0, not {decay:g}")
    here = wide(activation)
    batch = here.shape[0]
    away = here.new_zeros(batch)
    for distance in range(1, max(1, min(FARTHEST, batch - 1)) + 1):  # one alone: from itself, 0
        later = torch.arange(batch, device=here.device) >= distance
        apart = averaged((here - here.roll(distance, 0)).square().mean(1), mask)
        pairs = apart * later / decay**distance
        away = away + (pairs + pairs.roll(-distance, 0)) / 2
    return -away


def interpolation(activation: Tensor, other: Tensor, mask: Tensor | None = None) -> Tensor:
    """(1 − s) · mean a + s · mean b, `(B,)`, s going from 0 to 1 along the batch (lucid's
    `channel_interpolate`). A picture alone has s = 0.

    Args:
        activation: `(B, C, h, w)`, the channels of the first picture.
        other: `(B, C', h', w')`, those of the last.
        mask: `(1 or B, 1, H, W)` in [0, 1].

    Raises:
        ValueError: activations of different batches.
    """
    if activation.shape[0] != other.shape[0]:
        raise ValueError(f"{activation.shape[0]} pictures cannot lead to {other.shape[0]}")
    one, two = (averaged(wide(x).mean(1), mask) for x in (activation, other))
    share = torch.linspace(0, 1, activation.shape[0], dtype=one.dtype, device=one.device)
    return (1 - share) * one + share * two
