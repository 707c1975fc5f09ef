"""One step up, whatever is climbed: parameterisation, objective, optimiser, and what holds a
picture within bounds are each a function, and none knows another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.dreaming import bands
from dreamer.dreaming.optimisers import Optimiser, State, stepped
from dreamer.dreaming.parameterisation import Parameters

Score = Callable[[Tensor], Tensor]
Slope = Callable[[Tensor], Tensor]


class Step(NamedTuple):
    """After a step: the parameters, what the optimiser remembers of each, and what the
    objective's slope was at the picture `(B, 3, H, W)`.
    """

    parameters: Parameters
    states: tuple[State, ...]
    slope: Tensor


def whole(score: Score) -> Slope:
    """∂ `score` / ∂ picture of pictures `(B, 3, H, W)`, all at once.

    `score` gives a picture's numbers, `(B,)`; pictures that do not share a number do not touch.
    """

    def slope(shown: Tensor) -> Tensor:
        leaf = shown.detach().requires_grad_(True)
        with torch.enable_grad():
            (found,) = torch.autograd.grad(score(leaf).sum(), leaf)
        return found

    return slope


def slopes(
    parameters: Parameters, picture: Callable[[Parameters], Tensor], slope: Slope
) -> tuple[tuple[Tensor, ...], Tensor]:
    """The slope at each of `parameters`, and at the picture.

    Args:
        parameters: tensors whose first axis is the picture.
        picture: what they are told by, `(B, 3, H, W)`, differentiably.
        slope: the objective's at a picture, of its shape: `whole`, or tile by tile (`tiles`).
    """
    leaves = tuple(parameter.detach().requires_grad_(True) for parameter in parameters)
    with torch.enable_grad():
        shown = picture(leaves)
    here = slope(shown.detach())
    if shown is leaves[0]:
        return (here,), here
    with torch.enable_grad():
        # The slope of this product is `here`; to be given it, torch would import its compiler.
        return torch.autograd.grad((shown * here).sum(), leaves), here


def by_bands(
    picture: Tensor,
    state: State,
    size: Tensor | float,
    *,
    shaped: Tensor,
    optimiser: Optimiser,
    settle: Callable[..., Tensor],
    beside: Sequence[Tensor] = (),
) -> State:
    """A step of a large picture `(B, 3, H, W)`, in place, a band of rows at a time.

    Args:
        picture: of pixels; overwritten.
        state: of the optimiser; overwritten.
        size: as `step`.
        shaped: the slope, as the optimiser is to see it.
        optimiser: as `step`.
        settle: (picture before, after, `beside` …) → what is kept, pixel by pixel.
        beside: what else it sees, `(1 or B, …, H, W)`.

    Returns: what the optimiser remembers.
    """
    after = state
    for rows in bands.bands(picture):
        part = state._replace(first=_rows(state.first, rows), second=_rows(state.second, rows))
        before = picture[..., rows, :]
        moved, after = optimiser.step(before, shaped[..., rows, :], part, size)
        for kept, new in ((part.first, after.first), (part.second, after.second)):
            kept.copy_(new)
        before.copy_(settle(before, moved, *(other[..., rows, :] for other in beside)))
    return after._replace(first=state.first, second=state.second)


def _rows(remembered: Tensor, rows: slice) -> Tensor:
    return remembered[..., rows, :] if remembered.dim() > 1 else remembered  # or nothing


def step(
    parameters: Parameters,
    states: Sequence[State],
    size: Tensor | float,
    *,
    picture: Callable[[Parameters], Tensor],
    slope: Slope,
    shape: Callable[[Tensor], Tensor],
    optimiser: Optimiser,
    settle: Callable[[Tensor, Tensor], Tensor],
) -> Step:
    """One step.

    Args:
        parameters: tensors whose first axis is the picture.
        states: one of each, from `optimisers.begun`.
        size: of the step: the learning rate.
        picture: as `slopes`.
        slope: as `slopes`.
        shape: what is done to each slope before the optimiser sees it.
        optimiser: how slopes become steps.
        settle: (parameter before, after) → what is kept: within bounds, smoothed.
    """
    found, here = slopes(parameters, picture, slope)
    moved, remembered = stepped(optimiser, parameters, [shape(s) for s in found], states, size)
    kept = tuple(settle(before, after) for before, after in zip(parameters, moved, strict=True))
    return Step(kept, remembered, here)
