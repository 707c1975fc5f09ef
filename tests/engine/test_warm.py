"""Networks that are kept from one render to the next."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from dreamer.engine import perceive, warm
from dreamer.engine.execution import decide
from dreamer.networks import weights
from dreamer.networks.cards import Card, Weights, catalogue_card
from dreamer.networks.formats.read import Contents, read_weights
from dreamer.networks.modules import from_module
from dreamer.networks.trace import Point

EXACT = decide("cpu", "float32")
DEEP = [Point("inception_3a")]


@pytest.fixture(autouse=True)
def cold() -> None:
    warm.forget()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read."""
    found: list[str] = []

    def counting(path: Path, *hashes: str) -> Contents:
        found.append(path.name)
        return read_weights(path, *hashes)

    monkeypatch.setattr(weights, "read_weights", counting)
    return found


@pytest.fixture
def own(tmp_path: Path) -> Card:
    """The house network, its weights in a file of a person's own."""
    house = catalogue_card("house")
    path = tmp_path / "own.safetensors"
    path.write_bytes((Path(weights.__file__).parent / "weights" / house.weights.file).read_bytes())
    return replace(house, weights=Weights("file", str(path)))


def test_a_network_is_read_once(read: list[str]) -> None:
    first, again = (perceive.kept(catalogue_card("house"), DEEP, EXACT) for _ in range(2))
    assert again.plain is first.plain
    assert again.redirected is first.redirected
    assert len(read) == 1


def test_another_cut_or_format_is_another_network() -> None:
    house = catalogue_card("house")
    deep = perceive.kept(house, DEEP, EXACT).plain
    assert perceive.kept(house, [Point("inception_3b")], EXACT).plain is not deep
    half = perceive.kept(house, DEEP, replace(EXACT, precision="bfloat16")).plain
    assert {p.dtype for p in half.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in deep.parameters()} == {torch.float32}


def test_a_file_that_changed_is_read_again(own: Card, read: list[str]) -> None:
    before = perceive.kept(own, DEEP, EXACT).plain
    os.utime(own.weights.file, ns=(1, 1))
    assert perceive.kept(own, DEEP, EXACT).plain is not before
    assert len(read) == 2
    Path(own.weights.file).unlink()
    assert not warm.known(own)


def test_a_module_in_memory_is_never_kept() -> None:
    card = from_module(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), "mine", native=32)
    name = card.layers[0].name
    first, second = (perceive.kept(card, [Point(name)], EXACT).plain for _ in range(2))
    assert first is not second


def test_what_was_not_asked_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "MOST_BYTES", 10)
    house, made = catalogue_card("house"), []

    def keep(what: str) -> None:
        warm.kept(house, what, lambda: made.append(what), lambda _: 4)

    for what in ("a", "b", "a", "c", "a", "b"):
        keep(what)
    assert made == ["a", "b", "c", "b"]


def test_one_that_is_too_large_is_kept_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "MOST_BYTES", 1)
    first, again = (perceive.kept(catalogue_card("house"), DEEP, EXACT) for _ in range(2))
    assert again is first
