"""A class head learnt from bottlenecks alone: a linear layer, in seconds, by many passes over
features that never change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming.optimisers import adam, begun, stepped

STILL = 1e-6  # of the greatest deviation: less is rounding


@dataclass(frozen=True)
class HeadCourse:
    """How a head learns: passes over all pictures, pictures a step, AdamW's rate (down along a
    cosine) and decay, a label's part for all others, whether classes weigh alike.
    """

    epochs: int
    batch: int
    rate: float
    weight_decay: float
    label_smoothing: float
    balance: bool
    seed: int


class Features(NamedTuple):
    """Bottlenecks `(N, C)` and labels `(N,)`."""

    values: Tensor
    labels: Tensor


class Head(NamedTuple):
    """A linear layer `(classes, C)`, `(classes,)`, the pass it is from, and how well it did: the
    loss and accuracy of the pictures it learnt from and of those it did not.
    """

    weight: Tensor
    bias: Tensor
    epoch: int
    loss: float
    accuracy: float
    held_loss: float
    held_accuracy: float


def learnt(training: Features, held: Features, classes: int, course: HeadCourse) -> Iterator[Head]:
    """The head after each pass; the caller keeps the best and decides when to stop.

    Features are brought to mean 0 and deviation 1 while it learns, so that one rate suits all
    networks; the heads that are given take features as they are. The beginning and the order of
    pictures come from the seed.
    """
    generator = torch.Generator().manual_seed(course.seed)
    values, labels = training
    mean, std = values.mean(0), values.std(0, correction=0)
    # What was the same for all pictures is not listened to: nothing was learnt of it.
    factor = torch.where(std > STILL * std.max(), 1 / std, 0.0)
    scaled, held_scaled = (values - mean) * factor, (held.values - mean) * factor
    weight = torch.randn(classes, values.shape[1], generator=generator) * 1e-3
    parameters: tuple[Tensor, ...] = (weight, torch.zeros(classes))
    optimiser = adam()  # torch.optim's takes longer to be imported than a head to be learnt
    states = begun(optimiser, parameters)
    counts = torch.bincount(labels, minlength=classes).clamp(min=1)
    weights = len(labels) / classes / counts if course.balance else None
    steps, done = course.epochs * -(-len(labels) // course.batch), 0
    for epoch in range(1, course.epochs + 1):
        order = torch.randperm(len(labels), generator=generator)
        for pick in torch.split(order, course.batch):
            leaves = [parameter.requires_grad_(True) for parameter in parameters]
            with torch.enable_grad():
                loss = F.cross_entropy(
                    F.linear(scaled[pick], *leaves),
                    labels[pick],
                    weight=weights,
                    label_smoothing=course.label_smoothing,
                )
                slopes = torch.autograd.grad(-loss, leaves)  # optimisers climb
            rate = course.rate * 0.5 * (1 + math.cos(math.pi * done / steps))
            with torch.no_grad():
                decayed = (leaves[0] * (1 - rate * course.weight_decay), leaves[1])
                parameters, states = stepped(optimiser, decayed, slopes, states, rate)
            done += 1
        weight, bias = parameters
        with torch.no_grad():
            own = weight * factor
            mine = _judged(scaled, labels, weight, bias)
            others = _judged(held_scaled, held.labels, weight, bias)
            yield Head(own.clone(), bias - own @ mean, epoch, *mine, *others)


def _judged(values: Tensor, labels: Tensor, weight: Tensor, bias: Tensor) -> tuple[float, float]:
    if not len(labels):
        return float("nan"), float("nan")
    logits = F.linear(values, weight, bias)
    right = (logits.argmax(1) == labels).float().mean().item()
    return F.cross_entropy(logits, labels).item(), right
