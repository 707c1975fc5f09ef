"""Training is a pure function of its recipe and pictures, however often it is stopped."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from tones import RECIPE

from dreamer.errors import DataError, FolderError, NetworkError, RecipeError
from dreamer.jobs.train import train
from dreamer.learn import keeping
from dreamer.learn.drawings import HELD_OUT
from dreamer.learn.listed import data_above
from dreamer.learn.model import grown, trainable
from dreamer.learn.planned import course_of
from dreamer.learn.split import part_of
from dreamer.networks.cards import catalogue_card
from dreamer.networks.weights import load_module
from dreamer.recipe.training import Training, parse_training

ROOT = Path(__file__).parents[2]
FolderMaker = Callable[[Path, int], Path]
CLASSES = ["blue", "green", "red"]


def seen_steps(folder: Path) -> int:
    """How many steps the checkpoint in `folder` holds."""
    kept = keeping.load(folder / keeping.CHECKPOINT)
    return kept["done"] if kept else 0


@pytest.mark.slow
def test_a_killed_training_ends_in_the_same_weights(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    recipe.write_text(RECIPE.replace("steps: 30", "steps: 90"))  # time enough to be stopped in
    whole = train(recipe, tmp_path / "whole", data)
    broken = tmp_path / "broken"
    command = [sys.executable, "-m", "dreamer", "train", str(recipe), "--data", str(data)]
    command += ["--out", str(broken)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    for number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 143)):
        before = seen_steps(broken)
        child = subprocess.Popen(command, env=environment)
        while seen_steps(broken) == before and child.poll() is None:
            time.sleep(0.02)
        child.send_signal(number)
        assert child.wait() == code
        assert not (broken / "tones.safetensors").exists()
    assert seen_steps(broken) > 5, "it went on from what was kept"
    train(recipe, broken, data)
    assert (broken / "tones.safetensors").read_bytes() == whole.weights.read_bytes()
    reports = [(out / keeping.REPORTS).read_text() for out in (broken, tmp_path / "whole")]
    assert reports[0] == reports[1]


def test_a_training_ends_in_a_network_with_its_card(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    ended = train(recipe, tmp_path / "out", data)
    card = json.loads(ended.weights.with_suffix(".json").read_text())
    assert card["classes"] == CLASSES
    assert card["licence"] == "CC0"
    assert card["measured"]["steps"] == 30
    assert card["measured"]["epsilon"]["photographs"] == pytest.approx(0.1)
    assert {row[0] for row in card["layers"]} >= {"conv1", "stage4b", "logits"}
    tensors = safetensors.torch.load_file(ended.weights)
    assert {k for k in tensors if k.startswith("std.")} >= {"std.conv1", "std.conv1:pre"}
    assert (tmp_path / "out" / "tones.txt").read_text().split() == CLASSES
    assert list((tmp_path / "out" / "events").iterdir())
    counted = ended.report["test"]
    assert ended.report["test_accuracy"] == pytest.approx(counted["right"] / counted["pictures"])
    assert ended.report["by_group"]["things"] == pytest.approx(ended.report["test_accuracy"])
    assert "confusion" in (tmp_path / "out" / "report.html").read_text().lower()


def test_equal_files_are_learnt_and_tested_on_once(
    recipe: Path, make_folders: FolderMaker, tmp_path: Path
) -> None:
    """Of two in two parts the one that is tested on stays; of two in two classes neither does."""
    data = make_folders(tmp_path / "data", 14)
    first = {part_of(p.relative_to(data)): p for p in sorted((data / "things/red").iterdir())}
    first["training"].write_bytes(first["test"].read_bytes())
    shutil.copy(data / "things/green/1.png", data / "things/blue/also.png")
    ended = train(recipe, tmp_path / "out", data)
    learnt, tested = (first[part].relative_to(data).as_posix() for part in ("training", "test"))
    assert ended.report["made"]["skipped"] == {
        learnt: f"the same picture as {tested}",
        "things/blue/also.png": "the same picture as things/green/1.png, which is of another class",
        "things/green/1.png": "the same picture as things/blue/also.png, which is of another class",
    }
    counted = {name: sum(n.values()) for name, n in ended.report["made"]["pictures"].items()}
    assert counted == {"blue": 14, "green": 13, "red": 13}
    said = "\n".join(ended.report["warnings"])
    assert f"1 file was passed over, being there under another name too: {learnt}" in said
    assert "2 files were passed over, being of two classes: things/" in said


def test_a_network_grows_on_from_another(recipe: Path, data: Path, tmp_path: Path) -> None:
    """Before a step is done all but the head is the base's; the head is new."""
    base = catalogue_card("house")
    model = grown(base, 3, 0).net.state_dict()
    learnt = load_module(base).state_dict()
    assert model["classifier.weight"].shape[0] == 3
    assert all(torch.equal(v, learnt[k]) for k, v in model.items() if "classifier" not in k)
    recipe.write_text(RECIPE.replace("architecture: judge", "base: house"))
    ended = train(recipe, tmp_path / "out", data)
    card = json.loads(ended.weights.with_suffix(".json").read_text())
    assert card["architecture"] == base.architecture


def test_a_base_has_its_own_architecture(recipe: Path, data: Path, tmp_path: Path) -> None:
    recipe.write_text(RECIPE + "base: house\n")
    with pytest.raises(RecipeError, match="a base or an architecture, not both"):
        train(recipe, tmp_path / "out", data)


def test_mistakes_in_a_training_recipe_name_their_line(recipe: Path) -> None:
    recipe.write_text(RECIPE.replace("batch: 4", "batchs: 4"))
    with pytest.raises(RecipeError, match=r"tones\.yaml:9: batchs: unknown key; did you mean"):
        parse_training(recipe)
    recipe.write_text(RECIPE.replace("architecture: judge", "architecture: huose"))
    with pytest.raises(NetworkError, match="did you mean 'house'"):
        trainable(parse_training(recipe).words.architecture, 3, 0)


def test_a_training_goes_on_with_its_own_pictures_alone(
    recipe: Path, data: Path, make_folders: FolderMaker, tmp_path: Path
) -> None:
    train(recipe, tmp_path / "out", data)
    shutil.copytree(data, tmp_path / "more")
    for k in range(20):
        other = np.full((36, 50, 3), (200 + k, 40, 40), np.uint8)
        Image.fromarray(other).save(tmp_path / "more/things/red" / f"x{k}.png")
    with pytest.raises(FolderError, match="begun with other pictures"):
        train(recipe, tmp_path / "out", tmp_path / "more")
    with pytest.raises(DataError, match="none of the pictures falls into the validation part"):
        train(recipe, tmp_path / "few", make_folders(tmp_path / "small", 1))


def test_a_loss_that_is_no_number_ends_a_training(recipe: Path, data: Path, tmp_path: Path) -> None:
    recipe.write_text(RECIPE + "optimiser: {peak: 1.0e+30}\n")
    with pytest.raises(NetworkError, match=r"smaller optimiser\.peak"):
        train(recipe, tmp_path / "out", data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("name: ../mine", "name: expected a name for files, not '../mine'"),
        ("photographs: {folders: [../other]}", "folders below --data, not '../other'"),
        ("photographs: {folders: [/home]}", "folders below --data, not '/home'"),
        ("photographs: {folders: []}", "photographs.folders: expected 1 values"),
        ("stages: []", "stages: expected 1 values"),
        ("seed: 1000000007", "seed: must be at most 1000000000"),
    ],
)
def test_words_a_training_recipe_may_not_say(recipe: Path, change: str, message: str) -> None:
    key = change.partition(":")[0]
    kept = [line for line in RECIPE.splitlines() if not line.startswith(f"{key}:")]
    recipe.write_text("\n".join([*kept, change]))
    with pytest.raises(RecipeError, match=re.escape(message)):
        parse_training(recipe)


def test_no_recipe_may_draw_what_is_held_out() -> None:
    greatest = Training.model_json_schema()["properties"]["seed"]["maximum"]
    assert greatest < min(HELD_OUT.values())
    assert len(set(HELD_OUT.values())) == len(HELD_OUT)


def test_pictures_that_are_not_there(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        train(recipe, tmp_path / "out", tmp_path)


@pytest.mark.parametrize("path", sorted((ROOT / "recipes" / "train").glob("*.yaml")), ids=str)
def test_every_training_recipe_reads(path: Path) -> None:
    found = course_of(parse_training(path).words, 1000)
    assert found.steps > 0
    assert found.peak > 0


def test_the_folder_of_class_folders_itself_is_told_the_one_above(
    recipe: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=re.escape(f"; did you mean --data {data}?")):
        train(recipe, tmp_path / "out", data / "things")
    monkeypatch.chdir(data / "things")
    with pytest.raises(DataError, match=re.escape(f"; did you mean --data {data.resolve()}?")):
        train(recipe, tmp_path / "out", Path())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("root", "folder", "above"),
    [
        ("data/buildings", "buildings/train", "data"),
        ("data/buildings/train", "buildings/train", "data"),
        ("data/buildings/train", "flowers", None),
        ("data/flowers", "buildings", None),
    ],
)
def test_the_data_folder_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, folder: str, above: str | None
) -> None:
    for inside in ("buildings/train", "flowers"):
        (tmp_path / "data" / inside).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert data_above(Path(root), folder) == (None if above is None else Path(above))


def test_one_class_alone_teaches_nothing(recipe: Path, data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "things" / "red", tmp_path / "one" / "things" / "red")
    with pytest.raises(DataError, match="one class alone, 'red'"):
        train(recipe, tmp_path / "out", tmp_path / "one")
