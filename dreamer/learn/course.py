"""What a training is to do: plain numbers, from a recipe or a test."""

from __future__ import annotations

import math
from dataclasses import dataclass


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
        """The learning rate: up along a line, down along a cosine to a thousandth."""
        part = step / self.steps
        if part < self.warm_up:
            return self.peak * (0.02 + 0.98 * part / self.warm_up)
        fall = (part - self.warm_up) / (1 - self.warm_up)
        return self.peak * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * fall)))

    def radius(self, step: int, epsilon: float) -> float:
        """The attack's radius at `step`, ramped up over the first part, at that step's side."""
        grown = min(1.0, step / self.steps / self.ramp) if self.ramp else 1.0
        return epsilon * grown * self.side(step) / 64
