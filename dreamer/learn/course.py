"""What a training is to do: plain numbers, from a recipe or a test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from dreamer.learn.variation import Variation


@dataclass(frozen=True)
class Stage:
    """So many steps at one size of picture."""

    side: int
    steps: int


@dataclass(frozen=True)
class Course:
    """All numbers of a training.

    `epsilon` is the L2 radius of the attack for each group of classes at 64 px (it grows with the
    side, as the norm of a picture does); no attack where it is 0. `share` says how many pictures
    of a batch come from each group of sources. `average` is what the running average of the
    weights keeps at each step.

    `sampling` says which pictures a step sees: each drawn with a chance of 1/√(pictures of its
    class) (`roots`), all classes alike (`even`), or every picture once an epoch (`epochs`).
    `variation` is how they are varied, or None for the way house learns (`augment.augmented`);
    `part` how much of a square's side is looked at when it is not. `balance` weighs the loss by
    one over a class's share. `clip` is the greatest norm of all gradients, none at 0. `first` is
    the first layer that learns (all, if none is named), `bottom` its rate as a part of the head's.
    """

    stages: tuple[Stage, ...]
    batch: int
    peak: float
    weight_decay: float
    warm_up: float
    label_smoothing: float
    alpha: float
    ramp: float
    average: float
    seed: int
    epsilon_photographs: float
    epsilon_motifs: float
    share_motifs: float
    optimiser: Literal["adamw", "sgd", "adadelta"] = "adamw"
    momentum: float = 0.9
    rho: float = 0.95
    schedule: Literal["cosine", "constant"] = "cosine"
    clip: float = 0.0
    sampling: Literal["roots", "even", "epochs"] = "roots"
    variation: Variation | None = None
    part: float = 0.8
    balance: bool = False
    first: str = ""
    bottom: float = 1.0

    @property
    def steps(self) -> int:
        """Of all stages."""
        return sum(stage.steps for stage in self.stages)

    def side(self, step: int) -> int:
        """The side of the pictures at `step`, counted from 0."""
        for stage in self.stages:
            if step < stage.steps:
                return stage.side
            step -= stage.steps
        return self.stages[-1].side

    def rate(self, step: int) -> float:
        """The learning rate: up along a line, then down along a cosine to a thousandth, or
        constant.
        """
        part = step / self.steps
        if part < self.warm_up:
            return self.peak * (0.02 + 0.98 * part / self.warm_up)
        if self.schedule == "constant":
            return self.peak
        fall = (part - self.warm_up) / (1 - self.warm_up)
        return self.peak * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * fall)))

    def radius(self, step: int, epsilon: float) -> float:
        """The attack's radius at `step`, ramped up over the first part, at that step's side."""
        grown = min(1.0, step / self.steps / self.ramp) if self.ramp else 1.0
        return epsilon * grown * self.side(step) / 64
