"""What a target may say, and what it is told when it cannot have it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dreamer.draw.masks import MASKS as DRAWN
from dreamer.dreaming import terms
from dreamer.engine.seeing import MADE
from dreamer.errors import RecipeError
from dreamer.recipe import asking
from dreamer.recipe.asking import find_objective
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import Facts, NetworkFacts, PictureFacts
from dreamer.recipe.parse import MASKS, recipe_from_text
from dreamer.recipe.plan import Choice, Plan
from dreamer.recipe.planning import plan
from dreamer.recipe.presets import TRANSFORMS


def planned(facts: Facts, tmp_path: Path, text: str) -> Plan:
    return plan(recipe_from_text(text, tmp_path, "x.yaml"), facts)


@pytest.fixture
def world(facts: Facts, tmp_path: Path) -> Facts:
    """`facts`, with a network without a head, another of house's size, and pictures beside."""
    house = facts.networks["house"]
    assert isinstance(house, NetworkFacts)
    headless = NetworkFacts("headless", house.layers, (), 64, 32, house.channels)
    pictures = {
        str(tmp_path / "guide.jpg"): PictureFacts(300, 200, "cd" * 32),
        str(tmp_path / "wide.png"): PictureFacts(100, 50, "ef" * 32),
        str(tmp_path / "square.png"): PictureFacts(100, 100, "01" * 32),
    }
    return Facts(
        {**facts.networks, "headless": headless}, {**facts.pictures, **pictures}, facts.motifs
    )


def test_a_recipe_knows_the_objectives_that_there_are() -> None:
    assert set(asking.OBJECTIVES) == set(terms.OBJECTIVES)
    assert dict(asking.ALSO) == terms.ALSO
    for name, row in asking.OBJECTIVES.items():
        kind = terms.OBJECTIVES[name].kind
        assert (row.of == "class") == (kind == "classes"), name
        assert row.batch == (kind == "batch"), name


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
  - {class: daisy, objective: probability, other: {network: big, class: sunflowers}}
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
    assert (less.other.network, less.other.class_name) == ("big", "sunflowers")


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


def test_a_draft_keeps_its_octaves_in_proportion(world: Facts, tmp_path: Path) -> None:
    text = "size: 1024\nascent: {octaves: [{size: 512, steps: 3}, {size: 1024, steps: 2}]}"
    recipe = recipe_from_text(text, tmp_path, "x.yaml")
    found = plan(recipe.draft((1024, 1024)), world)
    assert found.at(0).sizes == ((128, 128), (256, 256))


# name: (text, messages after "x.yaml:")
IMPOSSIBLE: dict[str, tuple[str, list[str]]] = {
    "a class of a network without a head": (
        "network: headless\ntarget: {class: daisy}",
        ["2: target.class: headless has no classes; name a layer"],
    ),
    "a channel out of range": (
        "target:\n  - {layer: inception_3b, channels: [3, 160]}",
        ["2: target.0.channels: inception_3b has channels 0 to 159, not 160"],
    ),
    "a channel of a direction out of range": (
        "target: {layer: conv1, objective: direction, vector: {16: 1}}",
        ["1: target.vector: conv1 has channels 0 to 15, not 16"],
    ),
    "more channels than there are": (
        "target: {layer: conv1, channels: {strongest: 17}}",
        ["1: target.channels.strongest: conv1 has 16 channels, not 17"],
    ),
    "a channel twice": (
        "target: {layer: conv1, channels: [3, 3]}",
        ["1: target.channels: a channel is named twice"],
    ),
    "a guide that is not named": (
        "target: {layer: inception_3b, objective: guide}",
        ["1: target.reference: guide needs reference: PICTURE, and there is none"],
    ),
    "a guide that is not there": (
        "target:\n  layer: inception_3b\n  objective: guide\n  reference: gone.jpg",
        ["4: target.reference: no such file: {folder}/gone.jpg"],
    ),
    "a guide for what takes none": (
        "target: {layer: inception_3b, objective: norm, reference: source}",
        ["1: target.reference: norm does not take it; it takes none of these"],
    ),
    "a mask of another shape": (
        "size: [100, 100]\ntarget: {layer: inception_3b, mask: wide.png}",
        ["2: target.mask: the mask is 100×50, and the picture 100×100: both must have one shape"],
    ),
    "a place to dream in of another shape": (
        "size: [100, 100]\ninpaint: {mask: wide.png}",
        ["2: inpaint.mask: the mask is 100×50, and the picture 100×100: both must have one shape"],
    ),
    "a canvas of 16 pixels": (
        "size: 16",
        ["1: size: 16×16 is too small: house needs 32 pixels a side"],
    ),
    "an octave of 16 pixels": (
        "size: 64\nascent: {octaves: [{size: 16}, {steps: 3}]}",
        ["2: ascent.octaves.0: 16×16 is too small: 32 pixels a side are needed"],
    ),
    "an unknown objective": (
        "target: {layer: conv1, objective: guided}",
        ["1: target.objective: unknown objective 'guided'; did you mean 'guide'?"],
    ),
    "an objective of classes asked of a layer": (
        "target: {layer: conv1, objective: class_margin}",
        [
            "1: target.objective: class_margin is asked of a class; of a layer there are energy, "
            "mean, mean_square, absolute_mean, absolute_sum, norm, power, softplus, variation, "
            "standing_out, neuron, direction, cosine, guide, style, inversion, caricature, "
            "difference, diversity, alignment, interpolation"
        ],
    ),
    "a power of nothing": (
        "target: {layer: conv1, objective: power}",
        ["1: target.exponent: power needs exponent: 3, and there is none"],
    ),
    "a direction from nowhere": (
        "target: {layer: conv1, objective: cosine}",
        [
            "1: target.reference: cosine needs vector: {12: 1} or reference: PICTURE, "
            "and there is none"
        ],
    ),
    "diversity of one": (
        "target: {layer: conv1, objective: diversity}",
        ["1: target.objective: diversity compares several pictures; say samples: 4"],
    ),
    "diversity of crops": (
        "samples: 2\ntarget: {layer: conv1, objective: diversity}\nascent: {preset: maco}",
        ["2: target.objective: diversity compares whole samples, not crops of them"],
    ),
    "a film of samples": (
        "samples: 4\nlength: 2s",
        ["1: samples: several samples make a still, not a film; leave length out"],
    ),
    "what cannot be compared": (
        "target: {layer: conv1, objective: difference, other: {layer: inception_4c}}",
        [
            "1: target.other: conv1 has 16 channels at stride None, and inception_4c 248 at None: "
            "they have no difference"
        ],
    ),
    "a difference to itself": (
        "target: {layer: conv1, objective: difference, other: {layer: conv1}}",
        ["1: target.other: is conv1 itself; name another network or layer"],
    ),
    "another network that there is not": (
        "target: {layer: conv1, objective: difference, other: {network: hause}}",
        [
            "1: target.other.network: no network 'hause' in the catalogue (house, big); did you "
            "mean 'house'?"
        ],
    ),
    "a source that nobody sees": (
        "source: {procedural: rings}\nascent: {preset: lucid}",
        [
            "1: source: is not seen, for the ascent begins with noise; say ascent: {begin: "
            "frame}, or refer to it"
        ],
    ),
    "phases fed with frames": (
        "ascent: {preset: maco, begin: frame}",
        [
            "1: ascent.parameterisation: maco: no picture turns into its parameters, so frames "
            "cannot be fed to it; say begin: noise"
        ],
    ),
    "phases in octaves": (
        "ascent: {preset: maco, octaves: 3}",
        ["1: ascent.octaves: maco climbs one octave; say octaves: 1"],
    ),
    "smoothing of no pixels": (
        "ascent: {preset: lucid, blur: 1}",
        ["1: ascent.blur: is of pixels, not of fourier; say blur: 0"],
    ),
    "an octave that there is not": (
        "target: {layer: conv1, octaves: [2]}\nascent: {preset: deepdraw}",
        ["1: target.octaves: there are octaves 0 to 1, not 2"],
    ),
    "inpainting without pixels": (
        "inpaint: {mask: left}\nascent: {preset: lucid}",
        ["1: inpaint: dreams inside a mask climb pixels, not fourier"],
    ),
    "seamless edges": (
        "seamless: true\nmotion: {edges: mirror}",
        ["2: motion.edges: a seamless picture goes on at its other side: wrap, not mirror"],
    ),
    "a zoom into a seamless picture": (
        "seamless: true\nlength: 2s\nmotion: {zoom: 2}",
        [
            "3: motion.zoom: a seamless picture can be moved, not zoomed or turned: its edges "
            "would part"
        ],
    ),
    "seamless rotation": (
        "seamless: true\nascent: {transforms: [{rotate: 10}]}",
        ["1: seamless: a seamless picture has no edges for rotate to cut"],
    ),
    "transparent film": (
        "output: {transparency: attribution}\nlength: 2s",
        ["1: output.transparency: is had of a still; leave length out"],
    ),
    "two ways to choose channels": (
        "target: {layer: conv1, channels: {strongest: 2, weakest: 2}}",
        [
            "1: target.channels: expected one of strongest, weakest, average, but; found "
            "strongest and weakest"
        ],
    ),
    "channels as a word": (
        "target: {layer: conv1, channels: strongest}",
        [
            "1: target.channels: expected a list of numbers like [12, 40], or {strongest: 5}, "
            "not 'strongest'"
        ],
    ),
    "unknown transforms": (
        "ascent: {transforms: lucyd}",
        ["1: ascent.transforms: unknown transforms 'lucyd'; did you mean 'lucid'?"],
    ),
    "two transforms in one": (
        "ascent: {transforms: [{rotate: 10, crop: 3}]}",
        [
            "1: ascent.transforms.0: expected one of pad, crop, scale, rotate, flip, noise, "
            "crops; found crop and rotate"
        ],
    ),
    "a palette that is not there": (
        "colors: {palette: gone.jpg}",
        ["1: colors.palette: no such file: {folder}/gone.jpg"],
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_had_is_said_before_any_work(
    name: str, world: Facts, tmp_path: Path
) -> None:
    text, expected = IMPOSSIBLE[name]
    with pytest.raises(RecipeError) as caught:
        planned(world, tmp_path, text)
    said = str(caught.value).split("\n")
    assert said == [f"x.yaml:{e.replace('{folder}', str(tmp_path))}" for e in expected]
