"""A learning rate found by trying: a few steps at rates that grow from nearly nothing until the
loss runs away (Smith 2017, *Cyclical learning rates for training neural networks*).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from dreamer.learn.draws import Draws
from dreamer.learn.loop import Learner, steps

LEAST, MOST, TRIALS = 1e-6, 1.0, 60
RUNAWAY = 4.0  # times the best loss
SMOOTH = 0.8  # what the mean of losses keeps
SAFE = 10.0  # below the rate of the least loss


@dataclass(frozen=True)
class Found:
    """The rate, and the curve it was read from: (rate, smoothed loss) of each trial."""

    rate: float
    curve: tuple[tuple[float, float], ...]


def rate_of(trial: int, trials: int = TRIALS) -> float:
    """The rate of a trial, on a line of logarithms."""
    return float(LEAST * (MOST / LEAST) ** (trial / max(1, trials - 1)))


def found_rate(
    learner: Learner,
    draws: Draws,
    precision: torch.dtype,
    on_trial: Callable[[], None] = lambda: None,
) -> Found:
    """A rate for what `learner` is about to learn; itself it stays as it is.

    The rate is a tenth of that at which the smoothed loss was least, before it ran away; of a loss
    that no rate lowers, the least rate is all that can be said.
    """
    trial = copy.deepcopy(learner)
    curve: list[tuple[float, float]] = []
    mean, best = 0.0, math.inf
    trials = min(TRIALS, draws.course.steps)
    ramp = partial(rate_of, trials=trials)
    for number, step in enumerate(steps(trial, draws, precision, ramp)):
        on_trial()
        mean = SMOOTH * mean + (1 - SMOOTH) * step.loss
        smooth = mean / (1 - SMOOTH ** (number + 1))
        if not math.isfinite(smooth) or smooth > RUNAWAY * best:
            break
        curve.append((ramp(number), smooth))
        best = min(best, smooth)
        if number + 1 == trials:
            break
    rate, _ = min(curve, key=lambda point: point[1], default=(LEAST, 0.0))
    return Found(max(rate / SAFE, LEAST), tuple(curve))
