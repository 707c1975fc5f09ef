"""Along what a sweep goes, found in what its members say."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dreamer.draw.site.axes import Axes, Coordinates, axes_of, ordered
from dreamer.recipe.marks import read_yaml
from dreamer.recipe.sweep import sweep_of
from dreamer.recipe.sweep_expansion import expanded


def said(**values: object) -> Coordinates:
    return tuple((key, str(value)) for key, value in values.items())


def swept(text: str) -> list[Coordinates]:
    """The coordinates that a sweep of `text` gives its renders."""
    sweep = sweep_of(read_yaml(text, "sweep.yaml", Path()), "sweep")
    return [said(**one.coordinates) for one in expanded(sweep).combinations]


def keys_of(found: Axes) -> list[tuple[str, ...]]:
    return [axis.keys for axis in found.axes]


def is_whole(members: list[Coordinates], found: Axes) -> bool:
    """Whether every member has a cell, what is said of that cell is what the member says, and no
    two that differ share one.
    """
    for member, place in zip(members, found.places, strict=True):
        pairs = [
            (key, value)
            for axis, at in zip(found.axes, place, strict=True)
            for key, value in zip(axis.keys, axis.rows[at], strict=True)
        ]
        if {(k, v) for k, v in pairs if v is not None} != set(member):
            return False
    return len(set(found.places)) == len(set(map(frozenset, members)))


def test_a_matrix_has_an_axis_a_key_the_longest_first() -> None:
    members = [said(target=t, steps=s) for t in ("daisy", "owl") for s in (16, 4, 8)]
    found = axes_of(members)
    assert keys_of(found) == [("steps",), ("target",)]
    assert [axis.words for axis in found.axes] == [("4", "8", "16"), ("daisy", "owl")]
    assert found.places[:2] == ((2, 0), (0, 0))


def test_rows_and_draws_are_one_axis_each() -> None:
    members = swept(
        "matrix: {ascent.octaves: [3, 4]}\n"
        "zip: {source.noise: [pink, plasma], title: [Pink, Plasma]}\n"
        "random: {n: 4, keys: {seed: {integers: [1, 999]}, ascent.step: {between: [1, 3]}}}\n"
    )
    found = axes_of(members)
    octaves, draws, rows = found.axes
    assert octaves.words == ("3", "4")
    assert draws.keys == ("seed", "ascent.step")
    seed, step = (value for _, value in members[1][-2:])
    assert draws.words[1] == f"2: seed {seed}, step {step}"
    assert rows.words == ("1: noise pink, title Pink", "2: noise plasma, title Plasma")
    assert len(set(found.places)) == len(members) == 16
    assert is_whole(members, found)


def test_draws_that_meet_are_still_draws() -> None:
    """Of few whole numbers some are drawn twice."""
    drawn = [(2, 1, 0.4), (2, 1, 0.7), (1, 3, 0.9), (3, 3, 0.2), (2, 2, 0.1), (1, 2, 0.3)]
    members = [said(a=a, b=b, c=c, m=m) for m in "xy" for a, b, c in drawn]
    assert keys_of(axes_of(members)) == [("m",), ("a", "b", "c")]
    of_many = [said(a=a, b=b) for a, b in zip(range(20), [*range(10), *range(10)], strict=True)]
    assert keys_of(axes_of(of_many)) == [("a", "b")]
    apart = [said(a=k % 12, b=k * 5 % 13) for k in range(15)]  # neither decides the other
    assert keys_of(axes_of(apart)) == [("a", "b")]


def test_a_matrix_with_some_left_out_stays_a_table() -> None:
    members = [said(a=a, b=b) for a, b in product(range(4), repeat=2) if b < a]
    assert keys_of(axes_of(members)) == [("a",), ("b",)]


def test_a_key_that_only_some_have_has_a_place_for_the_others() -> None:
    members = swept(
        "matrix:\n  ascent.octaves: [2, 3]\n  seed: [1, 2]\n"
        "  include: [{seed: 5, ascent.steps: 60}]\n"
    )
    found = axes_of(members)
    assert is_whole(members, found)
    words = {axis.name: axis.words for axis in found.axes}
    both = ("1: octaves 2, steps –", "2: octaves 3, steps –", "3: octaves –, steps 60")
    assert words == {"seed": ("1", "2", "5"), "ascent.octaves, ascent.steps": both}


def test_keys_that_end_alike_are_told_apart() -> None:
    members = [said(**{"a.x": k, "b.x": k, "c.y": k}) for k in (1, 2)]
    (axis,) = axes_of(members).axes
    assert axis.words[0] == "1: a.x 1, b.x 1, y 1"


def test_the_same_in_two_folders_is_two() -> None:
    members = [said(seed=seed) for _ in "ab" for seed in (1, 2, 3)]
    assert len(set(axes_of(members).places)) == 3
    found = axes_of(members, ["in/a"] * 3 + ["in/b"] * 3)
    assert [axis.words for axis in found.axes] == [("1", "2", "3"), ("in/a", "in/b")]
    assert len(set(found.places)) == 6
    assert keys_of(axes_of(members[:3], ["in/a", "in/b", "in/a"])) == [("seed",)]


def test_a_sweep_of_nothing_and_of_no_member() -> None:
    assert axes_of([]) == ((), ())
    assert axes_of([(), ()]) == ((), ((), ()))


KEYS = st.sampled_from(["seed", "target", "ascent.steps", "ascent.step", "title"])
VALUES = st.sampled_from(["1", "2", "10", "owl", "–", ""])
MEMBERS = st.lists(st.dictionaries(KEYS, VALUES).map(lambda one: tuple(one.items())), max_size=30)


@given(MEMBERS)
def test_every_member_has_a_cell_of_its_own(members: list[Coordinates]) -> None:
    found = axes_of(members)
    assert is_whole(members, found)
    names = [axis.name for axis in found.axes]
    assert len(set(names)) == len(names)


SIDES = st.lists(st.integers(2, 4), min_size=1, max_size=3)


@given(matrix=SIDES, rows=st.integers(2, 4), draws=st.integers(2, 5))
def test_a_whole_sweep_has_no_empty_cell(matrix: list[int], rows: int, draws: int) -> None:
    words: dict[str, Any] = {
        **{f"m{k}": range(side) for k, side in enumerate(matrix)},
        "row": [{"r": str(k), "t": f"T{k}"} for k in range(rows)],
        "draw": [{"seed": str(97 * k % 31), "step": str(7.1 * k)} for k in range(draws)],
    }
    members: list[Coordinates] = []
    for values in product(*words.values()):
        named = dict(zip(words, values, strict=True))
        together = named.pop("row") | named.pop("draw")
        members.append(said(**named, **together))
    found = axes_of(members)
    cells = 1
    for axis in found.axes:
        cells *= len(axis.rows)
    assert cells == len(set(found.places)) == len(members)


def test_values_in_order() -> None:
    assert ordered(["10", "9", "1e-3"]) == ["1e-3", "9", "10"]
    assert ordered(["b", "a", "10"]) == ["b", "a", "10"]
