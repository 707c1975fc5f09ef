"""How good a classifier is on labelled pictures that it has not seen: every figure that is counted
from its probabilities.

What it says of a picture is its likeliest class; of several equally likely ones the first in the
order of the classes, as in every ranking of dreamer. A figure whose divisor is nothing is None: a
class that no test picture belongs to has no recall, and 0 would be a lie.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dreamer.errors import DataError, printable
from dreamer.learn.intervals import wilson
from dreamer.learn.outcomes import Outcomes

MOST_TOP = 5
SUM_WITHIN = 1e-2  # of 1, for a row that was computed in bfloat16
LEAST = float(np.finfo(np.float32).tiny)  # a probability of 0 in the log loss, for log 0 is no loss
LISTED = 100  # mistakes and pairs in JSON


@dataclass(frozen=True)
class ClassFigures:
    """One class: pictures of it (`support`), pictures said to be of it, pictures that are both, and
    what follows from these, in [0, 1] or None.
    """

    name: str
    support: int
    said: int
    right: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Mistake:
    """A picture taken for what it is not: its place among the outcomes, its name, two classes by
    number, and the probabilities of both.
    """

    index: int
    name: str
    truth: int
    said: int
    confidence: float
    given_truth: float


@dataclass(frozen=True)
class Pair:
    """So many pictures of the class `truth` taken for `said`; `share` of all of that class."""

    truth: int
    said: int
    count: int
    share: float


@dataclass(frozen=True)
class Evaluation:
    """All figures of a classifier on `pictures` pictures.

    `interval` is the 95 % interval of the accuracy (`intervals.wilson`); `top_accuracy` counts the
    pictures whose class is among the `top` likeliest; `balanced_accuracy` is the mean recall of the
    classes that have pictures; `commonest` is the accuracy of always saying the commonest class;
    `log_loss` is in nats; `confusion` `(C, C)` int64 counts pictures, a row for each true class, a
    column for each that was said. `mistakes` are all, the surest first; `confused` all pairs, the
    most frequent first.
    """

    classes: tuple[str, ...]
    pictures: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    top: int
    top_accuracy: float
    balanced_accuracy: float
    commonest: float
    log_loss: float
    confusion: np.ndarray
    per_class: tuple[ClassFigures, ...]
    mistakes: tuple[Mistake, ...]
    confused: tuple[Pair, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, of mistakes and pairs the first `LISTED`; classes by their names."""
        names = self.classes
        return {
            "pictures": self.pictures,
            "right": self.right,
            "accuracy": self.accuracy,
            "interval_95": list(self.interval),
            "top": self.top,
            "top_accuracy": self.top_accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "commonest_class_accuracy": self.commonest,
            "log_loss": self.log_loss,
            "classes": [asdict(figures) for figures in self.per_class],
            "confusion": self.confusion.tolist(),
            "mistakes": [
                asdict(m) | {"truth": names[m.truth], "said": names[m.said]}
                for m in self.mistakes[:LISTED]
            ],
            "confused": [
                asdict(p) | {"truth": names[p.truth], "said": names[p.said]}
                for p in self.confused[:LISTED]
            ],
        }


def top_of(classes: int) -> int:
    """How many guesses a picture gets in `top_accuracy`: five, or half of fewer than ten classes,
    for among all of them every picture would be right.
    """
    return min(MOST_TOP, math.ceil(classes / 2))


def checked(outcomes: Outcomes) -> np.ndarray:
    """The probabilities of `outcomes` in float64, if all is as `Outcomes` says.

    Raises:
        DataError: no pictures, shapes or labels that do not fit, or a picture, which is named,
            whose probabilities are no numbers from 0 to 1 with a sum of 1.
    """
    names, labels, classes = outcomes.names, outcomes.labels, outcomes.classes
    found = np.asarray(outcomes.probabilities, np.float64)
    if found.shape != (len(names), len(classes)) or labels.shape != (len(names),):
        raise DataError(
            f"{len(names)} pictures and {len(classes)} classes need as many rows and columns of "
            f"probabilities, and a label each; these are {found.shape} and {labels.shape}"
        )
    if not len(names):
        raise DataError("no pictures to evaluate on: the test part is empty; add more pictures")
    wrong = (labels < 0) | (labels >= len(classes))
    if wrong.any():
        k = int(wrong.argmax())
        raise DataError(
            f"{printable(names[k])}: label {int(labels[k])} is none of {len(classes)} classes"
        )
    unreal = np.asarray(~np.isfinite(found).all(1))
    _refuse(names, unreal, "its probabilities are no numbers (NaN or infinite)")
    beyond = ((found < 0) | (found > 1 + SUM_WITHIN)).any(1)
    _refuse(names, np.asarray(beyond), "it has a probability beyond 0 to 1")
    unwhole = np.asarray(np.abs(found.sum(1) - 1) > SUM_WITHIN)
    _refuse(names, unwhole, "its probabilities do not add up to 1")
    return found


def _refuse(names: tuple[str, ...], bad: np.ndarray, why: str) -> None:
    if bad.any():
        others = int(bad.sum()) - 1
        more = f" ({others} more such pictures)" if others else ""
        raise DataError(f"{printable(names[int(bad.argmax())])}: {why}{more}")


def evaluated(outcomes: Outcomes) -> Evaluation:
    """Every figure of `outcomes`.

    Raises:
        DataError: as `checked`.
    """
    found, labels = checked(outcomes), outcomes.labels.astype(np.int64)
    count, classes = found.shape
    said = found.argmax(1)
    confusion = np.bincount(labels * classes + said, minlength=classes * classes)
    confusion = confusion.reshape(classes, classes).astype(np.int64)
    right = int(confusion.trace())
    of_truth = np.take_along_axis(found, labels[:, None], 1)
    # those before it in a stable ranking: likelier ones, and equals that come first
    earlier = np.arange(classes) < labels[:, None]
    rank = (found > of_truth).sum(1) + ((found == of_truth) & earlier).sum(1)
    figures = _per_class(outcomes.classes, confusion)
    recalls = [row.recall for row in figures if row.recall is not None]
    top = top_of(classes)
    return Evaluation(
        classes=outcomes.classes,
        pictures=count,
        right=right,
        accuracy=right / count,
        interval=wilson(right, count),
        top=top,
        top_accuracy=float((rank < top).mean()),
        balanced_accuracy=sum(recalls) / len(recalls),
        commonest=float(confusion.sum(1).max() / count),
        log_loss=float(-np.log(of_truth.clip(LEAST)).mean()),
        confusion=confusion,
        per_class=figures,
        mistakes=_mistakes(outcomes, found, said),
        confused=_pairs(confusion),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _per_class(names: tuple[str, ...], confusion: np.ndarray) -> tuple[ClassFigures, ...]:
    """F1 is the harmonic mean of precision and recall, 2·right / (support + said): with pictures of
    a class that is never said it is 0, not unknown.
    """
    rows = zip(
        names,
        confusion.sum(1).tolist(),
        confusion.sum(0).tolist(),
        confusion.diagonal().tolist(),
        strict=True,
    )
    return tuple(
        ClassFigures(
            name,
            support,
            said,
            right,
            precision=_share(right, said),
            recall=_share(right, support),
            f1=_share(2 * right, support + said),
        )
        for name, support, said, right in rows
    )


def _mistakes(outcomes: Outcomes, found: np.ndarray, said: np.ndarray) -> tuple[Mistake, ...]:
    rows = np.arange(len(found))
    sure, labels = found[rows, said], outcomes.labels
    wrong = rows[said != labels]
    order = wrong[np.argsort(-sure[wrong], kind="stable")]
    return tuple(
        Mistake(
            index=k,
            name=outcomes.names[k],
            truth=int(labels[k]),
            said=int(said[k]),
            confidence=float(sure[k]),
            given_truth=float(found[k, labels[k]]),
        )
        for k in order.tolist()
    )


def _pairs(confusion: np.ndarray) -> tuple[Pair, ...]:
    support = confusion.sum(1)
    pairs = [
        Pair(t, s, int(confusion[t, s]), float(confusion[t, s] / support[t]))
        for t, s in np.argwhere(confusion).tolist()
        if t != s
    ]
    return tuple(sorted(pairs, key=lambda p: (-p.count, -p.share, p.truth, p.said)))
