"""The plan: schedules, rates, octaves, crossfades, windows, forgiving names."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest

from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.easing import EASINGS
from dreamer.recipe.facts import Facts, NetworkFacts, find_class, find_layer
from dreamer.recipe.marks import read_yaml
from dreamer.recipe.parse import recipe_from_text, recipe_from_tree
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan
from dreamer.recipe.reference import (
    DOCS,
    collage_markdown,
    collage_schema,
    compile_markdown,
    compile_schema,
    markdown,
    schema,
    sweep_markdown,
    sweep_schema,
    training_markdown,
)
from dreamer.recipe.sizes import octave_sizes


def planned(facts: Facts, text: str, window: tuple[int, int] | None = None) -> Plan:
    return plan(recipe_from_text(text, Path(), "x.yaml"), facts, window)


def track(facts: Facts, text: str, name: str) -> tuple[float, ...]:
    return planned(facts, text).tracks[name]


def test_keys_hold_outside_and_go_straight_between(facts: Facts) -> None:
    text = "length: 11\nascent: {step: {keys: [{at: 2, value: 1}, {at: 6, value: 3}]}}"
    assert track(facts, text, "ascent.step")[:8] == pytest.approx((1, 1, 1, 1.5, 2, 2.5, 3, 3))


def test_a_key_beyond_the_end_still_shapes_the_curve(facts: Facts) -> None:
    text = "length: 5\nascent: {step: {keys: [{at: 0, value: 0}, {at: 8, value: 8}]}}"
    assert track(facts, text, "ascent.step") == pytest.approx((0, 1, 2, 3, 4))


def test_moments_in_every_unit(facts: Facts) -> None:
    keys = "[{at: 0, value: 0}, {at: 0.5s, value: 5}, {at: 50%, value: 10}, {at: end, value: 0}]"
    found = track(facts, f"length: 21\nfps: 10\nascent: {{step: {{keys: {keys}}}}}", "ascent.step")
    assert (found[5], found[10], found[20]) == (5, 10, 0)


def test_zoom_goes_in_equal_ratios(facts: Facts) -> None:
    text = "length: 5\nmotion: {zoom: {keys: [{at: 0, value: 1}, {at: 4, value: 16}]}}"
    assert track(facts, text, "motion.zoom") == pytest.approx((1, 2, 4, 8, 16))


@pytest.mark.parametrize("name", EASINGS)
def test_easings_begin_at_nought_and_end_at_one(name: str) -> None:
    assert EASINGS[name](0.0) == pytest.approx(0, abs=1e-3)
    assert EASINGS[name](1.0) == pytest.approx(1)


@pytest.mark.parametrize("fps", ["6", "24", "60", "24000/1001"])
def test_motion_is_a_rate_whatever_the_frames_a_second(facts: Facts, fps: str) -> None:
    text = f"length: 8s\nfps: {fps}\nmotion: {{zoom: 1.5, rotate: 30, move: [0.1, 0]}}"
    found = planned(facts, text)
    second = [found.at(k) for k in range(1, round(found.fps * 4) + 1)]
    assert math.prod(f.zoom for f in second) == pytest.approx(1.5**4, rel=1e-2)
    assert sum(f.rotate for f in second) == pytest.approx(120, rel=1e-2)
    assert sum(f.move[0] for f in second) == pytest.approx(0.4, rel=1e-2)


def test_the_first_frame_is_unmoved_and_may_have_steps_of_its_own(facts: Facts) -> None:
    text = "length: 2s\nmotion: {zoom: 2, rotate: 9, move: [1, 1]}\n"
    text += "ascent: {first_steps: 40, steps: 3}"
    found = planned(facts, text)
    first, second = found.at(0), found.at(1)
    assert (first.zoom, first.rotate, first.move) == (1, 0, (0, 0))
    assert [f.octaves[0].steps for f in (first, second)] == [40, 3]


def test_octaves_shrink_again_and_again_as_the_notebook_has_it() -> None:
    # 575 / 1.4 = 410.7, 411 / 1.4 = 293.6, 294 / 1.4 = 210; 1024 → 731 → 522 → 373
    expected = ((210, 373), (294, 522), (411, 731), (575, 1024))
    assert octave_sizes((575, 1024), 4, 1.4, 32) == expected


def test_auto_octaves_go_down_to_the_native_size(facts: Facts) -> None:
    sizes = planned(facts, "size: [640, 400]\nascent: {octaves: auto}").at(0).sizes
    assert sizes[-1] == (400, 640)
    assert 64 <= min(sizes[0]) < 64 * 1.4


def test_classes_crossfade(facts: Facts) -> None:
    keys = "[{at: 0, value: daisy}, {at: 4, value: stained_glass, blend: 4}]"
    found = planned(facts, f"length: 10\ntarget: {{weight: 2, class: {{keys: {keys}}}}}")
    assert [t.class_name for t in found.targets] == ["daisy", "stained_glass"]
    weights = [found.at(k).weights for k in (0, 4, 6, 8, 9)]
    assert weights == [(2, 0), (2, 0), (1, 1), (0, 2), (0, 2)]


def test_layers_cut_without_a_blend_and_may_come_again(facts: Facts) -> None:
    keys = "[{at: 0, value: inception_3b}, {at: 2, value: mixed4c}, {at: 4, value: inception_3b}]"
    found = planned(facts, f"length: 6\ntarget: {{layer: {{keys: {keys}}}}}")
    assert [found.at(k).weights for k in range(6)] == [(1, 0)] * 2 + [(0, 1)] * 2 + [(1, 0)] * 2


def test_windows_of_an_endless_film_agree(facts: Facts) -> None:
    text = (
        "length: endless\nmotion: {zoom: {expr: '1.2 + 0.1*noise(t, 3)'}}\n"
        "ascent: {step: {keys: [{at: 0, value: 1}, {at: 20s, value: 2}]}}"
    )
    long, late = planned(facts, text, (0, 400)), planned(facts, text, (240, 160))
    assert long.frames is None
    assert all(long.at(k) == late.at(k) for k in range(240, 400))


@pytest.mark.parametrize(
    ("word", "layer", "before"),
    [
        ("inception_4c", "inception_4c", False),
        ("inception_4c/output", "inception_4c", False),
        ("Inception4c", "inception_4c", False),
        ("mixed4c", "inception_4c", False),
        ("mixed4c:pre", "inception_4c", True),
        ("inception_3b/5x5_reduce:pre", "inception_3b/5x5_reduce", True),
        ("mixed3b_5x5_reduce", "inception_3b/5x5_reduce", False),
        ("stem", "conv1", False),
    ],
)
def test_layer_names_are_forgiving(facts: Facts, word: str, layer: str, before: bool) -> None:
    house = facts.networks["house"]
    assert isinstance(house, NetworkFacts)
    assert find_layer(house, word) == (layer, before)


@pytest.mark.parametrize(
    ("word", "number"),
    [("daisy", 0), ("DAISY", 0), ("stained glass", 5), ("stain", 5), ("sunflower", 1), (2, 2)],
)
def test_class_names_may_be_short(facts: Facts, word: str | int, number: int) -> None:
    house = facts.networks["house"]
    assert isinstance(house, NetworkFacts)
    assert find_class(house, word) == number


FULL = """
title: Into the cathedral
seed: 1532
source: {noise: pink}
size: [1280, 720]
network: house
target:
  - layer: inception_4c
  - {layer: inception_3b, channels: [12, 40], weight: 0.5}
  - {class: stained_glass, weight: {keys: [{at: 0s, value: 0}, {at: 10s, value: 2, ease:
  in_out_sine}]}}
ascent: {preset: deepdream-2015, octaves: 4, scale: 1.4, steps: 10, step: 1.5, jitter: 32}
motion: {zoom: 1.25, rotate: {expr: "4*sin(tau*t/8)"}, edges: mirror}
length: 20s
fps: 24
output: {video: mp4, crf: 17, loop: false}
classify: {networks: [house], top: 5}
"""


def test_the_whole_of_a_recipe(facts: Facts) -> None:
    found = planned(facts, FULL)
    assert (found.width, found.height, found.frames) == (1280, 720, 480)
    frame = found.at(240)
    assert frame.weights == pytest.approx((1, 0.5, 2))
    assert frame.octaves[0].steps == 10
    assert frame.rotate == pytest.approx(4 * math.sin(math.tau * 10 / 8) / 24)


def same_words(a: Parsed, b: Parsed) -> bool:
    return a.words == b.words and a.digest({}) == b.digest({})


def test_a_recipe_reads_back_from_its_own_words() -> None:
    recipe = recipe_from_text(FULL, Path(), "x.yaml")
    assert same_words(recipe, recipe_from_tree(recipe.canonical()))
    assert same_words(recipe, recipe_from_text(as_yaml(recipe.canonical()), Path(), "y.yaml"))


def test_the_digest_follows_what_is_in_a_picture_and_not_its_name(tmp_path: Path) -> None:
    here = recipe_from_tree({"source": {"image": "a.png"}}, tmp_path)
    there = recipe_from_tree({"source": {"image": "sub/b.png"}}, tmp_path)
    other = {str(tmp_path / "a.png"): "1", str(tmp_path / "sub/b.png"): "1"}
    assert here.digest(other) == there.digest(other)
    assert here.digest(other) != there.digest(other | {str(tmp_path / "sub/b.png"): "2"})


def test_size_comes_from_the_picture(facts: Facts, tmp_path: Path) -> None:
    for words, size in (
        ({}, (640, 480)),
        ({"size": 320}, (320, 240)),
        ({"size": [99, 98]}, (99, 98)),
    ):
        recipe = recipe_from_tree({"source": {"image": "photo.jpg"}, **words}, tmp_path)
        found = plan(recipe, facts)
        assert (found.width, found.height) == size


def test_the_work_is_pixels_times_steps(facts: Facts) -> None:
    found = planned(
        facts, "size: [280, 140]\nascent: {octaves: 2, scale: 1.4, steps: 5}\nlength: 3"
    )
    assert found.megapixel_steps() == pytest.approx(3 * 5 * (280 * 140 + 200 * 100) / 1e6)


def test_reference_and_schema_are_current() -> None:
    assert (DOCS / "recipe.md").read_text() == markdown(), "run `make docs`"
    assert (DOCS / "recipe.schema.json").read_text() == schema(), "run `make docs`"
    assert (DOCS / "training.md").read_text() == training_markdown(), "run `make docs`"
    assert (DOCS / "collage.md").read_text() == collage_markdown(), "run `make docs`"
    assert (DOCS / "collage.schema.json").read_text() == collage_schema(), "run `make docs`"
    assert (DOCS / "compile.md").read_text() == compile_markdown(), "run `make docs`"
    assert (DOCS / "compilation.schema.json").read_text() == compile_schema(), "run `make docs`"
    assert (DOCS / "sweeps.md").read_text() == sweep_markdown(), "run `make docs`"
    assert (DOCS / "sweep.schema.json").read_text() == sweep_schema(), "run `make docs`"


RECIPES = DOCS.parent / "recipes"


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("recipe", ("*.yaml", "objectives/*.yaml")),
        ("collage", ("collage/*.yaml",)),
        ("compilation", ("compilation.yaml",)),
        ("sweep", ("sweep-*.yaml",)),
    ],
)
def test_editors_take_our_recipes_by_their_schemas(name: str, patterns: tuple[str, ...]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    known = json.loads((DOCS / f"{name}.schema.json").read_text())
    check = jsonschema.Draft202012Validator(known)
    found = {path for pattern in patterns for path in RECIPES.glob(pattern)}
    if name == "recipe":
        found -= {RECIPES / "compilation.yaml", *RECIPES.glob("sweep-*.yaml")}
    assert found
    for path in found:
        tree = read_yaml(path.read_text(), str(path), path.parent).value
        assert [error.message for error in check.iter_errors(tree)] == [], path.name


def test_scenes_name_targets_as_recipes_do() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(json.loads((DOCS / "recipe.schema.json").read_text()))
    for target in ("conv2", {"class": "daisy"}, ["conv2", {"layer": "conv3"}], None):
        assert check.is_valid({"scenes": [{"length": "2s", "target": target}]}), target
    for target in (3, [], {"clas": "daisy"}):
        assert not check.is_valid({"scenes": [{"length": "2s", "target": target}]}), target


def test_the_schema_names_every_key_with_a_meaning() -> None:
    found = json.loads(schema())
    for part in (found, *found["$defs"].values()):
        assert part.get("additionalProperties") is False
        assert all(p.get("description") for p in part["properties"].values())


def test_every_pair_of_presets_says_the_same_keys() -> None:
    from dreamer.recipe.presets import PRESETS

    assert all(a.keys() == b.keys() for a, b in pairwise(PRESETS.values()))
