"""Early stopping: state in, state out, the same after a stop and a resume."""

from __future__ import annotations

import json
import math

import pytest

from dreamer.learn.early import Rule, Standing, is_over, measured, standing_from


def through(rule: Rule, values: list[float], standing: Standing | None = None) -> Standing:
    """A measurement every ten steps."""
    standing = standing or Standing()
    first = (standing.step or 0) + 10
    for k, value in enumerate(values):
        standing = measured(rule, standing, first + 10 * k, value)
    return standing


def test_it_stops_after_as_many_measurements_as_it_has_patience() -> None:
    rule = Rule(patience=3)
    assert not is_over(rule, through(rule, [0.5, 0.6, 0.6, 0.55]))
    ended = through(rule, [0.5, 0.6, 0.6, 0.55, 0.59])
    assert is_over(rule, ended)
    assert (ended.best, ended.best_step) == (0.6, 20)


def test_without_patience_it_never_stops() -> None:
    assert not is_over(Rule(0), through(Rule(0), [0.5] * 50))
    assert not is_over(Rule(1), Standing())


def test_of_a_loss_the_lower_is_better() -> None:
    rule = Rule(patience=2, higher=False)
    ended = through(rule, [1.0, 0.4, 0.5, 0.6])
    assert (ended.best, ended.best_step) == (0.4, 20)
    assert is_over(rule, ended)


def test_small_steps_are_the_best_yet_and_not_worth_waiting_for() -> None:
    """Each is the best so far, none by the tenth that is asked for, until they add up to it."""
    rule = Rule(patience=3, improvement=0.1)
    standing = through(rule, [0.5, 0.53, 0.56])
    assert (standing.best, standing.waited, standing.is_best) == (0.56, 2, True)
    assert through(rule, [0.5, 0.53, 0.56, 0.61]).waited == 0
    assert is_over(rule, through(rule, [0.5, 0.53, 0.56, 0.58]))


def test_equal_is_not_better() -> None:
    ended = through(Rule(patience=9), [0.5, 0.5])
    assert (ended.best_step, ended.waited, ended.is_best) == (10, 1, False)


def test_what_is_no_number_is_no_improvement() -> None:
    rule = Rule(patience=2, higher=False)
    standing = through(rule, [math.nan])
    assert (standing.best, standing.waited) == (None, 1)
    assert is_over(rule, through(rule, [math.nan, -math.inf]))
    assert through(rule, [math.nan, 0.5]).best == 0.5


def test_a_resumed_training_stands_where_it_stood() -> None:
    rule, values = Rule(4, 0.02), [0.2, 0.5, 0.51, 0.4, 0.6, 0.3, 0.61, 0.2, 0.1]
    for cut in range(len(values) + 1):
        kept = json.loads(json.dumps(through(rule, values[:cut]).as_json()))
        assert through(rule, values[cut:], standing_from(kept)) == through(rule, values)


def test_a_step_counts_once() -> None:
    with pytest.raises(ValueError, match="step 20 was measured already; the last was 20"):
        measured(Rule(2), through(Rule(2), [0.1, 0.2]), 20, 0.3)


@pytest.mark.parametrize(
    ("name", "value"), [("step", "9"), ("waited", None), ("best", True), ("best_step", 1.5)]
)
def test_a_damaged_standing_is_refused_by_key(name: str, value: object) -> None:
    kept = through(Rule(2), [0.1]).as_json() | {name: value}
    with pytest.raises(ValueError, match=f"'{name}' of an early stop"):
        standing_from(kept)
    del kept[name]
    with pytest.raises(ValueError, match=f"'{name}' of an early stop"):
        standing_from(kept)


def test_a_rule_that_cannot_be_kept_is_refused() -> None:
    for patience, improvement in ((-1, 0.0), (1, -0.1), (1, math.nan), (1, math.inf)):
        with pytest.raises(ValueError, match="at least 0"):
            Rule(patience, improvement)
