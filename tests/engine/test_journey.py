"""Films through a network's layers, made from its card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from by_chance import tiny

from dreamer.engine.preparing import checked
from dreamer.engine.told import Told
from dreamer.errors import FolderError, UsageError
from dreamer.jobs.atlas import atlas
from dreamer.jobs.journey import journey, words
from dreamer.networks.blocks import blocks, evenly
from dreamer.networks.cards import Card, catalogue_card, known_cards
from dreamer.recipe.parse import parse_recipe, recipe_from_tree

SHORT = {"length": "6", "side": 48}


def layers(card: Card, seconds: float) -> list[str]:
    keys = words(card, card.name, seconds, 320, 1)["target"]["layer"]["keys"]
    return [key["value"] for key in keys]


def test_it_leads_through_all_blocks_where_there_is_time_and_always_first_to_last() -> None:
    house = catalogue_card("house")
    every = [row.name for row in blocks(house)]
    assert every[0] == "conv1"
    assert every[-1] == "inception_5b"
    assert layers(house, 20) == every
    assert layers(house, 8) == [every[0], every[2], every[5], every[8], every[10]]
    assert layers(house, 0.5) == ["conv1", "inception_5b"]


def test_each_layer_stays_as_long_and_fades_into_the_next() -> None:
    made = words(catalogue_card("house"), "house", 22, 320, 1)
    first, second, third = made["target"]["layer"]["keys"][:3]
    assert first == {"at": "0s", "value": "conv1"}
    assert second == {"at": "2s", "value": "conv2", "blend": "1s"}
    assert third["at"] == "4s"
    assert made["size"] == [480, 320]


@pytest.mark.parametrize("card", known_cards(), ids=lambda card: card.name)
def test_every_network_of_the_catalogue_has_a_journey(
    card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dreamer.engine.lookup.missing", lambda card: "")
    ready = checked(recipe_from_tree(words(card, card.name, 20, 320, 1)))
    assert ready.plan.frames == 240
    assert {target.layer for target in ready.plan.targets} <= {row.name for row in blocks(card)}


def test_blocks_are_not_what_is_inside_them_nor_what_computes_nothing() -> None:
    def names(network: str) -> list[str]:
        return [row.name for row in blocks(catalogue_card(network))]

    assert names("resnet50") == ["relu", "layer1", "layer2", "layer3", "layer4"]
    assert names("caffenet")[:3] == ["conv1", "conv2", "conv3"], "neither pools nor norms"
    assert names("vgg16")[:2] == ["features.1", "features.3"], "after their ReLU"
    assert not {"fc", "logits"} & set(names("inception-v3"))


@pytest.mark.parametrize(
    ("most", "found"), [(9, [0, 1, 2, 3, 4]), (3, [0, 2, 4]), (2, [0, 4]), (1, [4])]
)
def test_evenly_keeps_first_and_last(most: int, found: list[int]) -> None:
    assert list(evenly(range(5), most)) == found


def test_the_film_is_a_render_like_any_and_goes_on(tmp_path: Path) -> None:
    whole = journey("house", tmp_path / "whole", **SHORT)
    assert whole.product == tmp_path / "whole" / "journey" / "journey.mp4"
    assert parse_recipe(tmp_path / "whole" / "journey.yaml").frames == 6

    def killed(told: Told) -> None:
        if told.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journey("house", tmp_path / "broken", watch=killed, **SHORT)
    again = journey("house", tmp_path / "broken", **SHORT)
    assert again.product.read_bytes() == whole.product.read_bytes()


def test_a_journey_of_a_file_without_classes(tmp_path: Path) -> None:
    path = tiny(tmp_path)
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"classes": [], "layers": card["layers"][:-1]}))
    made = journey(str(path), tmp_path / "a", **SHORT)
    assert made.scores == {}
    assert made.product.is_file()


@pytest.mark.parametrize("text", [b"seed: 1\n", b"title: caf\xe9\n"])
def test_a_recipe_that_somebody_tuned_is_not_written_over(text: bytes, tmp_path: Path) -> None:
    recipe = tmp_path / "journey.yaml"
    recipe.write_bytes(text)
    with pytest.raises(FolderError, match=r"`dreamer render .*journey\.yaml` renders it"):
        journey("house", tmp_path, **SHORT)
    assert recipe.read_bytes() == text


def test_sheets_and_the_film_lie_in_one_folder(tmp_path: Path) -> None:
    """Each finds the other there, whichever came first, and what a killed one left."""
    network, asked = str(tiny(tmp_path)), {"layers": ["conv1"], "channels": "0", "side": 32}
    film = journey(network, tmp_path / "a", **SHORT).product
    (tmp_path / "a" / ".journey.yaml.part").write_text("half")
    before = film.read_bytes()
    assert atlas(network, tmp_path / "a", **asked).rendered == 1
    assert journey(network, tmp_path / "a", **SHORT).product.read_bytes() == before
    assert atlas(network, tmp_path / "a", **asked).rendered == 0
    (tmp_path / "b" / "journey").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"holds other things \(journey\)"):
        atlas(network, tmp_path / "b", **asked)


@pytest.mark.parametrize("length", ["endless", "50%", "0s", "long", "0.001s", "0.12s", "1"])
def test_a_length_that_is_none(tmp_path: Path, length: str) -> None:
    with pytest.raises(UsageError, match="--length"):
        journey("house", tmp_path / "a", length)
    assert not (tmp_path / "a").exists()
