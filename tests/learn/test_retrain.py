"""Retraining: from a folder of class folders to a network; stopped and gone on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from retrainings import QUICK, run

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.scores import classifier
from dreamer.errors import FolderError, RecipeError
from dreamer.learn import keeping
from dreamer.learn.split import part_of
from dreamer.media.pictures import read_picture

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("home")


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


def reached(folder: Path, stage: int, steps: int) -> bool:
    """Whether what is kept in `folder` has come so many steps into a stage."""
    kept = keeping.load(folder / keeping.CHECKPOINT)
    progress = kept["progress"] if kept else {"stage": 0, "learner": None}
    done = progress["learner"]["done"] if progress["learner"] else 0
    return (progress["stage"], done) >= (stage, steps)


@pytest.mark.slow
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


@pytest.mark.slow
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
