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

from dreamer.dreaming.masking import averaged, summed, weighed


class Tap(NamedTuple):
    """A value inside a network: the activation of a layer, or what goes into it."""

    network: str
    layer: str
    before: bool = False


Activations = Mapping[Tap, Tensor]
Perceive = Callable[[Tensor], Activations]


class Places(NamedTuple):
    """Where a term adds up places of `tap`: as `mask` (another tap) weighs them, their sum if
    `summed` and else their mean. Activations that have `share` weigh them by that instead of the
    mask, `(1 or B, 1, h, w)`. Each place looks at those `around` it, so many to each side.
    """

    tap: Tap
    mask: Tap | None
    summed: bool
    around: int = 0

    @property
    def share(self) -> Tap:
        """The tap of what each place of a part of the picture counts."""
        return Tap("", f"share of {'sum' if self.summed else 'mean'} at {self.tap}, {self.mask}")


@dataclass(frozen=True)
class Term:
    """One thing to amplify: `value(activations, weights)` gives `(B,)`, `weights` being the
    term's own `(k,)`.

    `places` says where it adds up places, if the sum of what it is of parts of a picture is what
    it is of the whole; () says that it is not. `name` is the objective's.
    """

    taps: tuple[Tap, ...]
    weights: tuple[int, ...]
    value: Callable[[Activations, Tensor], Tensor]
    places: tuple[Places, ...] = ()
    name: str = ""


def total(terms: Sequence[Term], activations: Activations, weights: Tensor) -> Tensor:
    """The sum of all terms, `(B,)`; `weights` `(n,)` are this frame's, for all of them."""
    parts = [
        # taken one by one, since a list of indices would be copied to the device in every step
        term.value(activations, torch.stack([weights[k] for k in term.weights]))
        for term in terms
    ]
    return torch.stack(parts).sum(0)


def wide(activation: Tensor) -> Tensor:
    """At least float32: sums of a half-precision activation would lose what they add."""
    return activation if activation.dtype == torch.float64 else activation.float()


def energy(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """½‖a‖² of each picture: google/deepdream's objective, whose gradient at the layer is the
    activation itself, times the mask where there is one (`masking`).
    """
    return summed(wide(activation).square(), mask) / 2


def standing_out(
    activation: Tensor,
    std: Tensor,
    surround: int = 9,
    sharpness: float = 3.0,
    mask: Tensor | None = None,
) -> Tensor:
    """Mean over places of how far the features that stand out most there do so.

    The energy of a whole layer ends in one pattern everywhere, that of its loudest channels. Three
    things let every place grow what it resembles. Each channel is divided by its standard deviation
    on real pictures; the mean of its surroundings is taken away, so that flat fields count for
    nothing; and of the channels of a place a soft maximum, log Σ exp(s·z) / s, gives nearly all of
    the pull to those that already stand out most.

    Args:
        activation: `(B, C, h, w)`.
        std: `(C,)`, or each picture's own `(1 or B, C, 1, 1)`; above 0.
        surround: side of the surroundings in the layer's own grid, odd.
        sharpness: s, in 1 / standard deviations; 0 would be the mean, ∞ the maximum.
        mask: how much each place counts (`masking`).

    Returns: `(B,)`.
    """
    scaled = wide(activation) / (std if std.dim() == 4 else std[:, None, None])
    outstanding = scaled - box_mean(scaled, surround)
    return averaged(torch.logsumexp(sharpness * outstanding, 1), mask) / sharpness


def box_mean(x: Tensor, side: int) -> Tensor:
    """The mean of what lies of each `side` × `side` square (odd) inside `(B, C, h, w)`.

    Rows first, then columns: what lies inside is a rectangle, so that this is the same mean for two
    fifths of the work of a square of five.
    """
    half = side // 2
    rows = F.avg_pool2d(x, (side, 1), 1, (half, 0), count_include_pad=False)
    return F.avg_pool2d(rows, (1, side), 1, (0, half), count_include_pad=False)


def class_mixture(
    logits: Tensor,
    classes: Tensor,
    weights: Tensor,
    window: int = 1,
    mask: Tensor | None = None,
) -> Tensor:
    """How surely, and how strongly, every part of a picture shows one of `classes`.

    A part is a window of the head's positions, of the size that the network learnt to tell
    pictures apart by, its logits their mean: so a part shows a whole thing with what is around it,
    where single positions would each want a thing of their own. With W = Σ wₖ over the positive
    weights: W times the mean over parts of log Σ (wₖ / W) p(class k) + log Σ (wₖ / W) exp(logit of
    class k). A part may choose its class, so that several share a picture instead of fighting for
    each pixel. The first summand makes showing anything else cost, and ends where a part is sure;
    the second goes on from there, which is what draws crisp things. Classes of weight 0 have no
    say, negative weights lower their class's mean log-probability, and all of it doubles when the
    weights do.

    Args:
        logits: `(B, classes, h, w)`, the head applied at every position.
        classes: numbers of the classes, `(k,)` int64 on the same device.
        weights: `(k,)`, one for each of them.
        window: side of a part in positions, odd; parts that reach beyond an edge are cut by it.
        mask: how much each part counts, by its middle (`masking`).

    Returns: `(B,)`.
    """
    everything = box_mean(wide(logits), window)
    scores = everything[:, classes]
    all_of_them = torch.logsumexp(everything, 1)
    wanted, unwanted = weights.clamp(min=0), weights.clamp(max=0)
    whole = wanted.sum()
    share = wanted / whole.clamp(min=torch.finfo(wanted.dtype).tiny)
    # the logsumexp of nothing but −∞ would have no gradient; `whole` takes that case to 0
    absent = torch.where(whole > 0, -torch.inf, 0.0)
    log_share = torch.where(share > 0, share.log(), absent)
    strength = torch.logsumexp(scores + log_share[None, :, None, None], 1)
    surety = strength - all_of_them
    log_p = scores - all_of_them[:, None]
    avoided = (weighed(log_p, mask).mean((2, 3)) * unwanted).sum(1)
    return whole * averaged(surety + strength, mask) + avoided


def class_logit(
    logits: Tensor, classes: Tensor, weights: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Σ wₖ · the mean logit of class k: the network's own logit before softmax, for a head after
    a global mean. Arguments as `class_mixture`.
    """
    return (weighed(wide(logits), mask).mean((2, 3))[:, classes] * weights).sum(1)
