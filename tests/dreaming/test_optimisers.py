"""Optimisers against torch.optim, step by step, and stopped and gone on."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from dreamer.dreaming import optimisers
from dreamer.dreaming.optimisers import Optimiser, State, begun, stepped


def hill(x: torch.Tensor) -> torch.Tensor:
    """Something to climb whose slope differs everywhere."""
    steep = torch.linspace(0.1, 3, x.numel(), dtype=x.dtype).view(x.shape)
    return (torch.sin(steep * x) - 0.1 * (steep * x).square()).sum()


def slope_at(x: torch.Tensor) -> torch.Tensor:
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(hill(leaf), leaf)[0]


def beginning(seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.float64)


PAIRS = {
    "plain": (optimisers.plain(), partial(torch.optim.SGD)),
    "momentum": (optimisers.momentum(0.7), partial(torch.optim.SGD, momentum=0.7)),
    "adam": (optimisers.adam(), torch.optim.Adam),
    "adam_other": (
        optimisers.adam(0.5, 0.9, 1e-3),
        partial(torch.optim.Adam, betas=(0.5, 0.9), eps=1e-3),
    ),
    "nadam": (optimisers.nadam(), torch.optim.NAdam),
    "nadam_other": (
        optimisers.nadam(0.6, 0.95, 1e-3, 0.1),
        partial(torch.optim.NAdam, betas=(0.6, 0.95), eps=1e-3, momentum_decay=0.1),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_step_is_torchs(name: str) -> None:
    ours, theirs = PAIRS[name]
    x, leaf = beginning(), beginning().requires_grad_()
    state = ours.begin(x)
    torchs = theirs([leaf], lr=0.05, maximize=True)
    for k in range(20):
        size = 0.05 / (1 + k / 10)  # a schedule
        torchs.param_groups[0]["lr"] = size
        torchs.zero_grad()
        hill(leaf).backward()
        torchs.step()
        x, state = ours.step(x, slope_at(x), state, torch.tensor(size, dtype=torch.float64))
        # torch keeps the product of NAdam's momenta in float32
        most = 1e-7 if name.startswith("nadam") else 1e-13
        torch.testing.assert_close(x, leaf.detach(), rtol=10 * most, atol=most)
        assert state.steps == k + 1
    assert not torch.equal(x, beginning())


ALL: dict[str, Optimiser] = {name: ours for name, (ours, _) in PAIRS.items()}
each = pytest.mark.parametrize("name", ALL)


def climbed(optimiser: Optimiser, x: torch.Tensor, state: State, steps: int) -> tuple:
    for _ in range(steps):
        x, state = optimiser.step(x, slope_at(x), state, 0.01)
    return x, state


@each
def test_what_was_stopped_goes_on_exactly(name: str) -> None:
    optimiser = ALL[name]
    x = beginning().float()
    whole, _ = climbed(optimiser, x, optimiser.begin(x), 12)
    half, state = climbed(optimiser, x, optimiser.begin(x), 5)
    kept = {key: value.numpy().copy() for key, value in state._asdict().items()}
    again = State(**{key: torch.from_numpy(value) for key, value in kept.items()})
    gone_on, _ = climbed(optimiser, half.clone(), again, 7)
    assert torch.equal(whole, gone_on)


@each
def test_steps_change_nothing_they_were_given(name: str) -> None:
    optimiser, x, slope = ALL[name], beginning(), slope_at(beginning())
    _, state = optimiser.step(x, slope, optimiser.begin(x), 0.1)
    before = [t.clone() for t in (x, slope, *state)]
    optimiser.step(x, slope, state, 0.1)
    assert all(torch.equal(a, b) for a, b in zip(before, (x, slope, *state), strict=True))


@each
def test_steps_climb_and_keep_the_dtype(name: str) -> None:
    x = beginning().float()
    moved, state = climbed(ALL[name], x, ALL[name].begin(x), 20)
    assert hill(moved) > hill(x)
    assert moved.dtype == torch.float32
    assert state.first.dtype == state.second.dtype == torch.float32


@each
def test_pictures_of_a_batch_do_not_touch_each_other(name: str) -> None:
    optimiser, both = ALL[name], beginning()
    slopes = torch.stack([slope_at(both)[0], 1000 * slope_at(both)[1]])
    together, _ = optimiser.step(both, slopes, optimiser.begin(both), 0.1)
    alone, _ = optimiser.step(both[:1], slopes[:1], optimiser.begin(both[:1]), 0.1)
    torch.testing.assert_close(together[:1], alone, rtol=0, atol=1e-14)


def test_several_parameters_step_each_by_itself() -> None:
    optimiser = optimisers.adam()
    several = (beginning(), beginning(1)[:, :, 0])
    slopes = tuple(slope_at(x) for x in several)
    moved, states = stepped(optimiser, several, slopes, begun(optimiser, several), 0.1)
    for x, slope, found, state in zip(several, slopes, moved, states, strict=True):
        expected, kept = optimiser.step(x, slope, optimiser.begin(x), 0.1)
        assert torch.equal(found, expected)
        assert torch.equal(state.second, kept.second)
