"""What is reckoned of sizes is what steps see."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dreamer.dreaming.transforms import transformed as through
from dreamer.dreaming.windows import cut_out, window
from dreamer.engine.seeing import views_of
from dreamer.recipe.facts import Facts, NetworkFacts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.plan import Plan
from dreamer.recipe.planning import plan
from dreamer.recipe.sizes import transformed, windowed

SEEN: dict[str, str] = {
    "lucid": "lucid",
    "lucid's, said": "[{pad: 12}, {crop: 8}, {scale: [0.9, 1.1]}, {rotate: 10}, {crop: 4}]",
    "scales": "[{scale: [0.63, 1.7]}, {flip: both}, {noise: 0.1}]",
    "crops": "[{crop: 20}, {crops: {count: 2}}]",
    "crops, then less": "[{crops: {count: 3}}, {crop: 7}]",
    "maco": "maco",
}


def planned(facts: Facts, text: str) -> Plan:
    return plan(recipe_from_text(text, Path(), "x.yaml"), facts)


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("size", [(90, 151), (64, 64)])
def test_the_least_size_is_the_least_that_a_step_sees(
    facts: Facts, name: str, size: tuple[int, int]
) -> None:
    text = f"size: [{size[1]}, {size[0]}]\nascent: {{octaves: 1, transforms: {SEEN[name]}}}"
    words = planned(facts, text).ascent.transforms
    views = views_of(words).pictures
    picture = torch.zeros(1, 3, *size)
    shapes = [tuple(through(picture, views, 0, 0, 0, k).shape) for k in range(60)]
    count, least = transformed(size, words)
    assert least == (min(s[2] for s in shapes), min(s[3] for s in shapes))
    assert {s[0] for s in shapes} == {count}


@pytest.mark.parametrize("size", [(90, 151), (30, 151), (20, 20), (64, 64)])
def test_a_window_is_as_large_as_reckoned(size: tuple[int, int]) -> None:
    cut = window(size, 64, 0)
    picture = torch.zeros(1, 3, *size)
    seen = picture if cut is None else cut_out(picture, cut)
    assert tuple(seen.shape[2:]) == windowed(size, 64)


def test_work_is_of_what_networks_see(facts: Facts) -> None:
    maco = planned(facts, "network: big\nsize: 512\nascent: {preset: maco}")
    assert maco.megapixel_steps() == pytest.approx(6 * 224**2 * 1000 / 1e6)
    part = planned(facts, "size: 512\nascent: {octaves: 1, steps: 12, window: 224}")
    assert part.megapixel_steps() == pytest.approx(224**2 * 12 / 1e6)


def test_each_network_costs_as_much_as_its_deepest_layer(facts: Facts) -> None:
    house = facts.networks["house"]
    assert isinstance(house, NetworkFacts)
    macs = {"conv1": 1.0, "inception_3b": 5.0, "inception_4c": 9.0, "logits": 20.0}
    networks = {
        name: NetworkFacts(name, house.layers, house.classes, 64, 32, house.channels, macs=macs)
        for name in ("house", "big")
    }
    text = "target: [conv1, inception_3b, {layer: inception_3b, network: big}]"
    assert planned(Facts(networks), text).macs_per_pixel == 5 + 5
    text = "target: {class: daisy, objective: probability, other: {network: big}}"
    assert planned(Facts(networks), text).macs_per_pixel == 20 + 20
    text = "target: {layer: conv1, objective: difference, other: {layer: 'conv1:pre'}}"
    assert planned(Facts(networks), text).macs_per_pixel == 1


def test_an_octave_that_has_no_steps_may_be_of_any_size(facts: Facts) -> None:
    text = "size: 64\nascent: {octaves: [{size: 16, steps: 0}, {steps: 3}]}"
    assert planned(facts, text).at(0).sizes == ((16, 16), (64, 64))


def test_an_endless_films_octaves_are_not_known_beforehand(facts: Facts) -> None:
    text = (
        "length: endless\nsize: 256\ntarget: {layer: conv1, octaves: [2]}\n"
        "ascent: {octaves: {keys: [{at: 0, value: 1}, {at: 60s, value: 3}]}}"
    )
    assert len(planned(facts, text).at(0).sizes) == 1
