"""One step up, whatever is climbed: parameterisation, objective, optimiser, and what holds a
picture within bounds are each a function, and none knows another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.dreaming.optimisers import Optimiser, State, stepped
from dreamer.dreaming.parameterisation import Parameters

Score = Callable[[Tensor], Tensor]


class Step(NamedTuple):
    """After a step: the parameters, what the optimiser remembers of each, and the objective's
    slope at the picture `(B, 3, H, W)`, where it was asked for.
    """

    parameters: Parameters
    states: tuple[State, ...]
    slope: Tensor | None


def slopes(
    parameters: Parameters,
    picture: Callable[[Parameters], Tensor],
    score: Score,
    attributed: bool = False,
) -> tuple[tuple[Tensor, ...], Tensor | None]:
    """∂ score / ∂ each of `parameters`, and, if `attributed`, ∂ score / ∂ picture.

    Args:
        parameters: tensors whose first axis is the picture.
        picture: what they are told by, `(B, 3, H, W)`, differentiably.
        score: a picture's numbers, `(B,)`; pictures that do not share a number do not touch.
        attributed: whether the second is asked for.
    """
    leaves = tuple(parameter.detach().requires_grad_(True) for parameter in parameters)
    with torch.enable_grad():
        shown = picture(leaves)
        wanted = (*leaves, shown) if attributed else leaves
        found = torch.autograd.grad(score(shown).sum(), wanted)
    return found[: len(leaves)], found[-1] if attributed else None


def step(
    parameters: Parameters,
    states: Sequence[State],
    size: Tensor | float,
    *,
    picture: Callable[[Parameters], Tensor],
    score: Score,
    shape: Callable[[Tensor], Tensor],
    optimiser: Optimiser,
    settle: Callable[[Tensor, Tensor], Tensor],
    attributed: bool = False,
) -> Step:
    """One step.

    Args:
        parameters: tensors whose first axis is the picture.
        states: one of each, from `optimisers.begun`.
        size: of the step: the learning rate.
        picture: as `slopes`.
        score: as `slopes`.
        shape: what is done to each slope before the optimiser sees it.
        optimiser: how slopes become steps.
        settle: (parameter before, after) → what is kept: within bounds, smoothed.
        attributed: whether the picture's own slope is asked for.
    """
    found, slope = slopes(parameters, picture, score, attributed)
    moved, remembered = stepped(optimiser, parameters, [shape(s) for s in found], states, size)
    kept = tuple(settle(before, after) for before, after in zip(parameters, moved, strict=True))
    return Step(kept, remembered, slope)
