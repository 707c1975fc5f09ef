"""The training loop: a generator of reports over explicit state, so that resuming is calling it
again.

What a step sees is a pure function of the course's seed and the step's number.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.learn.attack import one_step
from dreamer.learn.augment import augmented
from dreamer.learn.course import Course
from dreamer.learn.drawings import GROUP
from dreamer.learn.photographs import Squares


@dataclass
class Learner:
    """All that changes while learning: the model, its optimiser, the running average of its
    weights, how many steps are done, and how long they took.
    """

    model: nn.Module
    optimiser: torch.optim.Optimizer
    average: dict[str, Tensor]
    done: int = 0
    seconds: float = 0.0

    def state(self) -> dict[str, Any]:
        """All of it, to be kept."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "done": self.done,
            "seconds": self.seconds,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a kept state, on whatever device it was kept."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        for name, value in self.average.items():
            value.copy_(state["average"][name])
        self.done, self.seconds = state["done"], state.get("seconds", 0.0)


def new_learner(model: nn.Module, course: Course) -> Learner:
    """A learner that has not begun. The model takes pictures in [0, 1]."""
    model = model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), course.peak, weight_decay=course.weight_decay)
    return Learner(model, optimiser, {k: v.clone() for k, v in model.state_dict().items()})


class Draws:
    """Which pictures each step sees: photographs by 1/√(pictures of their class), motifs evenly."""

    def __init__(self, squares: Squares, course: Course) -> None:
        labels, device = squares.labels.cpu(), squares.labels.device  # on CUDA sums may vary
        count = torch.bincount(labels, minlength=len(squares.classes)).float()
        weight = (1 / count.clamp(min=1).sqrt())[labels]
        motif = torch.tensor([g == GROUP for g in squares.groups])[labels]
        share = course.share_motifs if motif.any() else 0.0
        if not (~motif).any():
            share = 1.0
        for mine, part in ((motif, share), (~motif, 1 - share)):
            weight[mine] *= part / weight[mine].sum().clamp(min=1e-12)
        self.weight, self.motif = weight.cumsum(0).double().to(device), motif.to(device)
        self.squares, self.course = squares, course

    def seed(self, step: int) -> int:
        """What all chance of a step comes from."""
        return self.course.seed * 1_000_003 + step

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor, torch.Generator]:
        """Pictures `(B, 3, S, S)`, labels `(B,)`, attack radii `(B, 1, 1, 1)` of a step, and the
        generator for the rest of its chances.
        """
        device = self.squares.labels.device
        generator = torch.Generator(device).manual_seed(self.seed(step))
        places = torch.rand(
            self.course.batch, generator=generator, device=device, dtype=torch.float64
        )
        pick = torch.searchsorted(self.weight, places * self.weight[-1])
        pick = pick.clamp(max=len(self.weight) - 1)
        pictures = augmented(self.squares.pictures[pick], self.course.side(step), generator)
        radius = torch.where(
            self.motif[pick],
            self.course.radius(step, self.course.epsilon_motifs),
            self.course.radius(step, self.course.epsilon_photographs),
        )
        return pictures, self.squares.labels[pick], radius[:, None, None, None], generator


def steps(learner: Learner, draws: Draws, precision: torch.dtype) -> Iterator[float]:
    """Do the steps that are left; gives each one's loss when it is done.

    Forward and backward passes run in `precision` (bfloat16 by autocast), weights in float32.
    torch's own random state is seeded at every step.
    """
    course, model = draws.course, learner.model
    attacked = course.epsilon_motifs > 0 or course.epsilon_photographs > 0
    model.train()
    while learner.done < course.steps:
        step, began = learner.done, time.monotonic()
        for group in learner.optimiser.param_groups:
            group["lr"] = course.rate(step)
        pictures, labels, radius, generator = draws.batch(step)
        kind = pictures.device.type
        torch.manual_seed(draws.seed(step))  # what a network drops out
        with torch.autocast(kind, dtype=precision, enabled=precision != torch.float32):
            if attacked:
                model.requires_grad_(False)
                pictures = one_step(model, pictures, labels, radius, course.alpha, generator)
                model.requires_grad_(True)
            logits = model(pictures.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=course.label_smoothing)
        learner.optimiser.zero_grad()
        torch.autograd.backward(loss)
        learner.optimiser.step()
        learner.done += 1
        _averaged(learner, course)
        lost = loss.item()  # waits for the device, so that the time is that of the work
        learner.seconds += time.monotonic() - began
        yield lost


def _averaged(learner: Learner, course: Course) -> None:
    """Move the average towards the weights; faster at first, when it remembers only beginnings."""
    keep = min(course.average, (1 + learner.done) / (10 + learner.done))
    with torch.no_grad():
        for name, value in learner.model.state_dict().items():
            if value.dtype.is_floating_point:
                learner.average[name].lerp_(value, 1 - keep)
            else:
                learner.average[name].copy_(value)
