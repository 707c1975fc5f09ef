"""Retraining: from a folder of class folders to a network; from the cache; stopped and gone on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.scores import classifier
from dreamer.errors import DataError, FolderError, NetworkError, RecipeError, UsageError
from dreamer.jobs.retrain import Retrained, retrain
from dreamer.learn import bottlenecks, keeping
from dreamer.learn.bottlenecked import digested
from dreamer.learn.listed import listed_folder
from dreamer.learn.photographs import Parts
from dreamer.learn.split import part_of
from dreamer.learn.view import view_of
from dreamer.media.pictures import read_picture
from dreamer.networks.cards import Weights
from dreamer.networks.own_cards import own_card

ROOT = Path(__file__).parents[2]
FolderMaker = Callable[[Path, int], Path]
QUICK = [
    "device=cpu",
    "precision=float32",
    "base=house",
    "head.epochs=12",
    "keep=2",
    "unfreeze=[{depth: 0.2, epochs: 2, batch: 12, patience: 0}]",
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of each test's own."""
    monkeypatch.setenv("DREAMER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def things(make_folders: FolderMaker, tmp_path: Path) -> Path:
    return make_folders(tmp_path / "data", 14) / "things"


def run(things: Path, out: Path, *changes: str, **more: object) -> Retrained:
    return retrain(things, out=out, overrides=[*QUICK, *changes], **more)  # type: ignore[arg-type]


def test_a_folder_becomes_a_network_that_knows_its_classes(things: Path, tmp_path: Path) -> None:
    ended = run(things, tmp_path / "out")
    assert ended.report["test_accuracy"] == 1
    assert ended.report["head_only"]["test_accuracy"] == 1
    card = card_of(ref_of(str(ended.weights.with_suffix(".json"))))
    assert card.classes == ("blue", "green", "red")
    base = card_of(ref_of("house"))
    assert (card.native, card.resize, card.fit) == (base.native, base.resize, base.fit)
    assert (card.mean, card.std, card.default_layer) == (base.mean, base.std, base.default_layer)
    judge = classifier(card, decide("cpu", "float32"))
    scores = judge([read_picture(things / name / "0.png") for name in card.classes])
    assert scores.argmax(1).tolist() == [0, 1, 2]
    assert (tmp_path / "out" / "report.html").read_text().count("<svg") >= 2
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["judged_on"] == "test"
    assert report["made"]["base"] == "house"
    assert (tmp_path / "out" / "events" / "projector_config.pbtxt").is_file()
    assert [mark["step"] for mark in report["stages"]] == [0, report["stages"][1]["step"]]


def test_what_is_reported_is_what_its_file_says(things: Path, tmp_path: Path) -> None:
    """Every test picture is classified again as anyone would, from the file."""
    (things / "red" / "7.png").replace(things / "green" / "was-red.png")
    ended = run(things, tmp_path / "out", "split={test: 0.4}", "unfreeze=[]")
    card = card_of(ref_of(str(ended.weights.with_suffix(".json"))))
    judge = classifier(card, decide("cpu", "float32"))
    files = [p for p in things.rglob("*.png") if _part(p, things, 0.4) == "test"]
    right = [card.classes[int(judge([read_picture(p)]).argmax())] == p.parent.name for p in files]
    assert len(files) == ended.report["test"]["pictures"]
    assert np.mean(right) == pytest.approx(ended.report["test_accuracy"])


def _part(path: Path, things: Path, test: float = 0.1) -> str:
    return part_of(f"things/{path.relative_to(things).as_posix()}", test=test)


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


def test_of_equal_pictures_the_one_that_is_tested_on_stays(things: Path) -> None:
    parts = Parts()
    found = listed_folder(things, "things")
    by_part = {parts.of(name): file for name, file in zip(found.names, found.files, strict=True)}
    by_part["training"].write_bytes(by_part["test"].read_bytes())
    left = digested(found, parts)
    assert [parts.of(name) for name in left.left_out] == ["training"]
    assert len(left.found.files) == len(left.digests) == len(found.files) - 1


def test_a_damaged_cache_is_made_again(things: Path, tmp_path: Path, home: Path) -> None:
    first = run(things, tmp_path / "first", "unfreeze=[]")
    (file,) = (home / bottlenecks.FOLDER).rglob("*.safetensors")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    second = run(things, tmp_path / "second", "unfreeze=[]")
    assert second.weights.read_bytes() == first.weights.read_bytes()


def reached(folder: Path, stage: int, steps: int) -> bool:
    """Whether what is kept in `folder` has come so many steps into a stage."""
    kept = keeping.load(folder / keeping.CHECKPOINT)
    progress = kept["progress"] if kept else {"stage": 0, "learner": None}
    done = progress["learner"]["done"] if progress["learner"] else 0
    return (progress["stage"], done) >= (stage, steps)


def test_a_killed_retraining_ends_in_the_same_network(things: Path, tmp_path: Path) -> None:
    longer = (
        "unfreeze=[{depth: 0.2, epochs: 4, batch: 4, patience: 0},"
        "{first: inception_5a, epochs: 2, batch: 8, rate: find}]"
    )
    whole = run(things, tmp_path / "whole", longer)
    broken = tmp_path / "broken"
    said = [word for change in (*QUICK, longer) for word in ("--set", change)]
    command = [sys.executable, "-m", "dreamer", "retrain", str(things), "--out", str(broken), *said]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    # in the middle of a pass, after one that was measured; then in the next stage
    for number, code, stage, more in ((signal.SIGKILL, -9, 1, 12), (signal.SIGTERM, 143, 2, 2)):
        child = subprocess.Popen(command, env=environment)
        while child.poll() is None and not reached(broken, stage, more):
            time.sleep(0.02)
        child.send_signal(number)
        assert child.wait() == code
    assert not (broken / "things-house.safetensors").exists()
    run(things, broken, longer)
    assert (broken / "things-house.safetensors").read_bytes() == whole.weights.read_bytes()
    reports = [json.loads((p / "report.json").read_text()) for p in (broken, tmp_path / "whole")]
    for report in reports:
        del report["made"]["seconds"]
    assert reports[0] == reports[1]


def test_a_finished_retraining_is_not_done_again(things: Path, tmp_path: Path) -> None:
    first = run(things, tmp_path / "out", "unfreeze=[]")
    stamp = first.weights.stat().st_mtime_ns
    assert run(things, tmp_path / "out", "unfreeze=[]").report == first.report
    assert first.weights.stat().st_mtime_ns == stamp
    Image.new("RGB", (40, 40), "red").save(things / "red" / "new.png")
    with pytest.raises(FolderError, match="begun with other pictures"):
        run(things, tmp_path / "out", "unfreeze=[]")


def test_pictures_of_all_kinds_are_read_and_broken_ones_said(
    things: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    red = things / "red"
    Image.new("CMYK", (50, 40), (0, 255, 255, 0)).save(red / "cmyk.jpg")
    Image.fromarray(np.full((40, 40), 40_000, np.uint16)).save(red / "deep.png")
    Image.new("RGB", (40, 50), "red").quantize(4).save(red / "palette.png")
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(red / "moving.gif", save_all=True, append_images=frames[1:], duration=50)
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (60, 40), "red").save(red / "turned.jpg", exif=turned)
    Image.new("RGB", (10_000, 10_000), "red").save(red / "large.jpg", quality=10)
    (red / "empty.jpg").write_bytes(b"")
    (red / "page.jpg").write_text("<html>not found</html>")
    (red / "torn.png").write_bytes((red / "1.png").read_bytes()[:400])
    (red / ".hidden.png").write_bytes(b"")
    (red / "notes.txt").write_text("mine")
    shutil.copy(red / "2.png", things / "green" / "again.png")
    ended = run(things, tmp_path / "out", "unfreeze=[]")
    skipped = ended.report["made"]["skipped"]
    assert set(skipped) == {
        "things/red/empty.jpg",
        "things/red/page.jpg",
        "things/red/torn.png",
        *(name for name in skipped if "2.png" in name or "again" in name),
    }
    assert sum("the same picture as" in why for why in skipped.values()) == 1
    assert "which is of another class" in str(skipped)
    assert "left out: things/red/empty.jpg" in caplog.text
    total = sum(sum(counts.values()) for counts in ended.report["made"]["pictures"].values())
    assert total == 3 * 14 + 6, "all the others, and of two that are one the one"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("alone", "has one class folder, 'red': at least two are needed"),
        ("none", "has no class folders: at least two"),
        ("empty", "no pictures in the class folders yellow; remove them"),
        ("same", "the class folders 'Red' and 'red' have one label"),
        ("broken", "no picture is left of yellow"),
    ],
)
def test_folders_that_teach_nothing(
    things: Path, tmp_path: Path, change: str, message: str
) -> None:
    if change in ("alone", "none"):
        gone = ("blue", "green", *(("red",) if change == "none" else ()))
        for name in gone:
            shutil.rmtree(things / name)
    elif change == "same":
        shutil.copytree(things / "red", things / "Red")
    else:
        (things / "yellow").mkdir()
        if change == "broken":
            (things / "yellow" / "1.png").write_bytes(b"no")
    with pytest.raises(DataError, match=message):
        run(things, tmp_path / "out")


def test_a_class_of_three_pictures_is_learnt_and_said_to_be_thin(
    things: Path, tmp_path: Path
) -> None:
    for path in sorted((things / "red").iterdir())[3:]:
        path.unlink()
    ended = run(things, tmp_path / "out", "unfreeze=[]")
    said = " ".join(ended.report["warnings"])
    assert "fewer than 20 pictures to learn from: blue, green, red" in said
    assert sum(ended.report["made"]["pictures"]["red"].values()) == 3
    for path in sorted((things / "red").iterdir()):
        if Parts().of(f"things/red/{path.name}") == "training":
            path.unlink()
    shutil.copy(things / "blue" / "1.png", things / "red" / _unlearnt("red"))
    with pytest.raises(DataError, match="no picture to learn from of red: add more"):
        run(things, tmp_path / "again", "unfreeze=[]")


def _unlearnt(category: str) -> str:
    """A name that is kept for testing."""
    names = (f"{k}.png" for k in range(100, 1000))
    return next(n for n in names if Parts().of(f"things/{category}/{n}") == "test")


def test_without_a_test_part_it_says_what_it_was_judged_on(things: Path, tmp_path: Path) -> None:
    ended = run(things, tmp_path / "out", "unfreeze=[]", "split={test: 0, validation: 0.3}")
    assert ended.report["test_accuracy"] is None
    assert ended.report["head_only"]["test_accuracy"] is None
    assert "that were kept for validation" in ended.as_text()
    card = json.loads(ended.weights.with_suffix(".json").read_text())
    assert "never saw" not in card["notes"]
    with pytest.raises(RecipeError, match="expected some pictures for validation or test"):
        run(things, tmp_path / "none", "split={test: 0, validation: 0}")
    ended = run(things, tmp_path / "all", "unfreeze=[]", "split={validation: 0}")
    json.loads((tmp_path / "all" / "report.json").read_text(), parse_constant=pytest.fail)


def test_a_mistyped_layer_leaves_no_folder(things: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no layer 'inception_9z'"):
        run(things, tmp_path / "out", "unfreeze=[{first: inception_9z}]")
    assert not (tmp_path / "out").exists()


def test_a_name_that_a_training_keeps_for_itself(things: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'report' would lie where a training keeps its own"):
        run(things, tmp_path / "out", "name=report")


def test_what_cannot_be_followed(things: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"--set unfreeze.*: expected depth or first"):
        run(things, tmp_path / "out", "unfreeze=[{epochs: 2}]")
    with pytest.raises(NetworkError, match="no layer 'inception_5x' to learn from; did you mean"):
        run(things, tmp_path / "out2", "unfreeze=[{first: inception_5x}]")
    with pytest.raises(NetworkError, match="no network 'hose' in the catalogue"):
        run(things, tmp_path / "out", "base=hose")
    with pytest.raises(UsageError, match="no such folder of class folders"):
        retrain(tmp_path / "nowhere")
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("base: judge\nhead: {epochs: 3}\n")
    with pytest.raises(UsageError, match="say where the pictures are with --data"):
        retrain(recipe)
    recipe.write_text("source: {noise: pink}\n")
    with pytest.raises(RecipeError, match="this is a recipe for pictures"):
        retrain(recipe)
    recipe.write_text("base: judge\nhead: {epochs: 3, rates: 2}\n")
    with pytest.raises(RecipeError, match=r"mine\.yaml:2: head\.rates: unknown key; did you mean"):
        retrain(recipe, data=things)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(FolderError, match="is not empty and holds no training"):
        run(things, tmp_path / "letters")


def test_a_network_of_torchvision_is_retrained_by_its_own_range(
    things: Path, tmp_path: Path
) -> None:
    from torchvision.models import mobilenet_v3_large

    torch.manual_seed(0)
    torch.save(mobilenet_v3_large(num_classes=4).state_dict(), tmp_path / "mine.pth")
    ended = run(things, tmp_path / "out", f"base={tmp_path / 'mine.pth'}", "split={test: 0.3}")
    card = card_of(ref_of(str(ended.weights.with_suffix(".json"))))
    assert card.architecture == "torchvision:mobilenet_v3_large"
    assert card.native == 224
    assert card.mean == (0.485, 0.456, 0.406)
    assert card.crops, "its head is of several layers"
    judge = classifier(card, decide("cpu", "float32"))
    files = [p for p in sorted(things.rglob("*.png")) if _part(p, things, 0.3) == "test"]
    right = [card.classes[int(judge([read_picture(p)]).argmax())] == p.parent.name for p in files]
    assert np.mean(right) == pytest.approx(ended.report["test_accuracy"], abs=1 / len(files))
