"""The loop that learns: exact after a stop, and able to learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamer.learn.course import Course, Stage
from dreamer.learn.draws import Draws
from dreamer.learn.loop import Learner, new_learner, steps
from dreamer.learn.model import trainable
from dreamer.learn.squares import Squares

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 210)}


def course(**changes: object) -> Course:
    numbers: dict[str, object] = {
        "stages": (Stage(32, 4), Stage(48, 2)),
        "batch": 6,
        "peak": 3e-3,
        "weight_decay": 1e-3,
        "warm_up": 0.2,
        "label_smoothing": 0.0,
        "alpha": 1.1,
        "ramp": 0.3,
        "average": 0.9,
        "seed": 3,
        "epsilon_photographs": 0.5,
        "epsilon_motifs": 1.0,
        "share_motifs": 0.5,
    }
    return Course(**{**numbers, **changes})  # type: ignore[arg-type]


def colours(each: int = 12) -> Squares:
    """Squares of three colours with a little noise; the third is said to be a motif."""
    generator = torch.Generator().manual_seed(0)
    pictures = []
    for colour in COLOURS.values():
        noise = torch.randint(-25, 26, (each, 3, 40, 40), generator=generator)
        pictures.append((torch.tensor(colour)[None, :, None, None] + noise).clamp(0, 255))
    labels = torch.arange(3).repeat_interleave(each)
    squares = torch.cat(pictures).to(torch.uint8)
    return Squares(squares, labels, tuple(COLOURS), ("photos", "photos", "motifs"))


def learnt(learner: Learner, draws: Draws, count: int | None = None) -> list[float]:
    losses = []
    for step in steps(learner, draws, torch.float32):
        losses.append(step.loss)
        if len(losses) == count:
            break
    return losses


def test_stopping_and_going_on_changes_nothing() -> None:
    draws = Draws(colours(), course())
    whole = new_learner(trainable("house", 3, 1), course())
    unbroken = learnt(whole, draws)
    first = new_learner(trainable("house", 3, 1), course())
    begun = learnt(first, draws, 3)
    second = new_learner(trainable("house", 3, 99), course())
    second.load(first.state())
    assert begun + learnt(second, draws) == unbroken
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name
        assert torch.equal(whole.average[name], second.average[name]), name


@pytest.mark.parametrize("architecture", ["house", "judge"])
def test_what_differs_by_colour_is_learnt(architecture: str) -> None:
    numbers = course(stages=(Stage(32, 40),), batch=24, epsilon_photographs=0.0, epsilon_motifs=0.0)
    losses = learnt(new_learner(trainable(architecture, 3, 0), numbers), Draws(colours(), numbers))
    assert losses[0] > 0.6
    assert np.mean(losses[-10:]) < losses[0] / 4


def test_the_rate_rises_and_falls_and_the_radius_grows_with_the_picture() -> None:
    numbers = course(stages=(Stage(64, 50), Stage(96, 50)), warm_up=0.1, ramp=0.3)
    rates = [numbers.rate(k) for k in range(100)]
    assert max(rates) == pytest.approx(numbers.peak, rel=0.01)
    assert rates.index(max(rates)) == 10
    assert rates[-1] < numbers.peak / 100
    assert numbers.radius(0, 1.2) == 0
    assert numbers.radius(40, 1.2) == pytest.approx(1.2)
    assert numbers.radius(60, 1.2) == pytest.approx(1.8)
    assert [numbers.side(k) for k in (0, 49, 50, 99)] == [64, 64, 96, 96]


def test_batches_hold_their_share_of_motifs_and_their_radii() -> None:
    numbers = course(batch=400, share_motifs=0.3, ramp=0.0)
    pictures, labels, radius, _ = Draws(colours(), numbers).batch(2)
    assert pictures.shape == (400, 3, 32, 32)
    motif = labels == 2
    assert motif.float().mean().item() == pytest.approx(0.3, abs=0.07)
    assert radius[motif].unique().item() == pytest.approx(0.5)
    assert radius[~motif].unique().item() == pytest.approx(0.25)
