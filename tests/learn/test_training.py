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
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from dreamer.errors import DataError, FolderError, NetworkError, RecipeError, UsageError
from dreamer.jobs.dataset import pack
from dreamer.jobs.train import course_of, train
from dreamer.learn import keeping
from dreamer.learn.course import Course, Stage
from dreamer.learn.drawings import HELD_OUT
from dreamer.learn.loop import Draws, Learner, new_learner, steps
from dreamer.learn.model import grown, trainable
from dreamer.learn.photographs import Squares, read_pack, read_squares, write_pack
from dreamer.networks.cards import catalogue_card
from dreamer.networks.weights import load_module
from dreamer.recipe.parse import as_yaml
from dreamer.recipe.training import Training, parse_training

ROOT = Path(__file__).parents[2]
COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 210)}


def course(**changes: object) -> Course:
    numbers: dict[str, object] = {
        "stages": (Stage(32, 4), Stage(48, 2)),
        "batch": 6,
        "peak": 3e-3,
        "weight_decay": 1e-3,
        "warm_up": 0.2,
        "label_smoothing": 0.0,
        "alpha": 1.1,
        "ramp": 0.3,
        "average": 0.9,
        "seed": 3,
        "epsilon_photographs": 0.5,
        "epsilon_motifs": 1.0,
        "share_motifs": 0.5,
    }
    return Course(**{**numbers, **changes})  # type: ignore[arg-type]


def colours(each: int = 12) -> Squares:
    """Squares of three colours with a little noise; the third is said to be a motif."""
    generator = torch.Generator().manual_seed(0)
    pictures = []
    for colour in COLOURS.values():
        noise = torch.randint(-25, 26, (each, 3, 40, 40), generator=generator)
        pictures.append((torch.tensor(colour)[None, :, None, None] + noise).clamp(0, 255))
    labels = torch.arange(3).repeat_interleave(each)
    squares = torch.cat(pictures).to(torch.uint8)
    return Squares(squares, labels, tuple(COLOURS), ("photos", "photos", "motifs"))


def learnt(learner: Learner, draws: Draws, count: int | None = None) -> list[float]:
    losses = []
    for loss in steps(learner, draws, torch.float32):
        losses.append(loss)
        if len(losses) == count:
            break
    return losses


def test_stopping_and_going_on_changes_nothing() -> None:
    draws = Draws(colours(), course())
    whole = new_learner(trainable("house", 3, 1), course())
    unbroken = learnt(whole, draws)
    first = new_learner(trainable("house", 3, 1), course())
    begun = learnt(first, draws, 3)
    second = new_learner(trainable("house", 3, 99), course())
    second.load(first.state())
    assert begun + learnt(second, draws) == unbroken
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name
        assert torch.equal(whole.average[name], second.average[name]), name


@pytest.mark.parametrize("architecture", ["house", "judge"])
def test_what_differs_by_colour_is_learnt(architecture: str) -> None:
    numbers = course(stages=(Stage(32, 40),), batch=24, epsilon_photographs=0.0, epsilon_motifs=0.0)
    losses = learnt(new_learner(trainable(architecture, 3, 0), numbers), Draws(colours(), numbers))
    assert losses[0] > 0.6
    assert np.mean(losses[-10:]) < losses[0] / 4


def test_the_rate_rises_and_falls_and_the_radius_grows_with_the_picture() -> None:
    numbers = course(stages=(Stage(64, 50), Stage(96, 50)), warm_up=0.1, ramp=0.3)
    rates = [numbers.rate(k) for k in range(100)]
    assert max(rates) == pytest.approx(numbers.peak, rel=0.01)
    assert rates.index(max(rates)) == 10
    assert rates[-1] < numbers.peak / 100
    assert numbers.radius(0, 1.2) == 0
    assert numbers.radius(40, 1.2) == pytest.approx(1.2)
    assert numbers.radius(60, 1.2) == pytest.approx(1.8)
    assert [numbers.side(k) for k in (0, 49, 50, 99)] == [64, 64, 96, 96]


def test_batches_hold_their_share_of_motifs_and_their_radii() -> None:
    numbers = course(batch=400, share_motifs=0.3, ramp=0.0)
    pictures, labels, radius, _ = Draws(colours(), numbers).batch(2)
    assert pictures.shape == (400, 3, 32, 32)
    motif = labels == 2
    assert motif.float().mean().item() == pytest.approx(0.3, abs=0.07)
    assert radius[motif].unique().item() == pytest.approx(0.5)
    assert radius[~motif].unique().item() == pytest.approx(0.25)


def picture_folders(root: Path, each: int = 14) -> Path:
    chance = np.random.default_rng(1)
    for name, colour in COLOURS.items():
        (root / "things" / name).mkdir(parents=True)
        for k in range(each):
            noise = chance.integers(-30, 30, (36, 50, 3)) + np.array(colour)
            picture = Image.fromarray(noise.clip(0, 255).astype(np.uint8))
            picture.save(root / "things" / name / f"{k}.png")
    return root


RECIPE = """
architecture: judge
name: tones
title: Three tones
licence: CC0
photographs: {folders: [things], epsilon: 0.2}
stored: 40
stages: [{side: 32, steps: 30}]
batch: 4
measure: 15
keep: 5
device: cpu
precision: float32
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_folders(tmp_path_factory.mktemp("data"))


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "tones.yaml"
    path.write_text(RECIPE)
    return path


def seen_steps(folder: Path) -> int:
    """How many steps the checkpoint in `folder` holds."""
    kept = keeping.load(folder / keeping.CHECKPOINT)
    return kept["done"] if kept else 0


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
    assert card["classes"] == sorted(COLOURS)
    assert card["licence"] == "CC0"
    assert card["measured"]["steps"] == 30
    assert card["measured"]["epsilon"]["photographs"] == pytest.approx(0.1)
    assert {row[0] for row in card["layers"]} >= {"conv1", "stage4b", "logits"}
    tensors = safetensors.torch.load_file(ended.weights)
    assert {k for k in tensors if k.startswith("std.")} >= {"std.conv1", "std.conv1:pre"}
    assert (tmp_path / "out" / "tones.txt").read_text().split() == sorted(COLOURS)
    assert list((tmp_path / "out" / "events").iterdir())
    assert ended.report["things"] >= 0


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


def test_another_training_is_not_mixed_into_a_folder(
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    keeping.begin(tmp_path / "out", "of nothing: learnt yet\n")
    keeping.begin(tmp_path / "out", "other: training\n")
    (tmp_path / "out" / keeping.EVENTS).mkdir()
    with pytest.raises(FolderError, match="holds another training"):
        train(recipe, tmp_path / "out", data)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(FolderError, match="is not empty"):
        train(recipe, tmp_path / "mine", data)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_one_process_at_a_time_trains_in_a_folder(recipe: Path, data: Path, tmp_path: Path) -> None:
    words = as_yaml(parse_training(recipe).canonical())
    with (
        keeping.held(tmp_path / "out", words),
        pytest.raises(FolderError, match="another process is training"),
    ):
        train(recipe, tmp_path / "out", data)
    assert not (tmp_path / "out" / keeping.CHECKPOINT).exists()


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
    recipe: Path, data: Path, tmp_path: Path
) -> None:
    train(recipe, tmp_path / "out", data)
    shutil.copytree(data, tmp_path / "more")
    for k in range(20):
        shutil.copy(data / "things" / "red" / "1.png", tmp_path / "more/things/red" / f"x{k}.png")
    with pytest.raises(FolderError, match="begun with other pictures"):
        train(recipe, tmp_path / "out", tmp_path / "more")
    with pytest.raises(DataError, match="none of the pictures falls into the validation part"):
        train(recipe, tmp_path / "few", picture_folders(tmp_path / "small", 1))


def test_a_loss_that_is_no_number_ends_a_training(recipe: Path, data: Path, tmp_path: Path) -> None:
    recipe.write_text(RECIPE + "optimiser: {peak: 1.0e+30}\n")
    with pytest.raises(NetworkError, match=r"smaller optimiser\.peak"):
        train(recipe, tmp_path / "out", data)


def test_a_full_disk_keeps_what_was_kept(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk's."""
    program = """
import pathlib, resource, signal, torch
from dreamer.learn import keeping
path = pathlib.Path("kept.pt")
keeping.save(path, {"done": 1})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    keeping.save(path, {"done": 2, "much": torch.zeros(100_000)})
except keeping.FolderError as error:
    print(error, keeping.load(path), sorted(p.name for p in path.parent.iterdir()))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "kept.pt cannot be written: File too large; what was there is whole" in said
    assert "{'done': 1} ['kept.pt']" in said


def test_reports_that_will_be_made_again_are_taken_away(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        keeping.report(tmp_path, {"step": step})
    with (tmp_path / keeping.REPORTS).open("a") as file:
        file.write('{"step": 4')
    keeping.forget_after(tmp_path, 20)
    assert (tmp_path / keeping.REPORTS).read_text() == '{"step": 10}\n{"step": 20}\n'


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


def test_only_networks_that_learnt_here_can_grow_on() -> None:
    with pytest.raises(NetworkError, match="googlenet wants its pictures in another range"):
        grown(catalogue_card("googlenet"), 3, 0)


def test_pictures_that_are_not_there(recipe: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        train(recipe, tmp_path / "out", tmp_path)


def test_a_pack_holds_what_the_folders_hold(data: Path, tmp_path: Path) -> None:
    size = write_pack(data, ["things"], 36, tmp_path / "pictures.pack", quality=95)
    assert size == (tmp_path / "pictures.pack").stat().st_size
    for part in ("training", "validation", "test"):
        packed = read_pack(tmp_path / "pictures.pack", ["things"], 36, part)
        read = read_squares(data, ["things"], 36, part)
        assert packed.classes == read.classes
        assert torch.equal(packed.labels, read.labels)
        off = (packed.pictures.float() - read.pictures.float()).mean((2, 3)).abs()
        assert off.numel() == 0 or off.max() < 6
    (tmp_path / "no.pack").write_bytes(b"<html>")
    with pytest.raises(DataError, match="not a pack"):
        read_pack(tmp_path / "no.pack", ["things"], 36, "training")


def test_a_pack_gives_the_folders_asked_for_alone(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "things", tmp_path / "many" / "others")
    for name in COLOURS:
        (tmp_path / "many" / "others" / name).rename(tmp_path / "many" / "others" / f"a_{name}")
    shutil.copytree(data / "things", tmp_path / "many" / "things")
    made = pack(tmp_path / "many", tmp_path / "pictures.pack", side=36)
    assert made.size == made.file.stat().st_size
    found = read_pack(made.file, ["things"], 36, "training")
    alone = read_squares(tmp_path / "many", ["things"], 36, "training")
    assert (found.classes, found.groups) == (alone.classes, alone.groups)
    assert torch.equal(found.labels, alone.labels)
    with pytest.raises(DataError, match="packed without flowers"):
        read_pack(made.file, ["flowers"], 36, "training")
    with pytest.raises(UsageError, match="is there already"):
        pack(tmp_path / "many", made.file)
    with pytest.raises(UsageError, match="no such folder"):
        pack(tmp_path / "many", tmp_path / "nowhere" / "pictures.pack")


def test_files_that_are_no_pictures_and_folders_without_any_are_named(tmp_path: Path) -> None:
    picture_folders(tmp_path, 4)
    (tmp_path / "things" / "red" / "torn.jpg").write_bytes(b"\xff\xd8 and no more")
    with pytest.raises(DataError, match=r"red/torn\.jpg: not a picture"):
        write_pack(tmp_path, ["things"], 36, tmp_path / "pictures.pack")
    assert not list(tmp_path.glob("*pictures.pack*"))
    (tmp_path / "things" / "yellow").mkdir()
    with pytest.raises(DataError, match="no pictures in the class folders yellow;"):
        read_squares(tmp_path, ["things"], 36, "training")


@pytest.mark.parametrize("path", sorted((ROOT / "recipes" / "train").glob("*.yaml")), ids=str)
def test_every_training_recipe_reads(path: Path) -> None:
    found = course_of(parse_training(path).words)
    assert found.steps > 0
    assert found.peak > 0
