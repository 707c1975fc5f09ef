"""Scenes: parts of a film with words of their own, faded into each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import Facts, NetworkFacts
from dreamer.recipe.parse import draft_of, recipe_from_text, recipe_from_tree
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan

FILM = """
fps: 10
ascent: {steps: 2}
motion: {zoom: 2}
scenes:
  - {length: 1s, target: conv1}
  - {length: 1s, transition: 0.5s, target: inception_4c, motion: {zoom: 8}, ascent: {steps: 6}}
  - {length: 4, target: {class: daisy}}
"""


def planned(facts: Facts, text: str) -> Plan:
    return plan(recipe_from_text(text, Path(), "x.yaml"), facts)


def weights(made: Plan, name: str) -> tuple[float, ...]:
    number = [target.name for target in made.targets].index(name)
    return made.tracks[f"target.{number}.weight"]


def test_scenes_follow_one_another_and_the_film_is_as_long_as_all_of_them(facts: Facts) -> None:
    made = planned(facts, FILM)
    assert (made.frames, made.count, made.start) == (24, 24, 0)
    assert [target.name for target in made.targets] == ["conv1", "inception_4c", "daisy"]
    assert weights(made, "daisy") == (0.0,) * 20 + (1.0,) * 4  # it cuts


def test_what_is_amplified_fades_and_adds_up_to_one(facts: Facts) -> None:
    made = planned(facts, FILM)
    assert weights(made, "conv1")[9:16] == pytest.approx((1, 1, 0.8, 0.6, 0.4, 0.2, 0))
    assert weights(made, "inception_4c")[9:16] == pytest.approx((0, 0, 0.2, 0.4, 0.6, 0.8, 1))
    for index in range(24):
        assert sum(made.at(index).weights) == pytest.approx(1)


def test_numbers_fade_and_zoom_does_in_equal_ratios(facts: Facts) -> None:
    made = planned(facts, FILM)
    assert made.tracks["ascent.steps"][9:16] == pytest.approx((2, 2, 2.8, 3.6, 4.4, 5.2, 6))
    expected = [2.0 * 4 ** (k / 5) for k in range(6)]
    assert made.tracks["motion.zoom"][10:16] == pytest.approx(expected)
    assert made.at(13).octaves[-1].steps == 4
    assert set(made.tracks["motion.zoom"][20:]) == {2.0}  # as the recipe says for all


def test_an_easing_bends_the_fade(facts: Facts) -> None:
    made = planned(facts, FILM.replace("transition: 0.5s", "transition: 0.5s, ease: in_quad"))
    found = weights(made, "inception_4c")[10:16]
    assert found == pytest.approx([(k / 5) ** 2 for k in range(6)])


def test_a_target_in_several_scenes_is_one(facts: Facts) -> None:
    text = "fps: 10\ntarget: conv1\nscenes: [{length: 3}, {length: 3, target: inception_4c}, "
    made = planned(facts, text + "{length: 3, transition: 2}]")
    assert [target.name for target in made.targets] == ["conv1", "inception_4c"]
    assert weights(made, "conv1") == (1, 1, 1, 0, 0, 0, 0, 0.5, 1)


def test_moments_and_t_count_from_the_scenes_beginning_and_go_on_through_its_end(
    facts: Facts,
) -> None:
    text = (
        "fps: 10\ntarget: conv1\nscenes: [{length: 1s, motion: {rotate: {expr: '10*t'}}}, "
        "{length: 1s, transition: 2, motion: {rotate: {keys: "
        "[{at: 0, value: 0}, {at: end, value: 9}]}}}]"
    )
    rotate = planned(facts, text).tracks["motion.rotate"]
    assert rotate[:10] == pytest.approx([float(k) for k in range(10)])
    assert rotate[10] == pytest.approx(10)  # all of it still the first scene's, at its t = 1
    assert rotate[11] == pytest.approx((11 + 1) / 2)
    assert rotate[12:] == pytest.approx([float(k) for k in range(2, 10)])


def test_what_is_said_for_all_scenes_goes_by_the_films_clock(facts: Facts) -> None:
    text = (
        "fps: 10\ntarget: {layer: {keys: [{at: 0, value: conv1}, {at: 1.5s, value: inception_4c}]}}"
        "\nmotion: {rotate: {expr: '10*t'}, move: [{expr: u}, 0], wobble: {rotate: 3}}\n"
    )
    staged = planned(facts, text + "scenes: [{length: 1s}, {length: 1s, motion: {zoom: 2}}]")
    whole = planned(facts, text + "length: 2s")
    for name in ("motion.rotate", "motion.move.0", "sway.rotate", "target.1.weight"):
        assert staged.tracks[name] == pytest.approx(whole.tracks[name]), name


def test_lengths_add_up_before_they_are_rounded(facts: Facts) -> None:
    scenes = ", ".join(["{length: 0.15s}"] * 10)
    assert planned(facts, f"fps: 10\ntarget: conv1\nscenes: [{scenes}]").frames == 15


def test_scenes_may_have_networks_of_their_own(facts: Facts) -> None:
    made = planned(
        facts, "fps: 10\ntarget: conv1\nscenes: [{length: 4}, {length: 4, network: big}]"
    )
    assert [target.network for target in made.targets] == ["house", "big"]
    big = facts.networks["big"]
    assert isinstance(big, NetworkFacts)
    assert made.native == big.native


def test_the_resolved_recipe_reads_back_as_the_same_film(facts: Facts) -> None:
    """Even where a scene says what is the default, over a recipe that says something else."""
    text = FILM.replace("{length: 4,", "{length: 4, motion: {zoom: 1.0},")
    before = recipe_from_text(text, Path(), "x.yaml")
    after = recipe_from_text(as_yaml(before.canonical()), Path(), "y.yaml")
    assert plan(after, facts).tracks == plan(before, facts).tracks
    assert plan(after, facts).tracks["motion.zoom"][-1] == 1.0
    assert recipe_from_tree(before.canonical()).canonical() == before.canonical()


def test_a_scenes_target_takes_the_recipes_place_and_inherits_nothing(facts: Facts) -> None:
    """However either is written: the film that is frozen is the film that was planned."""
    text = (
        "target: {layer: conv1, channels: [1, 2], weight: 0.3}\n"
        "scenes: [{length: 3}, {length: 3, target: {layer: inception_4c}}]"
    )
    recipe = recipe_from_text(text, Path(), "x.yaml")
    made = plan(recipe, facts)
    assert [target.channels for target in made.targets] == [(1, 2), None]
    assert weights(made, "inception_4c") == (0, 0, 0, 1, 1, 1)
    frozen = plan(recipe_from_tree(recipe.canonical()), facts)
    assert frozen.tracks == made.tracks
    assert [replace(target, key="") for target in frozen.targets] == [
        replace(target, key="") for target in made.targets
    ]


@pytest.mark.parametrize("ease", ["in_elastic", "out_back", "in_out_back"])
def test_ways_that_overshoot_go_no_further_than_from_scene_to_scene(
    facts: Facts, ease: str
) -> None:
    text = (
        "fps: 10\nscenes:\n"
        "  - {length: 4, target: conv1, ascent: {octaves: 1, steps: 1, jitter: 0, step: 0.1}}\n"
        f"  - {{length: 16, transition: 16, ease: {ease}, target: inception_4c,\n"
        "     ascent: {octaves: 4, steps: 8, jitter: 32, step: 3}}\n"
    )
    made = planned(facts, text)
    for name, (least, most) in {
        "ascent.octaves": (1, 4),
        "ascent.steps": (1, 8),
        "ascent.jitter": (0, 32),
        "ascent.step": (0.1, 3),
        "target.1.weight": (0, 1),
    }.items():
        assert least <= min(made.tracks[name]) <= max(made.tracks[name]) <= most, name


def test_a_wobble_that_fades_comes_home(facts: Facts) -> None:
    text = (
        "fps: 10\ntarget: conv1\nscenes: [{length: 2s, motion: {wobble: {rotate: 5}}}, "
        "{length: 3s, transition: 1s, motion: {wobble: {rotate: 0}}}]"
    )
    turns = [made.rotate for made in map(planned(facts, text).at, range(50))]
    begins = sum(turns[1:20])
    assert abs(begins) > 0.2
    home = -planned(facts, text).tracks["swayed.rotate"][0]
    assert sum(turns[1:]) == pytest.approx(home)


def test_a_draft_keeps_the_moments_of_the_scenes(facts: Facts) -> None:
    recipe = recipe_from_text(FILM + "size: [640, 480]\n", Path(), "x.yaml")
    draft = plan(draft_of(recipe, (640, 480)), facts)
    assert (draft.width, draft.height, draft.fps) == (160, 120, 6)
    assert draft.frames == round(2.4 * 6)
    assert weights(draft, "daisy") == (0.0,) * 12 + (1.0,) * 2


def test_pictures_of_scenes_are_found_beside_the_recipe(facts: Facts, tmp_path: Path) -> None:
    text = (
        "target: conv1\nscenes: [{length: 4}, "
        "{length: 4, target: {layer: conv1, objective: guide, reference: photo.jpg}}]"
    )
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    assert recipe.wants().pictures == (str(tmp_path / "photo.jpg"),)
    [place] = recipe.files()
    assert place.path == ("scenes", 1, "target", 0, "reference")
    moved = recipe.with_files(lambda path: "kept/" + Path(path).name)
    assert moved["scenes"][1]["target"][0]["reference"] == "kept/photo.jpg"
    assert plan(recipe, facts).frames == 8


@pytest.mark.parametrize(
    ("scenes", "said"),
    [
        ("[]", "scenes: expected at least one scene"),
        ("[{target: conv1}]", "scenes.0.length: missing"),
        (
            "[{length: endless}]",
            "scenes.0.length: expected 5s, a number of frames or 16 beats, not 'endless'",
        ),
        ("[{length: 2000000}]", "scenes: have 2000000 frames together; at most 1000000"),
        ("[{length: 0.01s}, {length: 6}]", "scenes.0.length: is shorter than a frame"),
        (
            "[{length: 6}, {length: 6, motion: {edges: overscan, overscan: 0.4}}]",
            "scenes.1.motion.overscan: how much is dreamt beyond the edges is one for the whole",
        ),
        (
            "[{length: 50%}]",
            "scenes.0.length: expected 5s, a number of frames or 16 beats, not '50%'",
        ),
        (
            "[{length: 0}]",
            "scenes.0.length: expected 5s, a number of frames or 16 beats, above 0, not 0",
        ),
        ("[{length: 4, transition: 2}]", "scenes.0.transition: the first scene has none before"),
        ("[{length: 4}, {length: 4, transition: 5}]", "scenes.1.transition: takes longer than"),
        ("[{length: 4}, {length: 4, target: conv9}]", "scenes.1.target: house has no layer"),
        ("[{length: 4, motion: {zom: 2}}]", "scenes.0.motion.zom: unknown key; did you mean"),
        ("[{length: 4}, {length: 4, motion: {zoom: -1}}]", "scenes.1.motion.zoom: -1 is not"),
        ("[{length: 4, size: 64}]", "scenes.0.size: unknown key"),
        ("[{length: 4, network: hause}]", "scenes.0.network: no network 'hause'"),
        (
            "[{length: 4}, {length: 4, ascent: {optimiser: adam}}]",
            "scenes.1.ascent.optimiser: is one for the whole film; the first scene has",
        ),
        (
            "[{length: 4}, {length: 4, motion: {edges: wrap}}]",
            "scenes.1.motion.edges: is one for the whole film",
        ),
        (
            "[{length: 4}, {length: 4, ascent: {first_steps: 9}}]",
            "scenes.1.ascent.first_steps: is of a film's first frame",
        ),
        (
            "[{length: 4}, {length: 4, ascent: {octaves: auto}}]",
            "scenes.1.ascent.octaves: is a number in one scene and not in another",
        ),
    ],
)
def test_scenes_that_no_film_has(
    refusals: Callable[[str], list[str]], scenes: str, said: str
) -> None:
    [line] = refusals(f"target: conv1\nascent: {{octaves: 2}}\nscenes: {scenes}")
    number, _, message = line.partition(": ")
    assert number == "3"
    assert message.startswith(said), message


def test_length_and_scenes_do_not_go_together(refusals: Callable[[str], list[str]]) -> None:
    [line] = refusals("length: 5s\nscenes: [{length: 4}]")
    assert "leave length out" in line


def test_what_is_wrong_for_all_scenes_is_said_once(refusals: Callable[[str], list[str]]) -> None:
    lines = refusals("target: conv9\nsamples: 2\nscenes: [{length: 4}, {length: 4}]")
    assert [line.partition(":")[2].split(":")[0].strip() for line in lines] == ["target", "samples"]


def test_weights_stay_a_share_where_a_target_has_weights_of_its_own(facts: Facts) -> None:
    text = (
        "fps: 10\nscenes: [{length: 4, target: {layer: conv1, weight: 3}}, "
        "{length: 4, transition: 4, target: {layer: conv1, weight: -1}}]"
    )
    made = planned(facts, text)
    assert len(made.targets) == 1
    assert weights(made, "conv1") == pytest.approx((3, 3, 3, 3, 3, 2, 1, 0))
    assert math.isclose(made.at(6).weights[0], 1)
