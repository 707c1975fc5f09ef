"""Weights are hashed before they are parsed; deviations are read from files, or measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch

from dreamer.dreaming.objectives import Tap
from dreamer.engine import execution
from dreamer.engine.deviations import of_taps
from dreamer.errors import NetworkError
from dreamer.networks import deviations
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.formats import read
from dreamer.networks.labels import Labels
from dreamer.networks.locate import sha256_of
from dreamer.networks.own_cards import own_card
from dreamer.networks.trace import Point, Traced
from dreamer.networks.weights import load_module, tensors_of

FP32 = execution.decide("cpu", "float32")
HOUSE = catalogue_card("house")
WIDTH = HOUSE.layer("inception_4c").channels
Saved = Callable[..., Weights]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """The house network's own tensors in a file of the user's, with others beside them."""

    def save(**others: torch.Tensor) -> Weights:
        path = tmp_path / "mine.safetensors"
        own = load_module(HOUSE).state_dict()
        safetensors.torch.save_file(
            own | {k.replace("__", ":"): v for k, v in others.items()}, path
        )
        return Weights("file", str(path))

    return save


@pytest.mark.parametrize("use", [load_module, tensors_of])
def test_a_file_of_another_hash_is_not_even_parsed(
    use: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(*_: object, **__: object) -> None:
        raise AssertionError("parsed before its hash was right")

    monkeypatch.setattr(read, "_parsed", parsed)
    wrong = replace(HOUSE, weights=replace(HOUSE.weights, sha256="0" * 64))
    with pytest.raises(NetworkError, match=r"has SHA-256 .*not the file it should be"):
        use(wrong)


def test_the_beginning_of_a_hash_is_enough(saved: Saved) -> None:
    file = saved()
    right = sha256_of(Path(file.file))
    assert tensors_of(own_card("house", replace(file, sha256=right[:8])))
    with pytest.raises(NetworkError, match="SHA-256"):
        tensors_of(own_card("house", replace(file, sha256=right[1:9])))


def test_deviations_are_read_from_any_file_that_has_them(saved: Saved) -> None:
    layer, after = "inception_4c", Tap("mine", "inception_4c")
    before = after._replace(before=True)
    std = torch.arange(1, HOUSE.layer(layer).channels + 1).float()
    only_after = own_card("house", saved(**{f"std.{layer}": std}))
    found = of_taps({"mine": only_after}, [after, before], FP32)
    assert torch.equal(found[after], std)
    assert torch.equal(found[before], std), "better than none"
    both = own_card("house", saved(**{f"std.{layer}": std, f"std.{layer}__pre": 2 * std}))
    found = of_taps({"mine": both}, [after, before], FP32)
    assert torch.equal(found[after], std)
    assert torch.equal(found[before], 2 * std)


@pytest.mark.parametrize(
    ("std", "message"),
    [
        (torch.ones(3), rf"'std.inception_4c' is \(3,\), expected \({WIDTH},\)"),
        (torch.zeros(WIDTH), "no standard deviations"),
        (torch.full((WIDTH,), torch.nan), "no standard deviations"),
    ],
)
def test_deviations_that_are_none(saved: Saved, std: torch.Tensor, message: str) -> None:
    card = own_card("house", saved(**{"std.inception_4c": std}))
    with pytest.raises(NetworkError, match=message):
        of_taps({"mine": card}, [Tap("mine", "inception_4c")], FP32)


def test_a_network_whose_file_has_none_is_measured(saved: Saved) -> None:
    """On drawn pictures a channel answers about as it does on photographs."""
    taps = [Tap("house", "inception_4c"), Tap("house", "inception_3b/3x3", True)]
    known = of_taps({"house": HOUSE}, taps[:1], FP32)[taps[0]]
    found = of_taps({"house": own_card("house", saved())}, taps, FP32)
    assert torch.corrcoef(torch.stack([known, found[taps[0]]]).log())[0, 1] > 0.5
    assert found[taps[1]].shape == (HOUSE.layer("inception_3b/3x3").channels,)
    again = of_taps({"house": own_card("house", saved())}, taps, FP32)
    assert all(torch.equal(found[tap], again[tap]) for tap in taps)


def test_measured_deviations_are_those_of_all_places_and_pictures() -> None:
    card = own_card("house", Weights("random", seed=2**70), Labels(("a", "b")))
    traced = Traced(load_module(card), ARCHITECTURES["house"])
    points = [Point("conv2"), Point("conv2", True)]
    chance = torch.Generator().manual_seed(0)
    pictures = [torch.randn(1, 3, 32, 32, generator=chance) for _ in range(3)]
    found = deviations.measured(traced, points, pictures)
    with torch.no_grad():
        seen = traced.perception(points)(torch.cat(pictures))
    for key, activation in zip(("std.conv2", "std.conv2:pre"), seen, strict=True):
        std = activation.std((0, 2, 3))
        torch.testing.assert_close(found[key], std.clamp(min=0.1 * std.mean()), rtol=1e-3, atol=0)


def test_a_card_of_other_weights_says_nothing_of_the_catalogues() -> None:
    mine = own_card("house", Weights("file", "googlenet.pth"))
    assert (mine.licence, mine.sources, mine.notes) == ("", "", "")
    assert mine.title == "house with other weights"
