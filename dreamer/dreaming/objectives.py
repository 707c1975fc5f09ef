"""What a dream climbs: terms over a network's activations, each one number a picture, which add
and scale.

A term says which taps it needs and which of the plan's weights scale it; a sum of terms is an
objective.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Tap(NamedTuple):
    """A value inside a network: the activation of a layer, or what goes into it."""

    network: str
    layer: str
    before: bool = False


Activations = Mapping[Tap, Tensor]
Perceive = Callable[[Tensor], Activations]


@dataclass(frozen=True)
class Term:
    """One thing to amplify: `value(activations, weights)` gives `(B,)`, `weights` being the
    term's own `(k,)`.
    """

    taps: tuple[Tap, ...]
    weights: tuple[int, ...]
    value: Callable[[Activations, Tensor], Tensor]
    local: bool = True


def total(terms: Sequence[Term], activations: Activations, weights: Tensor) -> Tensor:
    """The sum of all terms, `(B,)`; `weights` `(n,)` are this frame's, for all of them."""
    parts = [term.value(activations, weights[list(term.weights)]) for term in terms]
    return torch.stack(parts).sum(0)


def wide(activation: Tensor) -> Tensor:
    """At least float32: sums of a half-precision activation would lose what they add."""
    return activation if activation.dtype == torch.float64 else activation.float()


def chosen(activation: Tensor, channels: Sequence[int] | None) -> Tensor:
    """The listed channels of `(B, C, h, w)`, or all of them."""
    return activation if channels is None else activation[:, list(channels)]


def energy(activation: Tensor) -> Tensor:
    """½‖a‖² of each picture: google/deepdream's objective, whose gradient at the layer is the
    activation itself.
    """
    return wide(activation).square().sum((1, 2, 3)) / 2


def standardised_energy(
    activation: Tensor, std: Tensor, knee: float = 3.0, surround: int = 5
) -> Tensor:
    """Mean over channels and places of how far each channel's answer stands out, on its own scale.

    Three things keep a picture from becoming flat fields of a few loud channels. Each channel is
    divided by its standard deviation on real pictures; the mean of its surroundings is taken away,
    so that only what differs from next to it counts; and beyond `knee` deviations the pull grows no
    more: c² log(1 + z²/c²) / 2 (Cauchy's, Black & Anandan 1996).

    Args:
        activation: `(B, C, h, w)`.
        std: `(C,)`, above 0.
        knee: c, in standard deviations.
        surround: side of the surroundings in the layer's own grid, odd.

    Returns: `(B,)`.
    """
    scaled = wide(activation) / std[:, None, None]
    near = F.avg_pool2d(scaled, surround, 1, surround // 2, count_include_pad=False)
    outstanding = (scaled - near).square()
    return (torch.log1p(outstanding / knee**2) * knee**2 / 2).mean((1, 2, 3))


def class_mixture(
    logits: Tensor, classes: Sequence[int], weights: Tensor, peak: float = 0.15
) -> Tensor:
    """How surely every place of a picture shows one of `classes`.

    The mean over positions of log Σ wₖ p(class k), plus `peak` · Σ wₖ · the largest logit of class
    k anywhere. A place may choose its class, so that several share a picture instead of fighting
    for each pixel; softmax makes showing anything else cost. Negative weights lower their class's
    mean log-probability.

    Args:
        logits: `(B, classes, h, w)`, the head applied at every position.
        classes: numbers of the classes.
        weights: `(k,)`, one for each of them.
        peak: how much the best place counts.
    """
    scores = wide(logits)[:, list(classes)]
    log_p = torch.log_softmax(wide(logits), 1)[:, list(classes)]
    shaped = weights[None, :, None, None]
    wanted = shaped.clamp(min=0)
    mixture = torch.logsumexp(log_p + torch.log(wanted.clamp(min=1e-6)), 1).mean((1, 2))
    avoided = (log_p * shaped.clamp(max=0)).mean((2, 3)).sum(1)
    best = (scores.amax((2, 3)) * weights.clamp(min=0)).sum(1)
    return torch.where(wanted.sum() > 0, mixture + peak * best, torch.zeros_like(best)) + avoided


def class_logit(logits: Tensor, classes: Sequence[int], weights: Tensor) -> Tensor:
    """Σ wₖ · the mean logit of class k: the network's own logit before softmax, for a head after
    a global mean.
    """
    return (wide(logits).mean((2, 3))[:, list(classes)] * weights).sum(1)
