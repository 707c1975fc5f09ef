"""The ways between keys: straight, in ratios, smoothly without overshooting, in jumps."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamer.recipe.numbers import Keyframes
from dreamer.recipe.schedules import Clock, values_of


def curve(pairs: list[tuple[int, float]], way: str | None, log: bool = False) -> tuple[float, ...]:
    keys = [{"at": at, "value": value} for at, value in pairs]
    number = Keyframes.model_validate({"keys": keys, "interpolate": way})
    count = pairs[-1][0] + 1
    return values_of(number, Clock(0, count, count, Fraction(24)), log)


@pytest.mark.parametrize(
    ("way", "log", "middle"),
    [
        (None, False, 5.0),
        (None, True, 3.0),
        ("linear", True, 5.0),
        ("log", False, 3.0),
        ("hold", False, 1.0),
        ("hold", True, 1.0),
        ("cubic", False, 5.0),
        ("cubic", True, 3.0),
    ],
)
def test_half_way_from_1_to_9(way: str | None, log: bool, middle: float) -> None:
    assert curve([(0, 1), (2, 9)], way, log) == pytest.approx((1, middle, 9))


rising = st.lists(st.tuples(st.integers(1, 9), st.floats(-9, 9)), min_size=2, max_size=6)


@given(rising)
def test_a_cubic_meets_its_keys_and_never_overshoots_them(steps: list[tuple[int, float]]) -> None:
    moments = [sum(gap for gap, _ in steps[:k]) for k in range(1, len(steps) + 1)]
    keys = [(m - moments[0], value) for m, (_, value) in zip(moments, steps, strict=True)]
    found = curve(keys, "cubic")
    for (start, low), (end, high) in pairwise(keys):
        assert found[start] == pytest.approx(low)
        between = found[start : end + 1]
        assert all(min(low, high) - 1e-9 <= v <= max(low, high) + 1e-9 for v in between)
        assert sorted(between, reverse=high < low) == pytest.approx(list(between))


def test_a_cubic_has_no_corner_where_straight_lines_have_one() -> None:
    keys = [(0, 0.0), (50, 1.0), (100, 8.0)]

    def corner(way: str) -> float:
        found = curve(keys, way)
        return abs((found[51] - found[50]) - (found[50] - found[49]))

    assert corner("linear") > 0.1
    assert corner("cubic") < 0.01


def test_ratios_need_values_above_nought() -> None:
    with pytest.raises(ValueError, match="0 at 0 is not above 0"):
        curve([(0, 0), (2, 9)], "log")
