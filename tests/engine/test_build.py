"""Every word of a recipe reaches the function it names: `build` against a film made by hand, and
recipes that differ in one word only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from dispatched import COPIED, Made
from torch import Tensor

from dreamer.draw.noise import plasma
from dreamer.dreaming import camera, climb, colour, objectives, octaves, priors, randomness
from dreamer.dreaming.objectives import Tap, Term
from dreamer.engine import execution, warm
from dreamer.engine.build import Dream, build, next_state
from dreamer.engine.facts import gather
from dreamer.engine.folder import State
from dreamer.engine.objective import objective_of
from dreamer.engine.perceive import perceiver
from dreamer.networks import weights
from dreamer.networks.cards import catalogue_card
from dreamer.networks.formats.read import Contents, read_weights
from dreamer.networks.locate import weights_path
from dreamer.networks.trace import LOGITS
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.plan import FramePlan
from dreamer.recipe.planning import plan

FP32 = execution.decide("cpu", "float32")
SOURCE = plasma(48, 64, 3)
TREE: dict[str, Any] = {
    "seed": 5,
    "size": [64, 48],
    "fps": 4,
    "length": 3,
    "target": [{"layer": "inception_3b", "weight": 3.0}, {"class": "daisy", "weight": 0.1}],
    "ascent": {"octaves": 2, "scale": 1.3, "steps": 2, "jitter": 5, "hold": 0.5},
    "motion": {"zoom": 1.5, "rotate": 20, "move": [0.1, 0], "edges": "mirror"},
    "classify": "off",
}


def made(tree: dict[str, Any], seed: int = 5) -> tuple[Dream, list[FramePlan]]:
    recipe = recipe_from_tree(tree)
    gathered = gather(recipe)
    planned = plan(recipe, gathered.facts)
    return build(planned, gathered.cards, seed, FP32, SOURCE), [planned.at(k) for k in range(3)]


@torch.no_grad()
def film(tree: dict[str, Any], count: int = 3, seed: int = 5) -> list[Tensor]:
    """The first frames of a recipe."""
    dream, frames = made(tree, seed)
    state, images = None, []
    for frame in frames[:count]:
        state = next_state(dream, frame, state, SOURCE)
        images.append(state.image)
    return images


@cache
def unchanged() -> list[Tensor]:
    return film(TREE)


@pytest.mark.parametrize(
    "words",
    [
        {"color": "rgb"},
        {"normalize": "mean_abs"},
        {"highlights": "clip"},
        {"objective": "energy"},
        {"class_objective": "logit"},
        {"optimiser": "momentum"},
        {"optimiser": "adam"},
        {"normalize": "scales"},
        {"highlights": "gamut"},
        {"highlights": "late"},
        {"passes": 2},
        {"carry": "whole"},
        {"transforms": "lucid"},
        {"transforms": [{"rotate": 20}]},
        {"transforms": [{"flip": "across"}, {"noise": 0.02}]},
        {"window": 40},
        {"blur": 0.7},
        {"step_end": 0.5},
        {"blur_end": 1.0},
        {"variation": 1.0},
        {"l1": 1.0},
        {"l2": 1.0},
        {"octaves": [{"steps": 2, "size": 48}, {"steps": 3}]},
        {"resize": "bilinear"},
        {"steps": 3},
        {"step": 2.5},
        {"jitter": 0},
        {"falloff": 0.0},
        {"persistence": 0.8},
        {"octaves": 1},
        {"scale": 1.45},
    ],
    ids=str,
)
def test_no_word_of_an_ascent_is_ignored(words: dict[str, Any]) -> None:
    changed = film(TREE | {"ascent": TREE["ascent"] | words}, 1)
    assert (changed[0] - unchanged()[0]).abs().max() > 1e-4


@pytest.mark.parametrize(
    "words",
    [
        {"zoom": 1.0},
        {"rotate": 0},
        {"move": [0, 0.1]},
        {"center": [0.1, 0.9]},
        {"edges": "wrap"},
        {"edges": "color"},
    ],
    ids=str,
)
def test_no_word_of_a_motion_is_ignored(words: dict[str, Any]) -> None:
    changed = film(TREE | {"motion": TREE["motion"] | words}, 2)
    assert torch.equal(changed[0], unchanged()[0]), "the first frame is unmoved"
    assert (changed[1] - unchanged()[1]).abs().max() > 1e-2


def test_the_colour_of_edges_is_not_ignored() -> None:
    black, red = (
        film(TREE | {"motion": TREE["motion"] | {"edges": "color", "edge_color": color}}, 2)
        for color in ("#000000", "#ff0000")
    )
    assert (black[1] - red[1]).abs().max() > 0.1


def test_colours_are_held_by_as_much_as_asked() -> None:
    loose = film(TREE | {"ascent": TREE["ascent"] | {"hold": 0}}, 2)
    assert torch.equal(loose[0], unchanged()[0])
    anchor = colour.statistics(loose[0])
    away = [(colour.statistics(x[1]) - anchor).abs().sum().item() for x in (loose, unchanged())]
    assert away[1] == pytest.approx(away[0] / 2, rel=0.1)


@pytest.mark.parametrize(
    "target",
    [
        [{"layer": "inception_3b", "weight": 3.0}],
        [{"layer": "inception_3b", "weight": 1.0}, TREE["target"][1]],
        [{"layer": "inception_3b", "weight": 3.0}, {"class": "daisy", "weight": 4.0}],
        [{"layer": "inception_3b", "weight": 3.0}, {"class": "dome_outer", "weight": 0.1}],
        [{"layer": "inception_3b:pre", "weight": 3.0}, TREE["target"][1]],
        [{"layer": "inception_3b", "weight": 3.0, "channels": [1, 8]}, TREE["target"][1]],
        [{"layer": "inception_3a", "weight": 3.0}, TREE["target"][1]],
    ],
    ids=str,
)
def test_no_word_of_a_target_is_ignored(target: list[dict[str, Any]]) -> None:
    assert (film(TREE | {"target": target}, 1)[0] - unchanged()[0]).abs().max() > 1e-3


def test_the_seed_decides_shifts() -> None:
    assert torch.equal(film(TREE, 1)[0], unchanged()[0])
    assert (film(TREE, 1, seed=6)[0] - unchanged()[0]).abs().max() > 1e-3


@torch.no_grad()
def by_hand(frames: list[FramePlan], terms: list[Term]) -> list[Tensor]:
    """The house style's film, from pure functions alone."""
    taps = [Tap("house", "inception_3b"), Tap("house", LOGITS)]
    perceive = perceiver({"house": catalogue_card("house")}, taps, FP32)
    axes, image, states = colour.natural_axes(), SOURCE, []
    for frame in frames:
        if frame.index:
            image = camera.view(
                image, frame.zoom, frame.rotate, frame.move, frame.center, edges="mirror"
            )
        bases = [octaves.resize_smoothly(image, frame.sizes[0]), image]
        picture = bases[0]
        for octave, base in enumerate(bases):
            if octave:
                grown = octaves.resize_smoothly(picture - bases[0], frame.sizes[1])
                picture = colour.add_softly(base, grown)
            waves = priors.wavenumbers(frame.sizes[octave])
            for step in range(2):
                shift = randomness.integers(2, -5, 5, 5, frame.index, octave, step)
                moved = torch.roll(picture, shift, (2, 3))
                with torch.enable_grad():
                    seen = perceive(moved.requires_grad_())
                    value = objectives.total(terms, seen, torch.tensor(frame.weights))
                    (slope,) = torch.autograd.grad(value.sum(), moved)
                slope = priors.falloff(slope, 0.8, waves)
                slope = priors.by_deviation(colour.along_natural_colours(slope, axes))
                moved = colour.add_softly(moved, 2.0 / 255 * slope)
                picture = torch.roll(moved, (-shift[0], -shift[1]), (2, 3))
        image = picture
        if frame.index:
            image = colour.hold(image, colour.statistics(states[0]), 0.5)
        states.append(image)
    return states


def test_the_house_style_is_what_its_parts_make() -> None:
    path = weights_path(catalogue_card("house"))
    assert path is not None
    std = safetensors.torch.load_file(path)["std.inception_3b"].float()
    assert std.max() > 2 * std.min()
    layer, logits = Tap("house", "inception_3b"), Tap("house", LOGITS)
    daisy = torch.tensor([catalogue_card("house").classes.index("daisy")])
    terms = [
        Term((logits,), (1,), lambda a, w: objectives.class_mixture(a[logits], daisy, w, 7)),
        Term((layer,), (0,), lambda a, w: w[0] * objectives.standing_out(a[layer], std)),
    ]
    _, frames = made(TREE)
    for found, expected in zip(unchanged(), by_hand(frames, terms), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_channels_keep_their_own_deviations() -> None:
    tree = TREE | {"target": [{"layer": "inception_3b", "channels": [7, 2]}]}
    recipe = recipe_from_tree(tree)
    gathered = gather(recipe)
    asked = objective_of(plan(recipe, gathered.facts).targets, gathered.cards, FP32)
    (term,), (tap,) = asked.terms, asked.perceived
    path = weights_path(catalogue_card("house"))
    assert path is not None
    std = safetensors.torch.load_file(path)["std.inception_3b"].float()
    activation = torch.rand(1, len(std), 9, 9, generator=torch.Generator().manual_seed(0))
    expected = objectives.standing_out(activation[:, [7, 2]], std[[7, 2]])
    given = {tap: activation, **asked.constants}
    torch.testing.assert_close(term.value(given, torch.ones(1)), expected)


@torch.no_grad()
def test_no_steps_and_no_motion_give_back_the_picture() -> None:
    dream, frames = made(TREE | {"motion": {}})
    idle = tuple(replace(octave, steps=0) for octave in frames[1].octaves)
    still = replace(frames[1], octaves=idle, hold=0.0)
    state = State(0, SOURCE, colour.statistics(SOURCE))
    torch.testing.assert_close(next_state(dream, still, state, SOURCE).image, SOURCE)


def test_a_step_makes_no_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, noted = climb.step, Made()

    def step(*args: Any, **kwargs: Any) -> climb.Step:
        with noted:
            return whole(*args, **kwargs)

    monkeypatch.setattr(climb, "step", step)
    film(TREE | {"target": [{"layer": "inception_3b", "channels": [1, 8]}, {"class": "daisy"}]}, 1)
    assert noted.seen
    assert not COPIED & set(noted.seen)


def test_each_of_several_networks_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counting(path: Path, *hashes: str) -> Contents:
        read.append(path.name)
        return read_weights(path, *hashes)

    monkeypatch.setattr(weights, "read_weights", counting)
    warm.forget()
    targets = [
        {"layer": "inception_3b"},
        {"class": "daisy"},
        {"layer": "stage3b", "network": "judge"},
        {"class": "daisy", "network": "judge", "weight": 0.5},
    ]
    dream, frames = made({**TREE, "target": targets})
    assert read == ["house.safetensors", "judge.safetensors"]
    assert torch.isfinite(dream.dream(SOURCE, frames[0], SOURCE)[0]).all()
