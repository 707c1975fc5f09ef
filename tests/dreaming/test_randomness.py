"""Shifts reach all of their range and differ wherever they are drawn."""

from __future__ import annotations

from collections import Counter

from dreamer.dreaming.randomness import integers


def test_integers_reach_both_ends_and_no_further() -> None:
    drawn = Counter(n for k in range(2000) for n in integers(2, -3, 4, 7, k))
    assert set(drawn) == set(range(-3, 5))
    assert min(drawn.values()) > 0.8 * 4000 / 8


def test_integers_depend_on_all_of_where_and_on_nothing_else() -> None:
    seed, frame, octave, step = 5, 6, 7, 8
    here = integers(2, 0, 2**40, seed, frame, octave, step)
    assert here == integers(2, 0, 2**40, seed, frame, octave, step)
    places = [(1, 6, 7, 8), (5, 1, 7, 8), (5, 6, 1, 8), (5, 6, 7, 1), (56, 7, 8), (5, 67, 8)]
    others = [integers(2, 0, 2**40, *where) for where in places]
    assert len({here, *others}) == 1 + len(places)
    assert here[0] != here[1]
