"""`climb` for pictures of pixels and terms of what is seen in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dreamer.dreaming import climb, optimisers
from dreamer.dreaming.objectives import Perceive, Term, total


def slope(image: Tensor, perceive: Perceive, terms: Sequence[Term], weights: Tensor) -> Tensor:
    """∂ objective / ∂ image, `(B, 3, H, W)`."""
    return climb.whole(lambda shown: total(terms, perceive(shown), weights))(image)


def step(
    image: Tensor,
    perceive: Perceive,
    term: Term,
    size: float,
    shape: Callable[[Tensor], Tensor],
    add: Callable[[Tensor, Tensor], Tensor],
    shift: tuple[int, ...] = (0, 0),
) -> Tensor:
    """A plain step of `size` up `term` at weight 1, seen rolled down and right by `shift`."""

    def score(shown: Tensor) -> Tensor:
        return total([term], perceive(torch.roll(shown, shift, (2, 3))), torch.ones(1))

    plain = optimisers.plain()
    done = climb.step(
        (image,),
        optimisers.begun(plain, (image,)),
        size,
        picture=lambda leaves: leaves[0],
        slope=climb.whole(score),
        shape=shape,
        optimiser=plain,
        settle=lambda before, after: add(before, after - before),
    )
    return done.parameters[0]
