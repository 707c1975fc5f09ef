"""`ascent.effort`: fewer and longer steps, or more and shorter ones, as the plan says them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.plan import OctavePlan, Plan
from dreamer.recipe.planning import plan


def planned(facts: Facts, text: str) -> Plan:
    return plan(recipe_from_text(text, Path(), "x.yaml"), facts)


def way(octave: OctavePlan) -> float:
    return sum(octave.step_at(number) for number in range(octave.steps))


def test_half_the_effort_is_half_the_steps_each_twice_as_long(facts: Facts) -> None:
    whole, half = (planned(facts, f"ascent: {{effort: {e}}}") for e in (1, 0.5))
    assert [(o.steps, o.step) for o in whole.at(0).octaves] == [(12, 2.0)] * 7
    assert [(o.steps, o.step, o.step_end) for o in half.at(0).octaves] == [(6, 4.0, 4.0)] * 7
    assert half.megapixel_steps() == pytest.approx(whole.megapixel_steps() / 2)


def test_effort_1_changes_no_number(facts: Facts) -> None:
    words = "octaves: 3, steps: 7, step: 0.3, step_end: 0.1, persistence: 0.9"
    without, said = (
        planned(facts, f"ascent: {{{words}{more}}}\nlength: 3") for more in ("", ", effort: 1")
    )
    assert [without.at(k) for k in range(3)] == [said.at(k) for k in range(3)]


@pytest.mark.parametrize("effort", [0.1, 0.25, 0.6, 1.5, 3])
@pytest.mark.parametrize("end", [0, 0.5, 4])
def test_the_way_of_all_steps_is_as_long(facts: Facts, effort: float, end: float) -> None:
    words = f"octaves: 3, persistence: 0.8, steps: 10, step: 2, step_end: {end}"
    whole, other = (
        planned(facts, f"ascent: {{{words}, effort: {e}}}").at(0).octaves for e in (1, effort)
    )
    assert [o.steps for o in other] == [round(10 * effort)] * 3
    assert list(map(way, other)) == pytest.approx(list(map(way, whole)))
    assert [o.step_end / o.step for o in other] == pytest.approx([end / 2] * 3)


def test_steps_that_grow_from_nothing_still_go_somewhere(facts: Facts) -> None:
    words = "octaves: 1, steps: 4, step: 0, step_end: 4, effort: 0.1"
    (octave,) = planned(facts, f"ascent: {{{words}}}").at(0).octaves
    assert octave.steps == 2
    assert way(octave) == pytest.approx(0 + 1 + 2 + 3)


def test_octaves_of_their_own_and_the_first_frame_take_fewer_steps_too(facts: Facts) -> None:
    own = "ascent: {octaves: [{steps: 40, step: 3}, {steps: 0}, {}], steps: 10, effort: 0.5}"
    octaves = planned(facts, own).at(0).octaves
    assert [(o.steps, o.step) for o in octaves] == [(20, 6.0), (0, 2.0), (5, 4.0)]
    film = planned(facts, "length: 3\nascent: {first_steps: 30, steps: 4, effort: 0.5}")
    assert [film.at(k).octaves[0].steps for k in range(3)] == [15, 2, 2]


def test_no_octave_that_had_steps_is_left_without(facts: Facts) -> None:
    film = planned(
        facts,
        "length: 3\nascent: {steps: {keys: [{at: 0, value: 0}, {at: 2, value: 2}]}, effort: 0.1}",
    )
    assert [film.at(k).octaves[0].steps for k in range(3)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        ("preset: lucid", "adam on fourier"),
        ("parameterisation: logits", "logits"),
        ("optimiser: momentum", "momentum on pixels"),
        ("preset: neural-dream", "adam on pixels"),
    ],
)
def test_what_longer_steps_cannot_stand_in_for_is_refused(
    refusals: Callable[[str], list[str]], words: str, theirs: str
) -> None:
    (said,) = [p for p in refusals(f"ascent: {{{words}, effort: 0.5}}") if "effort" in p]
    assert f"not of {theirs}; say fewer steps instead" in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("blur: 0.5", "steps that nothing smooths"),
        ("octaves: [{blur: 0, blur_end: 1}, {}]", "steps that nothing smooths"),
        ("blur_end: 0.5", "steps that nothing smooths"),
        ("redirect: 3", "led past dead ReLUs"),
        ("window: 64", "a window comes to fewer places"),
        ("transforms: [{crops: {count: 2}}]", "crops come to fewer places"),
    ],
)
def test_what_fewer_steps_would_make_another_picture_of_is_refused(
    refusals: Callable[[str], list[str]], words: str, why: str
) -> None:
    (said,) = [p for p in refusals(f"ascent: {{{words}, effort: 0.5}}") if "effort" in p]
    assert why in said
    assert said.endswith("; say fewer steps instead")


@pytest.mark.parametrize("effort", ["0", "-1", "11", "half"])
def test_what_no_effort_may_be(refusals: Callable[[str], list[str]], effort: str) -> None:
    assert any("ascent.effort" in p for p in refusals(f"ascent: {{effort: {effort}}}"))


def test_scenes_share_one_effort(refusals: Callable[[str], list[str]]) -> None:
    text = "scenes: [{length: 2}, {length: 2, ascent: {effort: 0.5}}]"
    (said,) = refusals(text)
    assert "is one for the whole film; the first scene has 1.0, this one 0.5" in said
