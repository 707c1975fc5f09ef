"""When to stop learning, and which weights were the best: plain values, so that a checkpoint holds
them and a resumed training stops at the same step.

Two things are told apart that often are one. The best weights are those of the best measurement,
however little better it was. Patience begins anew only with an improvement worth waiting for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Rule:
    """Stop after `patience` measurements in a row that were not better by at least `improvement`;
    never where `patience` is 0. Of a loss the lower is the better, of an accuracy the `higher`.
    """

    patience: int
    improvement: float = 0.0
    higher: bool = True

    def __post_init__(self) -> None:
        if self.patience < 0 or not self.improvement >= 0 or math.isinf(self.improvement):
            raise ValueError(
                f"expected a patience and an improvement of at least 0, not {self.patience} and "
                f"{self.improvement}"
            )


@dataclass(frozen=True)
class Standing:
    """Where a training stands: the last step that was measured, the best value and its step, the
    value that the next must pass to count as better, and how many did not since.
    """

    step: int | None = None
    best: float | None = None
    best_step: int | None = None
    mark: float | None = None
    waited: int = 0

    @property
    def is_best(self) -> bool:
        """Whether the last measurement was the best one: now is the time to keep the weights."""
        return self.step is not None and self.step == self.best_step

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which `standing_from` makes it again."""
        return asdict(self)


def standing_from(kept: Mapping[str, Any]) -> Standing:
    """What `as_json` told.

    Raises:
        ValueError: something is missing, or is no number.
    """
    values = {}
    for field in fields(Standing):
        value = kept.get(field.name, "nothing")
        whole = field.name in ("step", "best_step", "waited")
        kinds = int if whole else (int, float)
        absent = value is None and field.name != "waited"
        if not absent and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise ValueError(f"'{field.name}' of an early stop is {value!r}, which is no number")
        values[field.name] = value
    return Standing(**values)


def measured(rule: Rule, standing: Standing, step: int, value: float) -> Standing:
    """Where a training stands after `value` was measured at `step`. What is no number is no
    improvement.

    Raises:
        ValueError: a step that is not after the last: its measurement was counted before.
    """
    if standing.step is not None and step <= standing.step:
        raise ValueError(f"step {step} was measured already; the last was {standing.step}")
    real = math.isfinite(value)
    best, best_step = standing.best, standing.best_step
    if real and (best is None or _gain(rule, best, value) > 0):
        best, best_step = value, step
    if real and (standing.mark is None or _passes(rule, standing.mark, value)):
        return Standing(step, best, best_step, value, 0)
    return Standing(step, best, best_step, standing.mark, standing.waited + 1)


def is_over(rule: Rule, standing: Standing) -> bool:
    """Whether patience has ended."""
    return 0 < rule.patience <= standing.waited


def _gain(rule: Rule, before: float, value: float) -> float:
    return value - before if rule.higher else before - value


def _passes(rule: Rule, mark: float, value: float) -> bool:
    gain = _gain(rule, mark, value)
    return gain > 0 and gain >= rule.improvement
