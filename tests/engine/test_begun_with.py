"""Going on with a render: only with what it was begun with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from dreamer.engine.execution import Execution
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import see_through
from dreamer.engine.preparing import checked, kept, prepare
from dreamer.errors import FolderError, RecipeError
from dreamer.jobs.encode import encode
from dreamer.jobs.resume import resume
from dreamer.jobs.verify import verify
from dreamer.networks.cards import catalogue_card
from dreamer.networks.weights import load_module
from dreamer.recipe.parse import recipe_from_tree


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A network of the user's own."""
    state = load_module(catalogue_card("house")).state_dict()
    safetensors.torch.save_file(state, tmp_path / "mine.safetensors")
    return {"architecture": "house", "weights": "mine.safetensors"}


def retrain(path: Path) -> None:
    state = safetensors.torch.load_file(path)
    safetensors.torch.save_file({k: v * 1.01 for k, v in state.items()}, path)


def test_other_weights_make_another_render(tmp_path: Path, tiny, rendered, begun, own) -> None:
    from dreamer.engine.preparing import default_folder

    folder, ready = rendered(network=own)
    retrain(tmp_path / "mine.safetensors")
    other = checked(recipe_from_tree(tiny | {"network": own}, tmp_path))
    assert default_folder(other).name[-8:] != default_folder(ready).name[-8:]
    for go_on in (lambda: begun(network=own), lambda: resume(folder.path)):
        with pytest.raises(FolderError, match="the weights of mine are not what they were"):
            go_on()


def test_a_network_of_the_catalogue_with_other_weights(rendered, monkeypatch) -> None:
    folder, ready = rendered()
    assert kept(folder).plan == ready.plan
    monkeypatch.setattr("dreamer.engine.facts.sha256_once", lambda path: "those of a later version")
    with pytest.raises(FolderError, match="the weights of house are not what they were"):
        kept(folder)


def test_other_labels_make_another_render(tmp_path: Path, rendered, own) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(catalogue_card("house").classes))
    folder, _ = rendered(network=own | {"labels": "labels.txt"}, target={"class": "daisy"})
    labels.write_text("\n".join(sorted(catalogue_card("house").classes, reverse=True)))
    with pytest.raises(FolderError, match="labels are not what they were"):
        kept(folder)


def test_another_picture_in_the_place_of_the_copied_one(tmp_path: Path, rendered) -> None:
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "p.png")
    folder, _ = rendered(source={"image": "p.png"})
    assert verify(folder.path).whole
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(folder.sources / "p.png")
    with pytest.raises(FolderError, match=r"p\.png is not the file that was copied"):
        resume(folder.path)
    assert not verify(folder.path).whole


def test_verify_and_encode_need_no_network(tmp_path: Path, rendered, own) -> None:
    folder, _ = rendered(network=own)
    (tmp_path / "mine.safetensors").unlink()
    with pytest.raises(RecipeError):
        kept(folder)
    assert verify(folder.path).whole
    assert [film.stat().st_size > 0 for film in encode(folder.path)] == [True]


def test_a_judge_that_cannot_be_had_is_refused_before_the_film(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    tree = {"network": "googlenet", "target": {"layer": "inception_4c", "network": "house"}}
    with pytest.raises(RecipeError, match="network: googlenet: its weights are not here"):
        checked(recipe_from_tree(tree, tmp_path))
    checked(recipe_from_tree(tree | {"classify": "off"}, tmp_path))


def test_a_render_begun_on_another_device_is_not_gone_on_with(rendered) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    folder, ready = rendered()
    there: Execution = replace(folder.execution(), device="cuda", device_name="H200")
    folder.freeze_execution(there)
    see_through(folder, ready)  # nothing is missing: the film can be made anywhere
    folder.frame_path(3).unlink()
    with pytest.raises(FolderError, match=r"was begun on cuda \(H200\), which is not"):
        see_through(folder, ready)


def test_the_folder_is_looked_at_again_under_its_lock(tmp_path: Path, tiny, monkeypatch) -> None:
    """Another process makes the folder between the first look and the lock."""
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "p.png")
    folder = Folder(tmp_path / "film")
    mine = checked(recipe_from_tree(tiny | {"source": {"image": "p.png"}}, tmp_path))
    theirs = checked(recipe_from_tree(tiny | {"seed": 9}, tmp_path))
    lock = Folder.lock

    def late(self: Folder) -> None:
        if self is folder:
            prepare(Folder(folder.path), theirs)
        lock(self)

    monkeypatch.setattr(Folder, "lock", late)
    with pytest.raises(FolderError, match="another recipe"):
        prepare(folder, mine)
    assert kept(folder).recipe.words.seed == 9
    assert not list(folder.sources.iterdir())
