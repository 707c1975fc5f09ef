"""What moves the camera: rates, a place to head for, a trembling hand, room beyond the edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest

from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.plan import FramePlan, Plan
from dreamer.recipe.planning import plan


def planned(facts: Facts, motion: str, rest: str = "length: 10s\nfps: 10\n") -> Plan:
    text = f"target: conv1\nsize: [640, 480]\n{rest}motion: {motion}\n"
    return plan(recipe_from_text(text, Path(), "x.yaml"), facts)


def frames(made: Plan) -> list[FramePlan]:
    return [made.at(k) for k in range(made.count)]


def test_what_is_looked_at_comes_to_the_middle_all_of_its_way_in_a_second(facts: Facts) -> None:
    found = frames(planned(facts, "{look_at: [0.7, 0.4], move: [0.1, 0]}"))
    assert found[0].move == (0, 0)
    assert sum(f.move[0] for f in found[1:11]) == pytest.approx(0.5 - 0.7 + 0.1)
    assert sum(f.move[1] for f in found[1:11]) == pytest.approx(0.5 - 0.4)


def test_a_wobble_goes_to_and_fro_and_never_drifts_off(facts: Facts) -> None:
    made = planned(
        facts,
        "{wobble: {move: 0.02, rotate: 3, zoom: 0.05, period: 0.7}}",
        "length: 3000\nfps: 10\n",
    )
    found = frames(made)
    places = {
        "left": (list(accumulate(f.move[0] for f in found)), 0.02),
        "up": (list(accumulate(f.move[1] for f in found)), 0.02),
        "turned": (list(accumulate(f.rotate for f in found)), 3.0),
        "near": (list(accumulate(math.log(f.zoom) for f in found)), 0.05),
    }
    for way, most in places.values():
        assert max(way) - min(way) <= 2 * most  # from where it began, which is not its middle
        assert max(way) - min(way) > most
    tracks = [way for way, _ in places.values()]
    assert len({round(way[100] / most, 3) for way, most in places.values()}) == len(tracks)


def test_wobbles_of_another_seed_and_period_are_others(facts: Facts) -> None:
    ways = {
        tuple(f.rotate for f in frames(planned(facts, f"{{wobble: {{rotate: 3, {more}}}}}")))
        for more in ("seed: 0", "seed: 1", "period: 5")
    }
    assert len(ways) == 3


def test_a_wobble_may_grow(facts: Facts) -> None:
    keys = "{keys: [{at: 0, value: 0}, {at: end, value: 4}]}"
    found = frames(planned(facts, f"{{wobble: {{rotate: {keys}}}}}"))
    early = max(abs(f.rotate) for f in found[:20])
    late = max(abs(f.rotate) for f in found[-20:])
    assert found[0].rotate == 0
    assert 0 < early < late / 2


def test_a_wobble_that_comes_and_goes_stays_about_its_place(facts: Facts) -> None:
    """Where its size changes too, what it has moved is never more than that size."""
    size = "{expr: '0.05*(0.5+0.5*sin(tau*t/3))'}"
    made = planned(facts, f"{{wobble: {{move: {size}, seed: 2}}}}", "length: 1200\nfps: 10\n")
    start = made.tracks["swayed.move.0"][0]
    places = [start + way for way in accumulate(frame.move[0] for frame in frames(made)[1:])]
    sizes = made.tracks["motion.wobble.move"][1:]
    assert all(abs(place) <= size + 1e-9 for place, size in zip(places, sizes, strict=True))
    assert max(map(abs, places)) > 0.02


def test_moments_count_from_the_first_frame_that_is_shown(facts: Facts) -> None:
    """Frames that are rendered for the end to fade into come before 0 s."""
    motion = (
        "{rotate: {keys: [{at: 0s, value: 0}, {at: 1s, value: 80}]}, move: [{expr: t}, {expr: u}]}"
    )
    made = planned(facts, motion, "length: 3s\nfps: 8\nclose: {by: crossfade, over: 1s}\n")
    assert made.frames == 32
    assert made.tracks["motion.rotate"][:9] == (0,) * 9
    assert made.tracks["motion.rotate"][12] == pytest.approx(40)
    assert made.tracks["motion.move.0"] == pytest.approx([(n - 8) / 8 for n in range(32)])
    assert made.tracks["motion.move.1"][:9] == (0,) * 9
    assert made.tracks["motion.move.1"][-1] == 1


def test_overscan_dreams_more_than_frames_show(facts: Facts) -> None:
    made = planned(facts, "{edges: overscan, overscan: 0.1, zoom: 0.9}")
    assert (made.width, made.height) == (768, 576)
    assert made.shown == (480, 640)
    assert made.margin == (48, 64)
    assert made.edges == "mirror"
    assert made.at(1).sizes[-1] == (576, 768)


@pytest.mark.parametrize(
    ("motion", "said"),
    [
        ("{overscan: 0.2}", "motion.overscan: is of edges: overscan"),
        ("{edges: overscan, overscan: 0.7}", "motion.overscan: must be at most 0.5"),
        ("{edges: overscn}", "did you mean 'overscan'?"),
        ("{look_at: 0.3}", "motion.look_at: expected two numbers, not 0.3"),
        ("{look_at: [0.3, 77]}", "motion.look_at.1: 77 is above 10"),
        ("{wobble: 3}", "motion.wobble: expected a mapping"),
        ("{wobble: {turn: 3}}", "motion.wobble.turn: unknown key"),
        ("{wobble: {zoom: -1}}", "motion.wobble.zoom: -1 is below 0"),
    ],
)
def test_motion_that_cannot_be_had(
    refusals: Callable[[str], list[str]], motion: str, said: str
) -> None:
    [line] = refusals(f"target: conv1\nlength: 5\nmotion: {motion}")
    assert said in line, line


def test_a_seamless_picture_does_not_tremble(refusals: Callable[[str], list[str]]) -> None:
    [line] = refusals(
        "target: conv1\nlength: 5\nseamless: true\nmotion: {wobble: {move: 0.1, rotate: 2}}"
    )
    assert "motion.wobble.rotate: a seamless picture can be moved, not zoomed or turned" in line


def test_overscan_has_no_room_for_masks_nor_stills(refusals: Callable[[str], list[str]]) -> None:
    [line] = refusals("target: conv1\nlength: 5\nmotion: {edges: overscan}\ninpaint: {mask: left}")
    assert "masks lie over what frames show" in line
    [line] = refusals("target: conv1\nmotion: {edges: overscan}")
    assert "a still is not moved" in line
