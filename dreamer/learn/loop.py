"""The training loop: a generator of reports over explicit state, so that resuming is calling it
again.

What a step sees is a pure function of the course's seed and the step's number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.learn.attack import one_step
from dreamer.learn.course import Course
from dreamer.learn.draws import Draws
from dreamer.learn.unfreezing import awake, frozen, rate_factors


class Step(NamedTuple):
    """What a step ended in: its loss, and the part of its pictures that were known before it."""

    loss: float
    right: float


@dataclass
class Learner:
    """All that changes while learning: the model, its optimiser, the running average of its
    weights, how many steps are done, how long they took, and how those ended that nobody has
    measured since.
    """

    model: nn.Module
    optimiser: torch.optim.Optimizer
    average: dict[str, Tensor]
    done: int = 0
    seconds: float = 0.0
    recent: list[Step] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """All of it, to be kept."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "done": self.done,
            "seconds": self.seconds,
            "recent": [tuple(step) for step in self.recent],
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a kept state, on whatever device it was kept."""
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        for name, value in self.average.items():
            value.copy_(state["average"][name])
        self.done, self.seconds = state["done"], state["seconds"]
        self.recent = [Step(*values) for values in state["recent"]]

    def lately(self) -> Step:
        """The mean of the steps since this was last asked, of which there is one at least."""
        losses, rights = zip(*self.recent, strict=True)
        self.recent = []
        return Step(sum(losses) / len(losses), sum(rights) / len(rights))

    @contextmanager
    def averaged(self) -> Iterator[nn.Module]:
        """The model with the averaged weights, in eval mode, while the block runs."""
        now = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        self.model.eval()
        try:
            yield self.model
        finally:
            self.model.load_state_dict(now)
            awake(self.model)


def new_learner(model: nn.Module, course: Course, head: str = "") -> Learner:
    """A learner that has not begun. The model takes pictures in [0, 1]; `head` is the path of its
    class head, which learns first.
    """
    model = model.to(memory_format=torch.channels_last)
    factors = rate_factors(model, course.first, course.bottom, head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(factors[name] > 0)
    groups = [
        {"params": [p for n, p in model.named_parameters() if factors[n] == factor], "of": factor}
        for factor in sorted(set(factors.values()), reverse=True)
    ]
    average = {k: v.clone() for k, v in model.state_dict().items()}
    return Learner(model, OPTIMISERS[course.optimiser](groups, course), average)


def _adamw(groups: list[dict[str, Any]], course: Course) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, course.peak, weight_decay=course.weight_decay)


def _sgd(groups: list[dict[str, Any]], course: Course) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        groups, course.peak, momentum=course.momentum, weight_decay=course.weight_decay
    )


def _adadelta(groups: list[dict[str, Any]], course: Course) -> torch.optim.Optimizer:
    return torch.optim.Adadelta(
        groups, course.peak, rho=course.rho, eps=1e-7, weight_decay=course.weight_decay
    )


OPTIMISERS = {"adamw": _adamw, "sgd": _sgd, "adadelta": _adadelta}


def steps(
    learner: Learner,
    draws: Draws,
    precision: torch.dtype,
    rate: Callable[[int], float] | None = None,
) -> Iterator[Step]:
    """Do the steps that are left; gives how each ended when it is done.

    Forward and backward passes run in `precision` (bfloat16 by autocast), weights in float32.
    torch's own random state is seeded at every step. `rate` says a step's learning rate, where it
    is not the course that does.
    """
    course, model = draws.course, learner.model
    rate = rate or course.rate
    attacked = course.epsilon_motifs > 0 or course.epsilon_photographs > 0
    learning = [p for p in model.parameters() if p.requires_grad]
    awake(model)
    while learner.done < course.steps:
        step, began = learner.done, time.monotonic()
        for group in learner.optimiser.param_groups:
            group["lr"] = rate(step) * group.get("of", 1.0)
        pictures, labels, radius, generator = draws.batch(step)
        kind = pictures.device.type
        torch.manual_seed(draws.seed(step))  # what a network drops out
        with torch.autocast(kind, dtype=precision, enabled=precision != torch.float32):
            if attacked:
                with frozen(learning):
                    pictures = one_step(model, pictures, labels, radius, course.alpha, generator)
            logits = model(pictures.contiguous(memory_format=torch.channels_last)).float()
        loss = F.cross_entropy(
            logits, labels, weight=draws.loss_weight, label_smoothing=course.label_smoothing
        )
        learner.optimiser.zero_grad()
        torch.autograd.backward(loss)
        if course.clip:
            torch.nn.utils.clip_grad_norm_(learning, course.clip)
        learner.optimiser.step()
        learner.done += 1
        _averaged(learner, course)
        lost = loss.item()  # waits for the device, so that the time is that of the work
        learner.seconds += time.monotonic() - began
        found = Step(lost, (logits.argmax(1) == labels).float().mean().item())
        learner.recent.append(found)
        yield found


def _averaged(learner: Learner, course: Course) -> None:
    """Move the average towards the weights; faster at first, when it remembers only beginnings."""
    keep = min(course.average, (1 + learner.done) / (10 + learner.done))
    with torch.no_grad():
        for name, value in learner.model.state_dict().items():
            if value.dtype.is_floating_point:
                learner.average[name].lerp_(value, 1 - keep)
            else:
                learner.average[name].copy_(value)
