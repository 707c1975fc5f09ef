"""Whether a classifier is as sure as it is right: of pictures that it calls something with 80 %,
80 % should be that.

Guo, Pleiss, Sun and Weinberger, *On Calibration of Modern Neural Networks* (2017). On few pictures
a perfect classifier shows an error too, by chance alone; how large that is, is drawn from the
probabilities themselves (Bröcker and Smith, *Increasing the Reliability of Reliability Diagrams*,
2007), so that nobody takes chance for a fault.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dreamer.learn.evaluation import LEAST, checked
from dreamer.learn.outcomes import Outcomes

BINS = 15  # as Guo et al.
DRAWS = 400
SEED = 7
COLDEST, HOTTEST = 0.05, 20.0


@dataclass(frozen=True)
class Bin:
    """The pictures whose likeliest class has a probability in (low, high]: how many, how sure on
    average, how often right; None where there are none.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Calibration:
    """Reliability of probabilities.

    `error` is the expected calibration error, the mean of |confidence − accuracy| over pictures'
    bins, in [0, 1]; of a perfectly calibrated classifier with these confidences 95 % would show at
    most `by_chance`. `confidence` is the mean over all pictures; `brier` the mean of
    Σ (probability − truth)² over classes (Brier 1950), 0 to 2.
    """

    bins: tuple[Bin, ...]
    error: float
    by_chance: float
    confidence: float
    accuracy: float
    brier: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "expected_calibration_error": self.error,
            "expected_calibration_error_by_chance_95": self.by_chance,
            "mean_confidence": self.confidence,
            "accuracy": self.accuracy,
            "brier": self.brier,
            "bins": [asdict(one) for one in self.bins],
        }


@dataclass(frozen=True)
class Temperature:
    """What logits would be divided by to be best calibrated on the pictures it was fitted to, and
    their log loss in nats before and after. `value` ends at `COLDEST` where every picture is right,
    for then surer is always better.
    """

    value: float
    pictures: int
    log_loss: float
    log_loss_after: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def calibrated(outcomes: Outcomes, bins: int = BINS) -> Calibration:
    """How well the probabilities of `outcomes` say how often they are right.

    Raises:
        DataError: as `evaluation.checked`.
        ValueError: no bins.
    """
    if bins < 1:
        raise ValueError(f"expected at least one bin, not {bins}")
    found = checked(outcomes)
    count = len(found)
    sure, right = found.max(1), found.argmax(1) == outcomes.labels
    edges = np.linspace(0, 1, bins + 1)
    place = (np.searchsorted(edges, sure, side="left") - 1).clip(0, bins - 1)
    each = np.bincount(place, minlength=bins)
    of_sure = np.bincount(place, sure, bins)
    of_right = np.bincount(place, right, bins)
    truth = np.zeros_like(found)
    truth[np.arange(count), outcomes.labels] = 1
    chance = np.random.default_rng(SEED)
    drawn = [
        np.abs(of_sure - np.bincount(place, chance.random(count) < sure, bins)).sum() / count
        for _ in range(DRAWS)
    ]
    return Calibration(
        bins=tuple(
            Bin(
                low=float(edges[k]),
                high=float(edges[k + 1]),
                count=int(n),
                confidence=float(of_sure[k] / n) if n else None,
                accuracy=float(of_right[k] / n) if n else None,
            )
            for k, n in enumerate(each)
        ),
        error=float(np.abs(of_sure - of_right).sum() / count),
        by_chance=float(np.quantile(drawn, 0.95)),
        confidence=float(sure.mean()),
        accuracy=float(right.mean()),
        brier=float(((found - truth) ** 2).sum(1).mean()),
    )


def scaled(outcomes: Outcomes, temperature: float) -> Outcomes:
    """`outcomes` as they would be with logits divided by `temperature`; what is likeliest stays so.

    Raises:
        DataError: as `evaluation.checked`.
        ValueError: a temperature that is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"expected a temperature above 0, not {temperature}")
    softened = _softened(_logits(outcomes), 1 / temperature).astype(np.float32)
    return Outcomes(outcomes.names, outcomes.labels, softened, outcomes.classes)


def fitted(outcomes: Outcomes) -> Temperature:
    """The temperature that makes the log loss of `outcomes` least (Guo et al. 2017), from `COLDEST`
    to `HOTTEST`. To be fitted on validation pictures, never on those that a report counts.

    Raises:
        DataError: as `evaluation.checked`.
    """
    logits, labels = _logits(outcomes), outcomes.labels
    of_truth = logits[np.arange(len(labels)), labels]

    def loss(inverse: float) -> float:
        scaled = logits * inverse
        most = scaled.max(1)
        spread = np.log(np.exp(scaled - most[:, None]).sum(1)) + most
        return float((spread - of_truth * inverse).mean())

    def slope(inverse: float) -> float:
        expected = (_softened(logits, inverse) * logits).sum(1)
        return float((expected - of_truth).mean())

    # the loss is convex in 1 / temperature, so that its slope passes zero once, from below
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(80):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    inverse = math.sqrt(low * high)
    return Temperature(1 / inverse, len(labels), loss(1.0), loss(inverse))


def _logits(outcomes: Outcomes) -> np.ndarray:
    """Logits, but for a number of each picture that softmax takes away: log p."""
    logits: np.ndarray = np.log(checked(outcomes).clip(LEAST))
    return logits


def _softened(logits: np.ndarray, inverse: float) -> np.ndarray:
    risen = np.exp((logits - logits.max(1, keepdims=True)) * inverse)
    shares: np.ndarray = risen / risen.sum(1, keepdims=True)
    return shares
