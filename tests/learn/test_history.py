"""What was measured while a network learnt, as curves."""

from __future__ import annotations

import math

import numpy as np
from small_trainings import MOMENTS

from dreamer.learn.history import series, thinned


def test_long_curves_are_thinned_to_means_and_short_ones_not() -> None:
    points = [(float(k), float(k % 2)) for k in range(1000)]
    few = thinned(points, 100)
    assert few == [(10 * k + 4.5, 0.5) for k in range(100)]
    assert thinned(points[:100], 100) == points[:100]
    uneven = thinned([(float(k), 1.0) for k in range(7)], 3)
    assert [step for step, _ in uneven] == [0.5, 2.5, 5.0]


def test_a_thinned_curve_keeps_its_gaps() -> None:
    points = [(float(k), math.nan if 40 <= k < 60 or k == 3 else 2.0) for k in range(100)]
    values = [value for _, value in thinned(points, 10)]
    assert [math.isnan(v) for v in values] == [False] * 4 + [True] * 2 + [False] * 4
    assert np.nanmax(values) == 2


def test_a_series_is_where_something_was_measured() -> None:
    assert series(MOMENTS, "validation_accuracy")[0] == (10.0, 0.6)
    assert series(MOMENTS, "rate") == []
