"""How a slope becomes a step: each optimiser a pure function from state to state, so that a
render that was stopped goes on exactly, and nothing is read back from the device.

They climb: what is added goes up the slope. Every parameter tensor has a state of its own, and
the first axis of both is the picture; no picture moves another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class State(NamedTuple):
    """What an optimiser remembers of a parameter; what it does not need is empty.

    `steps` (done so far) and `product` (NAdam's, of its momenta) are numbers, float64 `()`; `first`
    and `second` are running means of the slope and of its square, shaped as the parameter.
    """

    steps: Tensor
    product: Tensor
    first: Tensor
    second: Tensor


class Optimiser(NamedTuple):
    """`begin(parameter)` gives the first state; `step(parameter, slope, state, size)` the next
    parameter and state, `size` being the learning rate, a number or a tensor of one.
    """

    begin: Callable[[Tensor], State]
    step: Callable[[Tensor, Tensor, State, Tensor | float], tuple[Tensor, State]]


def _begin(parameter: Tensor, first: bool, second: bool) -> State:
    number = parameter.new_zeros((), dtype=torch.float64)
    nothing = parameter.new_zeros(0)
    return State(
        number,
        number + 1,
        torch.zeros_like(parameter) if first else nothing,
        torch.zeros_like(parameter) if second else nothing,
    )


def plain() -> Optimiser:
    """Plain ascent, x + size · g."""

    def step(
        parameter: Tensor, slope: Tensor, state: State, size: Tensor | float
    ) -> tuple[Tensor, State]:
        return parameter + size * slope, state._replace(steps=state.steps + 1)

    return Optimiser(lambda parameter: _begin(parameter, False, False), step)


def momentum(keep: float = 0.9) -> Optimiser:
    """Ascent with a running sum v ← keep · v + g, x + size · v (Polyak 1964), as torch.optim.SGD
    has it.
    """

    def step(
        parameter: Tensor, slope: Tensor, state: State, size: Tensor | float
    ) -> tuple[Tensor, State]:
        way = keep * state.first + slope
        return parameter + size * way, state._replace(steps=state.steps + 1, first=way)

    return Optimiser(lambda parameter: _begin(parameter, True, False), step)


def _means(
    slope: Tensor, state: State, first: float, second: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Steps done with this one, and the running means with this slope in them."""
    return (
        state.steps + 1,
        first * state.first + (1 - first) * slope,
        second * state.second + (1 - second) * slope.square(),
    )


def adam(first: float = 0.9, second: float = 0.999, least: float = 1e-8) -> Optimiser:
    """Adam (Kingma and Ba 2015) as torch.optim has it; `least` keeps its divisor from 0."""

    def step(
        parameter: Tensor, slope: Tensor, state: State, size: Tensor | float
    ) -> tuple[Tensor, State]:
        count, mean, square = _means(slope, state, first, second)
        divisor = square.sqrt() / (1 - second**count).sqrt() + least
        rate = size / (1 - first**count)
        return parameter + rate * (mean / divisor), State(count, state.product, mean, square)

    return Optimiser(lambda parameter: _begin(parameter, True, True), step)


def nadam(
    first: float = 0.9, second: float = 0.999, least: float = 1e-8, decay: float = 0.004
) -> Optimiser:
    """Adam that looks one step ahead (Dozat 2016) as torch.optim has it; MACO's own.

    Momentum warms up: in step t it is first · (1 − ½ · 0.96^(t · decay)).
    """

    def step(
        parameter: Tensor, slope: Tensor, state: State, size: Tensor | float
    ) -> tuple[Tensor, State]:
        count, mean, square = _means(slope, state, first, second)
        now, next_one = (first * (1 - 0.5 * 0.96 ** (k * decay)) for k in (count, count + 1))
        product = state.product * now
        divisor = (square / (1 - second**count)).sqrt() + least
        here = (1 - now) / (1 - product)
        ahead = next_one / (1 - product * next_one)
        moved = parameter + size * ((here * slope + ahead * mean) / divisor)
        return moved, State(count, product, mean, square)

    return Optimiser(lambda parameter: _begin(parameter, True, True), step)


def begun(optimiser: Optimiser, parameters: Sequence[Tensor]) -> tuple[State, ...]:
    """The first states of several parameters."""
    return tuple(optimiser.begin(parameter) for parameter in parameters)


def stepped(
    optimiser: Optimiser,
    parameters: Sequence[Tensor],
    slopes: Sequence[Tensor],
    states: Sequence[State],
    size: Tensor | float,
) -> tuple[tuple[Tensor, ...], tuple[State, ...]]:
    """Several parameters a step further, each by its own slope and state, and their states."""
    moved = [
        optimiser.step(parameter, slope, state, size)
        for parameter, slope, state in zip(parameters, slopes, states, strict=True)
    ]
    return tuple(parameter for parameter, _ in moved), tuple(state for _, state in moved)
