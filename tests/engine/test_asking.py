"""All that a recipe can ask: what is asked for rises, where and in what it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dreams import FP32, drawing, dreamt, saved
from torch import nn

from dreamer.dreaming import features, terms
from dreamer.dreaming.objectives import total
from dreamer.engine.execution import decide, under
from dreamer.engine.objective import SHIFT, chosen_taps, objective_of
from dreamer.engine.perceive import perceiver
from dreamer.recipe.presets import PRESETS

LAYER = "inception_3b"
PLAIN = {"octaves": 1, "steps": 4, "step": 2, "jitter": 0, "falloff": 0}
ASKED: dict[str, dict[str, Any]] = {
    "power": {"exponent": 3},
    "neuron": {"channels": [5], "place": [0.3, 0.6]},
    "direction": {"vector": {3: 1.0, 9: -0.5}, "exponent": 2},
    "cosine": {"reference": "other.png"},
    "guide": {"reference": "other.png"},
    "style": {"reference": "other.png", "channels": [1, 4, 9]},
    "inversion": {"reference": "other.png"},
    "caricature": {"reference": "other.png", "exponent": 1},
    "difference": {"other": {"layer": "inception_3b:pre"}},
    "interpolation": {"other": {"layer": "inception_4a"}},
}


def target_of(name: str) -> dict[str, Any]:
    if terms.OBJECTIVES[name].kind == "classes":
        return {"class": "daisy", "objective": name.removeprefix("class_")}
    return {"layer": LAYER, "objective": name, **ASKED.get(name, {})}


@pytest.mark.parametrize("name", terms.OBJECTIVES)
@torch.no_grad()
def test_ascent_raises_what_a_recipe_asks(name: str, tmp_path: Path) -> None:
    saved(tmp_path / "other.png", drawing(48, 64))
    tree = {"target": target_of(name), "samples": 3, "ascent": PLAIN}
    found = dreamt(tree, tmp_path)
    before, after = (scored(found, image) for image in (found.source, found.image))
    assert after > before


def scored(found: Any, image: torch.Tensor) -> float:
    """The objective of `found` at another picture, put together anew."""
    plan, cards = found.ready.plan, found.ready.gathered.cards
    made = objective_of(plan.targets, cards, FP32)
    with under(FP32):
        perceive = perceiver(cards, made.perceived, FP32)
        given = {**made.constants, SHIFT: torch.zeros(2)}
        for reference in made.references:
            other = torch.from_numpy(drawing(48, 64).copy()).permute(2, 0, 1)[None] / 255
            if reference.moved:
                from dreamer.engine.pictures import covering

                other = covering(other, (plan.height, plan.width))
            seen = perceive(other)[reference.of]
            given[reference.tap] = seen.mean((2, 3)) if reference.meant else seen
        weights = torch.ones(len(plan.targets))
        return total(made.terms, {**perceive(image), **given}, weights).sum().item()


@torch.no_grad()
def test_targets_add_up() -> None:
    both = [{"layer": LAYER, "objective": "mean"}, {"class": "daisy", "objective": "logit"}]
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    parts = [scored(dreamt({"target": t, "ascent": {"steps": 0}}), image) for t in both]
    whole = scored(dreamt({"target": both, "ascent": {"steps": 0}}), image)
    assert whole == pytest.approx(sum(parts), rel=1e-4)


def test_a_dream_leaves_no_hook_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network is cut to its taps instead: nothing is ever hung on a module."""
    hung: list[str] = []
    for name in (
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
    ):
        monkeypatch.setattr(nn.Module, name, lambda *_, name=name, **__: hung.append(name))
    targets = [LAYER, {"class": "daisy", "network": "judge"}]
    found = dreamt({"target": targets, "ascent": {"preset": "lucid", "steps": 2}}, frames=1)
    assert found.image.isfinite().all()
    assert not hung


@pytest.mark.parametrize(
    "ascent",
    [
        {"jitter": 16},
        {"transforms": [{"pad": 6}, {"rotate": 15}, {"crop": 3}]},
        {"window": 40},
        {"octaves": 2, "scale": 1.3, "jitter": 5},
        {"octaves": 4, "scale": 1.2},
        {"octaves": 3, "scale": 1.2, "resize": "bilinear"},
    ],
    ids=str,
)
def test_a_picture_that_is_reached_stays(ascent: dict[str, Any]) -> None:
    """The reference is moved as the picture is, or the picture would be pulled away from it."""
    target = {"layer": LAYER, "objective": "inversion", "reference": "source"}
    tree = {"target": target, "ascent": {"normalize": "none", "step": 100, "steps": 3, **ascent}}
    tree["size"] = 128
    found = dreamt(tree)
    assert (found.image - found.source).abs().max() < 1e-4
    other = dreamt(tree | {"target": target | {"objective": "caricature"}})
    assert (other.image - other.source).abs().max() > 1e-4, "it can be moved"


def test_a_mask_says_where_however_the_picture_is_shifted(tmp_path: Path) -> None:
    mask = np.zeros((64, 64))
    mask[:, :24] = 255
    target = {"layer": "conv1", "objective": "energy", "mask": saved(tmp_path / "m.png", mask)}
    ascent = {"octaves": 1, "jitter": 30, "normalize": "mean_abs", "falloff": 0}
    found = dreamt({"target": target, "ascent": ascent}, tmp_path)
    change = (found.image - found.source).abs().amax((0, 1, 2))
    assert change[:24].min() > 1e-3
    # conv1 sees a few pixels beyond, on both sides, since the picture is rolled round
    assert change[32:56].max() == 0


@pytest.mark.parametrize("transforms", ["maco", "lucid"])
def test_samples_under_transforms_share_masks_and_references(transforms: str) -> None:
    targets = [
        {"class": "daisy", "mask": "left"},
        {"layer": LAYER, "objective": "inversion", "reference": "source"},
    ]
    words = {"transforms": transforms, "steps": 2, "octaves": 1}
    several = dreamt({"target": targets, "samples": 2, "ascent": words})
    alone = dreamt({"target": targets, "ascent": words})
    torch.testing.assert_close(several.image[:1], alone.image, rtol=0, atol=1e-4)


@pytest.mark.parametrize("objective", ["neuron", "direction"])
def test_a_place_stays_where_it_is_however_the_picture_is_shifted(objective: str) -> None:
    target = {"layer": "conv1", "objective": objective, "place": [0.15, 0.6]}
    target |= {"channels": [3]} if objective == "neuron" else {"vector": {3: 1}}
    ascent = {"octaves": 1, "jitter": 30, "falloff": 0, "normalize": "mean_abs"}
    found = dreamt({"target": target, "ascent": ascent})
    change = (found.image - found.source).abs().sum(1)[0]
    down, right = (change > 1e-4).nonzero().float().mean(0).tolist()
    assert abs(right - 0.15 * 64) < 3
    assert abs(down - 0.6 * 64) < 3
    assert (change > 1e-4).sum() < 60


def test_references_of_several_samples_are_each_samples_own() -> None:
    target = {"layer": LAYER, "objective": "inversion", "reference": "source"}
    tree = {"target": target, "samples": 3, "ascent": {"jitter": 8, "normalize": "none"}}
    found = dreamt(tree)
    assert (found.image - found.source).abs().max() < 1e-4


def test_samples_lead_from_channels_to_others_of_the_same_layer() -> None:
    ends = {"channels": [3], "other": {"channels": [9]}}
    target = {"layer": LAYER, "objective": "interpolation", **ends}
    found = dreamt({"target": target, "samples": 3, "ascent": {**PLAIN, "steps": 8}})
    cards = found.ready.gathered.cards
    tap = objective_of(found.ready.plan.targets, cards, FP32).perceived[0]
    with torch.no_grad():
        before, after = (
            perceiver(cards, [tap], FP32)(x)[tap].mean((2, 3)) for x in (found.source, found.image)
        )
    first, _, last = (after - before).tolist()
    assert first[3] > first[9]
    assert last[9] > last[3]


def test_two_masks_share_a_picture() -> None:
    sides = [{"class": "daisy", "mask": "left"}, {"class": "flamingo", "mask": "right"}]
    tree = {"size": [128, 64], "target": sides, "ascent": {"steps": 6}}
    both = dreamt(tree).image
    swapped = [{**sides[0], "mask": "right"}, {**sides[1], "mask": "left"}]
    other = dreamt(tree | {"target": swapped}).image
    assert (both - other).abs().mean() > 0.01


def test_channels_are_chosen_once_or_anew() -> None:
    target = {"layer": LAYER, "objective": "energy", "channels": {"weakest": 3}}
    tree = {"target": target, "ascent": {**PLAIN, "steps": 6, "step": 6}}
    found = dreamt(tree)
    plan, cards = found.ready.plan, found.ready.gathered.cards
    (tap,) = chosen_taps(plan.targets)
    with torch.no_grad():
        activation = perceiver(cards, [tap], FP32)(found.source)[tap]
    weakest = activation.mean((2, 3))[0].topk(3, largest=False).indices.tolist()
    listed = dreamt(tree | {"target": target | {"channels": weakest}})
    torch.testing.assert_close(found.image, listed.image, rtol=0, atol=1e-6)
    anew = dreamt(tree | {"target": target | {"channels": {"weakest": 3, "renew": True}}})
    assert (anew.image - found.image).abs().max() > 1e-4


def test_octaves_may_have_targets_of_their_own() -> None:
    one, other = {"layer": LAYER}, {"class": "daisy"}
    words = {"octaves": [{"size": 48, "steps": 2}, {"steps": 0}], "jitter": 0}
    tree = {"size": 80, "ascent": words}
    parted = dreamt(tree | {"target": [one | {"octaves": [0]}, other | {"octaves": [1]}]})
    alone = dreamt(tree | {"target": [one]})
    torch.testing.assert_close(parted.image, alone.image, rtol=0, atol=1e-6)


def test_style_takes_a_texture_whatever_its_size(tmp_path: Path) -> None:
    saved(tmp_path / "big.png", drawing(90, 150))
    target = {"layer": LAYER, "objective": "style", "reference": "big.png"}
    found = dreamt({"target": target, "ascent": {**PLAIN, "steps": 12, "step": 4}}, tmp_path)
    big = torch.from_numpy(drawing(90, 150).copy()).permute(2, 0, 1)[None] / 255
    from dreamer.engine.pictures import at_most

    (tap,) = objective_of(found.ready.plan.targets, found.ready.gathered.cards, FP32).perceived
    perceive = perceiver(found.ready.gathered.cards, [tap], FP32)
    with torch.no_grad(), under(FP32):
        wanted, before, after = (
            features.gram(perceive(p)[tap]) for p in (at_most(big, 64), found.source, found.image)
        )
    assert (after - wanted).norm() < 0.8 * (before - wanted).norm()


def test_a_frame_may_be_made_from_what_was_kept_of_the_one_before() -> None:
    target = {"layer": LAYER, "objective": "inversion", "reference": "frame"}
    words = {"preset": "lucid", "transforms": "none", "steps": 40}
    tree = {"target": target, "ascent": words, "length": 3, "source": {"procedural": "mandala"}}
    found = dreamt(tree, frames=3)
    for before, after in (
        (found.source, found.states[0]),
        (found.states[0].image, found.states[1]),
    ):
        alike = np.corrcoef(before.flatten(), after.image.flatten())[0, 1]
        assert 0.3 < alike < 0.999


@pytest.mark.gpu
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_on_a_gpu_is_the_same_bytes_twice(preset: str) -> None:
    targets = [{"class": "daisy", "mask": "left"}, {"layer": LAYER, "reference": "source"}]
    targets[1]["objective"] = "inversion"
    tree = {"target": targets, "ascent": {"preset": preset, "steps": 6}, "samples": 2}
    one, two = (dreamt(tree, execution=decide("cuda", "float32")).image for _ in range(2))
    assert torch.equal(one, two)
    cpu = dreamt(tree).image
    assert (one.cpu() - cpu).abs().mean() < 0.02
