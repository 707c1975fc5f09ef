"""Illnesses of a training, found in what was measured of it, each with what to change.

Rules over numbers alone: they ask no network, keep nothing, and say the same of the same history.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dreamer.learn.history import History, LayerActivity, Moment, Point, series
from dreamer.learn.intervals import wilson

Kind = Literal["loss-ended", "logits-explode", "dead-units", "not-learning", "overfitting"]
# house and judge, of 185 classes, stay below 20. From 104 on, softmax in float32 is 0 beside it.
LOUD = 100.0
RISEN = 2.0  # times what they were at first
FAR_TOO_LOUD = 10_000.0  # risen or not
DEAD_SHARE = 0.2  # of a layer; in no layer of judge more than 3 % are, on 64 pictures
MOST_LAYERS = 3  # that are named each on its own
PATIENT_STEPS = 100
UNMOVED = 0.98  # of the loss of guessing
GAP = 0.15  # of training accuracy over validation's
RISE, NATS = 1.1, 0.05  # of validation's loss over its least: times, and at least so much more


@dataclass(frozen=True)
class Finding:
    """An illness: of which layer (empty: of all), at which step, the number it shows in, what was
    seen, and what to change.
    """

    kind: Kind
    layer: str
    step: int
    value: float
    message: str
    advice: str

    @property
    def key(self) -> tuple[str, str]:
        """By what one that was told is known again when it is found again later."""
        return self.kind, self.layer

    def as_text(self) -> str:
        """One line: what was seen, and what to change."""
        return f"{self.message}; {self.advice}"

    def as_json(self) -> dict[str, Any]:
        """Plain values; a number that is none is None."""
        return asdict(self) | {"value": self.value if math.isfinite(self.value) else None}


def findings(history: History) -> list[Finding]:
    """All illnesses of a training so far, the gravest first. A healthy one has none."""
    return [
        *_ended(history),
        *_explosion(history),
        *_dead(history),
        *_not_learning(history),
        *_overfitting(history),
    ]


def _lower_rate(rate: float | None) -> str:
    return "a smaller learning rate" + (f" (it is {rate:g}; try {rate / 10:g})" if rate else "")


def _rate_at(history: History, step: float) -> float | None:
    known = [value for at, value in series(history.moments, "rate") if at <= step]
    return known[-1] if known else None


def _ended(history: History) -> list[Finding]:
    for step, value in series(history.moments, "training_loss"):
        if not math.isfinite(value):
            ways = [_lower_rate(_rate_at(history, step))]
            if history.precision != "float32":
                ways.append(f"float32 instead of {history.precision}")
            ways.append("clipped gradients")
            what = "NaN" if math.isnan(value) else "infinite"
            message = f"the loss of step {step:.0f} is {what}: nothing is learnt any more"
            advice = f"go back to weights from before it, and try {', '.join(ways)}"
            return [Finding("loss-ended", "", int(step), value, message, advice)]
    return []


def _explosion(history: History) -> list[Finding]:
    points = series(history.moments, "largest_logit")
    if not points:
        return []
    (_, first), (step, last) = points[0], points[-1]
    risen = last > LOUD and last >= RISEN * first
    if math.isfinite(last) and not risen and last <= FAR_TOO_LOUD:
        return []
    grown = f", up from {first:.3g}" if math.isfinite(first) and last > first else ""
    message = f"logits explode: the largest is {last:.3g} at step {step:.0f}{grown}"
    advice = (
        f"try {_lower_rate(_rate_at(history, step))}, more weight decay, and look whether the "
        "network gets its pictures in the range it wants (mean and std)"
    )
    return [Finding("logits-explode", "", int(step), last, message, advice)]


def _dead(history: History) -> list[Finding]:
    step = history.moments[-1].step if history.moments else 0
    rate = _rate_at(history, step)
    dying = [
        layer
        for layer in history.layers
        if layer.dead > 1 and layer.dead >= DEAD_SHARE * layer.channels
    ]
    if len(dying) > MOST_LAYERS:
        return [_dead_network(dying, len(history.layers), step, rate)]
    return [
        _dead_finding(
            layer.layer,
            step,
            layer.dead / layer.channels,
            f"{layer.layer}: {layer.dead} of {layer.channels} units are dead ({_share(layer)})",
            rate,
        )
        for layer in dying
    ]


def _dead_network(dying: list[LayerActivity], count: int, step: int, rate: float | None) -> Finding:
    """One finding for many layers, which would drown all others."""
    worst = max(dying, key=lambda layer: layer.dead / layer.channels)
    share = sum(layer.dead for layer in dying) / sum(layer.channels for layer in dying)
    message = (
        f"{len(dying)} of {count} layers have many dead units, {100 * share:.0f} % of theirs; the "
        f"worst is {worst.layer} ({_share(worst)})"
    )
    return _dead_finding("", step, share, message, rate)


def _share(layer: LayerActivity) -> str:
    return f"{100 * layer.dead / layer.channels:.0f} %"


def _dead_finding(layer: str, step: int, share: float, seen: str, rate: float | None) -> Finding:
    message = f"{seen}: they say the same of every picture"
    advice = (
        f"try {_lower_rate(rate)}, batch norm before the activation, a leaky ReLU or SiLU instead "
        "of a ReLU, and begin anew, for dead units do not come back"
    )
    return Finding("dead-units", layer, step, share, message, advice)


def _not_learning(history: History) -> list[Finding]:
    """Guessing all classes alike costs log C, whatever part of a label is smoothed away."""
    points = series(history.moments, "training_loss")
    if not points or points[-1][0] < PATIENT_STEPS:
        return []
    step = points[-1][0]
    late = [value for at, value in points if at > 0.75 * step]
    mean, guess = sum(late) / len(late), math.log(history.classes)
    if not math.isfinite(mean) or mean < UNMOVED * guess:
        return []
    rate = _rate_at(history, step)
    other = f" (it is {rate:g}; ten times as much, and a tenth)" if rate else ""
    message = (
        f"the loss is {mean:.3g} after {step:.0f} steps, and guessing among {history.classes} "
        f"classes costs {guess:.3g}: nothing is learnt yet"
    )
    advice = (
        f"try another learning rate{other}, a longer warm-up, and look whether labels fit their "
        "pictures and pictures come in the range the network wants"
    )
    return [Finding("not-learning", "", int(step), mean, message, advice)]


LEARNT_BY_HEART = (
    "try more augmentation, more weight decay or dropout, a network with fewer parameters, or more "
    "pictures"
)


def _overfitting(history: History) -> list[Finding]:
    gap = _gap(history)
    return gap or _rising(history)


def _gap(history: History) -> list[Finding]:
    moment = _last_with_both(history.moments)
    if moment is None:
        return []
    training, validation = moment.training_accuracy, moment.validation_accuracy
    assert training is not None
    assert validation is not None
    gap = training - validation
    lowest, _ = _bounds(training, history.training_pictures)
    _, highest = _bounds(validation, history.validation_pictures)
    if gap <= GAP or lowest <= highest:
        return []
    message = (
        f"at step {moment.step}, {100 * training:.0f} % of the training pictures are right and "
        f"{100 * validation:.0f} % of those kept for validation: it learns its pictures by heart"
    )
    best = _best_step(history)
    advice = LEARNT_BY_HEART + (f", or stop early (step {best} was the best)" if best else "")
    return [Finding("overfitting", "", moment.step, gap, message, advice)]


def _bounds(share: float, count: int | None) -> tuple[float, float]:
    """Between what a share of so many pictures may lie; where it is if nobody says how many."""
    return wilson(round(share * count), count) if count else (share, share)


def _last_with_both(moments: tuple[Moment, ...]) -> Moment | None:
    both = [
        m for m in moments if m.training_accuracy is not None and m.validation_accuracy is not None
    ]
    return both[-1] if both else None


def _best_step(history: History) -> int | None:
    """Of validation's accuracy, where it has fallen since."""
    points = series(history.moments, "validation_accuracy")
    best = max(points, key=lambda point: point[1], default=None)
    return int(best[0]) if best and best[1] > points[-1][1] else None


def _rising(history: History) -> list[Finding]:
    """The loss on validation pictures rises from its least for at least a third of all steps, while
    that on training pictures falls.
    """
    points = [p for p in series(history.moments, "validation_loss") if math.isfinite(p[1])]
    if len(points) < 3:
        return []
    best, (step, last) = min(points, key=lambda point: point[1]), points[-1]
    least = best[1]
    long_ago = best[0] <= 2 / 3 * step
    risen = last >= max(RISE * least, least + NATS)
    if not (long_ago and risen and _falls(history, best)):
        return []
    message = (
        f"validation's loss rises, from {least:.3g} at step {best[0]:.0f} to {last:.3g} at step "
        f"{step:.0f}, and training's falls: it learns its pictures by heart"
    )
    advice = f"{LEARNT_BY_HEART}, or stop early (step {best[0]:.0f} was the best)"
    return [Finding("overfitting", "", int(step), last - least, message, advice)]


def _falls(history: History, since: Point) -> bool:
    losses = series(history.moments, "training_loss")
    before = [value for step, value in losses if step <= since[0]]
    after = [value for step, value in losses if step > since[0]]
    if not before or not after:
        return False
    late = after[len(after) // 2 :]
    around = before[-max(1, len(late)) :]
    return sum(late) / len(late) < sum(around) / len(around)
