"""What a target may say, and what it is told when it cannot have it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dreamer.draw.masks import MASKS as DRAWN
from dreamer.dreaming import terms
from dreamer.engine.seeing import MADE
from dreamer.recipe import asking
from dreamer.recipe.asking import find_objective
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.parsed import MASKS
from dreamer.recipe.plan import Plan
from dreamer.recipe.planned import Choice
from dreamer.recipe.planning import plan
from dreamer.recipe.presets import TRANSFORMS


def planned(facts: Facts, tmp_path: Path, text: str) -> Plan:
    return plan(recipe_from_text(text, tmp_path, "x.yaml"), facts)


def test_a_recipe_knows_the_objectives_that_there_are() -> None:
    assert set(asking.OBJECTIVES) == set(terms.OBJECTIVES)
    assert set(asking.ALSO.values()) <= set(asking.OBJECTIVES)
    assert not set(asking.ALSO) & set(asking.OBJECTIVES)
    for name, row in asking.OBJECTIVES.items():
        kind = terms.OBJECTIVES[name].kind
        assert (row.of == "class") == (kind == "classes"), name
        assert row.batch == (kind == "batch"), name
        assert row.moved == (terms.OBJECTIVES[name].moved and "reference" in row.keys), name


def test_a_recipe_knows_the_transforms_and_masks_that_there_are() -> None:
    assert set(TRANSFORMS) <= {"none", *MADE}
    assert set(MASKS) == set(DRAWN)


@pytest.mark.parametrize(
    ("word", "of", "found"),
    [
        ("energy", "layer", "energy"),
        ("l2", "layer", "norm"),
        ("gram", "layer", "style"),
        ("probability", "class", "class_probability"),
        ("class_margin", "class", "class_margin"),
    ],
)
def test_objectives_go_by_several_names(word: str, of: str, found: str) -> None:
    assert find_objective(word, of) == found


def test_a_target_is_looked_up_whole(world: Facts, tmp_path: Path) -> None:
    text = """
size: [128, 64]
target:
  - {layer: inception_3b, objective: direction, vector: {3: 1, 7: -0.5}, exponent: 2,
     place: [0.2, 0.7]}
  - {layer: inception_4c, objective: guide, reference: guide.jpg, mask: wide.png, octaves: [0, 2]}
  - {layer: inception_4c, objective: inversion, reference: source, mask: left}
  - {layer: inception_4c, channels: {strongest: 5, renew: true}, objective: norm, apart: true}
  - {layer: conv1, channels: {but: [0, 2]}}
  - {class: daisy, objective: margin}
  - {class: daisy, objective: probability, other: {network: house, class: sunflowers}}
ascent: {octaves: 3}
"""
    direction, guide, kept, strong, rest, margin, less = planned(world, tmp_path, text).targets
    assert direction.vector == ((3, 1.0), (7, -0.5))
    assert (direction.exponent, direction.place) == (2, (0.2, 0.7))
    assert (guide.reference, guide.mask) == (
        str(tmp_path / "guide.jpg"),
        str(tmp_path / "wide.png"),
    )
    assert guide.octaves == (0, 2)
    assert (kept.reference, kept.mask) == ("source", "left")
    assert strong.chosen == Choice("strongest", 5, True)
    assert (strong.apart, strong.objective) == (True, "norm")
    assert rest.channels == (1, *range(3, 16))
    assert margin.objective == "class_margin"
    assert less.other is not None
    assert (less.other.network, less.other.class_name) == ("house", "sunflowers")


def test_what_is_not_said_is_asked_as_the_preset_asks(world: Facts, tmp_path: Path) -> None:
    text = "target: [inception_4c, {class: daisy}]\nascent: {preset: %s}"
    for preset, layer, named in (
        ("house", "standing_out", "class_mixture"),
        ("deepdream-2015", "energy", "class_logit"),
        ("lucid", "mean", "class_logit"),
    ):
        one, other = planned(world, tmp_path, text % preset).targets
        assert (one.objective, other.objective) == (layer, named)


def test_a_recipe_with_all_of_it_is_written_and_read_again(world: Facts, tmp_path: Path) -> None:
    text = """
target: {layer: inception_3b, objective: direction, vector: {3: 1}, mask: left}
ascent:
  octaves: [{size: 128, steps: 3}, {scale: 1.5, step: 2}]
  transforms: [{rotate: 10}, {scale: [0.9, 1.1]}, {crops: {count: 2}}]
inpaint: {mask: middle, feather: 4}
colors: {palette: guide.jpg, match: sliced}
"""
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    again = recipe_from_text(as_yaml(recipe.canonical()), tmp_path, "x.yaml")
    assert again.words == recipe.words
    found = [replace(t, key="") for t in plan(again, world).targets]
    assert found == [replace(t, key="") for t in plan(recipe, world).targets]


def test_one_channel_leads_to_another_of_its_layer(world: Facts, tmp_path: Path) -> None:
    text = "samples: 3\ntarget: {layer: conv1, objective: interpolation, channels: [4], other: %s}"
    (found,) = planned(world, tmp_path, text % "{channels: [7]}").targets
    assert found.other is not None
    assert (found.layer, found.channels) == ("conv1", (4,))
    assert (found.other.layer, found.other.channels) == ("conv1", (7,))
    (found,) = planned(world, tmp_path, text % "{layer: inception_3b}").targets
    assert found.other is not None
    assert found.other.channels is None


def test_a_whole_layer_leads_to_one_of_its_channels(world: Facts, tmp_path: Path) -> None:
    text = "samples: 3\ntarget: {layer: conv1, objective: interpolation, other: {channels: [7]}}"
    (found,) = planned(world, tmp_path, text).targets
    assert found.channels is None
    assert found.other is not None
    assert found.other.channels == (7,)


def test_a_reference_that_lies_under_the_dream_may_be_of_any_size(
    world: Facts, tmp_path: Path
) -> None:
    text = "target: {layer: conv1, objective: inversion, reference: dot.png}"
    (found,) = planned(world, tmp_path, text).targets
    assert found.reference == str(tmp_path / "dot.png")
