"""Cards are edited by hand: what is wrong is said with file and key, and nothing is rendered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dreamer.engine.lookup import described_by
from dreamer.errors import NetworkError
from dreamer.networks.card_words import CARD, wrong_card
from dreamer.networks.cards import HERE, Card, card_at
from dreamer.networks.written import LIVE


def words(**changed: Any) -> dict[str, Any]:
    """The house network's card, changed."""
    found: dict[str, Any] = json.loads((HERE / "cards" / "house.json").read_text(encoding="utf-8"))
    return found | changed


def test_a_card_may_say_what_a_card_is() -> None:
    assert set(CARD) == set(Card.__dataclass_fields__) - set(LIVE)
    for path in (HERE / "cards").glob("*.json"):
        assert wrong_card(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("order", "bgr", """order: expected 'RGB' or 'BGR', got "bgr\""""),
        ("order", "GRB", "order: expected 'RGB' or 'BGR'"),
        ("std", [0, 0, 0], r"std: expected three numbers above 0, got \[0, 0, 0\]"),
        ("std", [1, 1, -1], "std: expected three numbers above 0"),
        ("mean", [0.5, 0.5], "mean: expected three numbers, got"),
        ("mean", ["0.5", "0.5", "0.5"], "mean: expected three numbers, got"),
        ("mean", [float("nan"), 0, 0], "mean: expected three numbers, got"),
        ("mean", [10**400, 0, 0], "mean: expected three numbers, got"),
        ("mean", [True, 0, 0], "mean: expected three numbers, got"),
        ("mean", 0.5, "mean: expected three numbers, got 0.5"),
        ("scale", "255", 'scale: expected a number above 0, got "255"'),
        ("native", "224", "native: expected a whole number from 1 on"),
        ("native", 0, "native: expected a whole number from 1 on"),
        ("smallest", 1.5, "smallest: expected a whole number from 1 on"),
        ("fit", "center", "fit: expected 'squash' or 'centre'"),
        ("layers", [], r"layers: expected rows of layers, got \[\]"),
        ("layers", [[1, 2, 3, 4.0]], r"layers\.0: expected \[name, channels, stride, "),
        ("layers", [["a", 2, 3]], r"layers\.0: expected \[name, channels, stride, "),
        ("layers", [["a", 2, 3, 4], ["a", 2, 3, 4]], r"layers\.1: a second layer \"a\""),
        ("aliases", [1], r"aliases: expected an object of names, got \[1\]"),
        ("classes", "places", "classes: expected names, how many, or 'imagenet', "),
        ("classes", 10**9, "classes: expected names"),
        ("synsets", ["n1", "n2"], "synsets: expected one for each of 185 classes"),
        ("weights", "house.safetensors", "weights: expected an object"),
        ("weights", {"kind": "file"}, "weights.file: missing; expected the bare name"),
        ("weights", {"kind": "files", "file": "x"}, "weights.kind: expected 'package', "),
        ("places", [{"url": 1}], r"places\.0\.url: expected an address, got 1"),
        ("places", [1], r"places\.0: expected an object, got 1"),
        ("oder", "BGR", "oder: unknown key; did you mean 'order'"),
        ("module", {}, "module: unknown key"),
        ("title", "\ud800", r'title: expected text, got "\\ud800"'),
        ("classes", ["a", "b\udfff"], "classes: expected names, how many"),
        ("aliases", {"\ud800": "conv1"}, "aliases: expected an object of names"),
        ("layers", [["\ud800", 2, 3, 4]], r"layers\.0: expected \[name, channels, stride, "),
        ("measured", {"recipe": ["\ud800"]}, "measured: expected an object"),
    ],
)
def test_a_wrong_word_is_named(key: str, value: Any, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(words(**{key: value})))
    with pytest.raises(NetworkError, match=rf"mine\.json is no network's card: {wanted}"):
        card_at(path)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(words(order="bgr", scale=0)))
    with pytest.raises(NetworkError, match=r"scale: expected .*; order: expected"):
        card_at(path)


@pytest.mark.parametrize(
    "text", ["", "[1]", "null", "3", "{", '"x"', "\udcff", '{"a": 1, "a": 2}', "[" * 100_000]
)
def test_what_is_no_card_at_all(text: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(NetworkError, match=r"odd\.json is no network's card"):
        card_at(path)


def test_a_damaged_card_beside_weights_is_not_passed_over(tmp_path: Path) -> None:
    weights, card = tmp_path / "mine.pth", tmp_path / "mine.json"
    weights.write_bytes(b"")
    card.write_text(json.dumps(words(order="bgr")))
    with pytest.raises(NetworkError, match="order: expected"):
        described_by(weights)
    card.write_text(json.dumps(words())[:-1])
    with pytest.raises(NetworkError, match="is no network's card"):
        described_by(weights)
    card.write_text('{"epochs": 3}')
    assert described_by(weights) is None
