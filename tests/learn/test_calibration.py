"""Calibration against plain loops, and against classifiers whose calibration is known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from judged import by_chance, outcomes

from dreamer.errors import DataError
from dreamer.learn.calibration import COLDEST, calibrated, fitted, scaled
from dreamer.learn.evaluation import evaluated
from dreamer.learn.outcomes import Outcomes

SOME = by_chance(300, 6, 4)


def honest(count: int, seed: int, sharper: float = 1.0) -> Outcomes:
    """Labels drawn from the probabilities, which are then told `sharper` than they are."""
    chance = np.random.default_rng(seed)
    logits = 1.5 * chance.normal(size=(count, 4))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (shares.cumsum(1) < chance.random((count, 1))).sum(1).clip(max=3)
    told = np.exp(sharper * logits)
    return outcomes(labels.tolist(), told / told.sum(1, keepdims=True))


def test_bins_and_error_are_those_counted_by_hand() -> None:
    rows: list[list[tuple[float, bool]]] = [[] for _ in range(15)]
    for label, row in zip(SOME.labels.tolist(), SOME.probabilities.tolist(), strict=True):
        sure = max(row)
        place = next(k for k in range(15) if k / 15 < sure <= (k + 1) / 15)
        rows[place].append((sure, row.index(sure) == label))
    found, error = calibrated(SOME), 0.0
    for one, own in zip(found.bins, rows, strict=True):
        assert one.count == len(own)
        if not own:
            assert (one.confidence, one.accuracy) == (None, None)
            continue
        sure, right = (sum(column) / len(own) for column in zip(*own, strict=True))
        assert (one.confidence, one.accuracy) == pytest.approx((sure, right))
        error += len(own) / 300 * abs(sure - right)
    assert found.error == pytest.approx(error)


def test_a_confidence_on_an_edge_is_of_the_bin_below() -> None:
    found = calibrated(outcomes([0, 0], [[0.5, 0.5], [0.75, 0.25]]), bins=4)
    assert [one.count for one in found.bins] == [0, 1, 1, 0]
    assert calibrated(outcomes([0], [[1.0, 0.0]]), bins=4).bins[3].count == 1


def test_the_brier_score_is_the_squared_distance_to_the_truth() -> None:
    expected = sum(
        (p - (k == label)) ** 2
        for label, row in zip(SOME.labels.tolist(), SOME.probabilities.tolist(), strict=True)
        for k, p in enumerate(row)
    )
    assert calibrated(SOME).brier == pytest.approx(expected / 300)
    assert calibrated(outcomes([1], [[1.0, 0.0]])).brier == 2


def test_an_honest_classifier_is_within_chance_and_a_boaster_is_not() -> None:
    within = [calibrated(honest(250, seed)) for seed in range(40)]
    assert np.mean([c.error <= c.by_chance for c in within]) >= 0.85
    boaster = calibrated(honest(250, 0, sharper=3))
    assert boaster.error > 2 * boaster.by_chance
    assert boaster.confidence > boaster.accuracy


def test_the_temperature_undoes_what_was_sharpened() -> None:
    found = fitted(honest(4000, 1, sharper=2.5))
    assert found.value == pytest.approx(2.5, rel=0.08)
    assert found.log_loss_after < found.log_loss


def test_no_temperature_is_better_than_the_fitted_one() -> None:
    found = fitted(SOME)
    losses = {t: evaluated(scaled(SOME, t)).log_loss for t in np.geomspace(0.3, 3, 200)}
    assert found.log_loss_after <= min(losses.values()) + 1e-6
    assert min(losses, key=losses.__getitem__) == pytest.approx(found.value, rel=0.02)
    assert found.log_loss == pytest.approx(evaluated(SOME).log_loss, rel=1e-5)


def test_where_all_is_right_the_temperature_ends_at_its_bound() -> None:
    found = fitted(outcomes([0, 1], [[0.7, 0.3], [0.2, 0.8]]))
    assert found.value == pytest.approx(COLDEST)


def test_scaling_keeps_what_is_likeliest() -> None:
    hot = scaled(SOME, 5)
    assert np.array_equal(hot.probabilities.argmax(1), SOME.probabilities.argmax(1))
    assert hot.probabilities.max() < SOME.probabilities.max()
    np.testing.assert_allclose(scaled(SOME, 1).probabilities, SOME.probabilities, atol=1e-6)
    with pytest.raises(ValueError, match="temperature above 0"):
        scaled(SOME, math.nan)


def test_all_of_it_is_strict_json_and_the_same_every_time() -> None:
    said = [json.dumps(calibrated(SOME).as_json(), allow_nan=False) for _ in range(2)]
    assert said[0] == said[1]
    assert json.loads(json.dumps(fitted(SOME).as_json()))["pictures"] == 300


def test_nan_is_refused_by_name_and_no_bins_by_number() -> None:
    with pytest.raises(DataError, match=r"things/1\.jpg: its probabilities are no numbers"):
        calibrated(outcomes([0, 0], [[1, 0], [math.nan, 0.5]]))
    with pytest.raises(ValueError, match="at least one bin, not 0"):
        calibrated(SOME, bins=0)
