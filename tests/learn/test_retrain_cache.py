"""What retraining keeps of pictures: seen once, and never mistaken for that of others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from retrainings import run

from dreamer.learn import bottlenecks
from dreamer.learn.view import view_of
from dreamer.networks.cards import Weights
from dreamer.networks.own_cards import own_card

pytestmark = pytest.mark.usefixtures("home")


def test_a_second_run_sees_no_picture_again(
    things: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(things, tmp_path / "first", "unfreeze=[]")

    def refused(*_: object) -> None:
        raise AssertionError("a picture went through the network again")

    monkeypatch.setattr(bottlenecks, "features_of", refused)
    shutil.move(things, tmp_path / "elsewhere")
    second = run(tmp_path / "elsewhere", tmp_path / "second", "unfreeze=[]", "split_as=things")
    assert second.weights.with_name("report.json").is_file()
    assert second.report["test"] == first.report["test"]
    (tmp_path / "elsewhere" / "red" / "0.png").write_bytes(
        (tmp_path / "elsewhere" / "blue" / "0.png").read_bytes()[:-12]
    )
    with pytest.raises(AssertionError, match="went through the network again"):
        run(tmp_path / "elsewhere", tmp_path / "third", "unfreeze=[]")


def test_another_network_has_another_cache(things: Path, tmp_path: Path, home: Path) -> None:
    run(things, tmp_path / "first", "unfreeze=[]")
    run(things, tmp_path / "second", "unfreeze=[]", "base=judge")
    assert len(list((home / bottlenecks.FOLDER).iterdir())) == 2


def test_other_weights_of_the_same_kind_are_another_network() -> None:
    cards = [own_card("alexnet-lean", Weights("random", seed=seed)) for seed in (1, 2)]
    view = view_of(cards[0])
    keys = {bottlenecks.key_of(card, view) for card in cards}
    keys.add(bottlenecks.key_of(cards[0], replace(view, side=64)))
    keys.add(bottlenecks.key_of(replace(cards[0], order="BGR"), view))
    assert len(keys) == 4


def test_a_damaged_cache_is_made_again(things: Path, tmp_path: Path, home: Path) -> None:
    first = run(things, tmp_path / "first", "unfreeze=[]")
    (file,) = (home / bottlenecks.FOLDER).rglob("*.safetensors")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    second = run(things, tmp_path / "second", "unfreeze=[]")
    assert second.weights.read_bytes() == first.weights.read_bytes()
