"""What was measured while a network learnt: the values that curves are drawn from and illnesses are
found in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Moment:
    """Measured after so many steps; what was not measured then is None.

    Losses are cross-entropies in nats, accuracies in [0, 1]. `largest_logit` is the largest |logit|
    of a batch; `rate` the learning rate of the step.
    """

    step: int
    training_loss: float | None = None
    training_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    rate: float | None = None
    largest_logit: float | None = None


@dataclass(frozen=True)
class LayerActivity:
    """Of a layer's `channels` over a batch, how many never moved (`dead`), and its largest value
    (NaN where one is).
    """

    layer: str
    channels: int
    dead: int
    largest: float


@dataclass(frozen=True)
class History:
    """All of a training so far: moments in order of their steps, and its layers as they were last
    seen. A training accuracy is of `training_pictures` (a batch, as a rule), a validation accuracy
    of `validation_pictures`, where these are known. `precision` is that of its passes.
    """

    classes: int
    moments: tuple[Moment, ...] = ()
    layers: tuple[LayerActivity, ...] = ()
    training_pictures: int | None = None
    validation_pictures: int | None = None
    precision: str = "float32"


@dataclass(frozen=True)
class Mark:
    """A step at which something else begins, as a stage with larger pictures does."""

    step: int
    title: str


def series(moments: Sequence[Moment], of: str) -> list[Point]:
    """The points (step, value) of one of a `Moment`'s fields, where it was measured."""
    found = [(float(moment.step), getattr(moment, of)) for moment in moments]
    return [(step, float(value)) for step, value in found if value is not None]


def thinned(points: Sequence[Point], most: int = 300) -> list[Point]:
    """At most `most` points: neighbours are put together to their mean, those of a piece that hold
    no number at all stay none, so that a gap is seen.
    """
    if len(points) <= most:
        return list(points)
    out = []
    for k in range(most):
        piece = points[k * len(points) // most : (k + 1) * len(points) // most]
        real = [value for _, value in piece if math.isfinite(value)]
        mean = sum(real) / len(real) if real else math.nan
        out.append((sum(step for step, _ in piece) / len(piece), mean))
    return out
