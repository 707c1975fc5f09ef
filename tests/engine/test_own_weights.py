"""Weights of the user's own, and such as are not here: what dreams with them, what is refused."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import safetensors.torch
import torch

from dreamer.engine.facts import card_of, gather
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.errors import NetworkError
from dreamer.media.metadata import read_texts
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.labels import Labels
from dreamer.networks.own_cards import own_card
from dreamer.networks.weights import load_module
from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.parse import recipe_from_tree


def test_networks_of_the_users_own(tmp_path: Path) -> None:
    card = catalogue_card("house")
    module = load_module(card)
    path = tmp_path / "mine.safetensors"
    safetensors.torch.save_file(module.state_dict(), path)
    (tmp_path / "labels.txt").write_text("\n".join(f"class {k}" for k in range(len(card.classes))))
    tree = {
        "network": {"architecture": "house", "weights": "mine.safetensors", "labels": "labels.txt"},
        "target": {"class": "class 3"},
    }
    gathered = gather(recipe_from_tree(tree, tmp_path))
    (mine,) = gathered.cards.values()
    assert mine.classes[3] == "class 3"
    assert load_module(mine)
    few = own_card("house", Weights("file", str(path)), Labels(("a", "b")))
    has = rf"\({len(card.classes)},\)"
    with pytest.raises(
        NetworkError, match=f"does not fit house with 2 classes: .classifier.bias. is {has}"
    ):
        load_module(few)


def test_weights_of_the_users_own_leave_no_path_in_a_picture(tmp_path: Path) -> None:
    module = load_module(catalogue_card("house"))
    safetensors.torch.save_file(module.state_dict(), tmp_path / "mine.safetensors")
    tree = {"size": 64, "ascent": {"steps": 1, "octaves": 1}, "classify": "off"}
    tree["network"] = {"architecture": "house", "weights": "mine.safetensors"}
    folder = Folder(tmp_path / "out")
    ready = prepare(folder, checked(recipe_from_tree(tree, tmp_path)), "test")
    render_into(folder, ready)
    text = read_texts(folder.frame_path(0))["dreamer:recipe"]
    assert "mine.safetensors" in text
    assert str(tmp_path) not in text
    assert str(tmp_path / "mine.safetensors") in folder.recipe(), "resuming finds it"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE html>", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git-LFS pointer"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"PK\x03\x04 cut off", "zip archive that is damaged or cut short"),
        (b'\x10\0\0\0\0\0\0\0{"cut": ', "safetensors file that is damaged or cut short"),
    ],
)
def test_weights_that_are_something_else(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(data)
    with pytest.raises(NetworkError, match=message):
        load_module(own_card("house", Weights("file", str(path))))


def test_weights_are_never_unpickled(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'owned'}",)

    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Evil()))
    torch.save({"state_dict": Evil()}, tmp_path / "evil2.pth")
    said = {"evil.pth": "a plain Python pickle", "evil2.pth": "wants to run 'posix.system'"}
    for name, message in said.items():
        with pytest.raises(NetworkError, match=message):
            load_module(own_card("house", Weights("file", str(tmp_path / name))))
    assert not (tmp_path / "owned").exists()


def test_an_absent_network_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(NetworkError, match=r"its weights are not here .*networks fetch googlenet"):
        card_of(NetworkRef(name="googlenet"))
