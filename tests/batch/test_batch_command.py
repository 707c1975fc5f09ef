"""`dreamer batch` as a person has it: recipes added, made, asked about."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recipes import (
    FILM,
    STILL,
    batch,
    bytes_of,
    count_lost,
    listed,
    running,
    start,
    still,
    wait_for,
    worked,
    worker_of,
)


def test_from_recipes_to_pictures(tmp_path: Path, dreamer) -> None:
    """Equal ones once, forced ones beside, those of one name apart, and each as it was added."""
    (tmp_path / "x").mkdir()
    a, b, same = still(tmp_path, "a", 1), still(tmp_path, "b", 2), still(tmp_path / "x", "a", 3)
    said = batch(tmp_path, "add", a, b, same)
    assert said.count("waits as") == 3
    assert "a: waits already, as" in batch(tmp_path, "add", a)
    assert "a: waits as" in batch(tmp_path, "add", a, "--force")
    dreamer("render", a, "--out", "alone")
    a.unlink()
    b.write_text("what is this: no recipe")
    assert "4 done" in batch(tmp_path, "run", "--workers", 1)
    jobs = listed(tmp_path)
    assert [one["state"] for one in jobs] == ["done"] * 4
    for one in jobs:
        (name,) = one["files"]
        assert name == f"{one['name']}.png"
        assert (Path(one["out"]) / name).is_file()
        provenance = json.loads((Path(one["out"]) / "provenance.json").read_text())
        assert provenance["job"] == one["id"]
    first, _, other, again = (Path(one["out"]) for one in jobs)
    alone = bytes_of(tmp_path / "alone")
    assert bytes_of(first) == bytes_of(again) == alone
    assert again.name == f"{first.name}-2"
    assert bytes_of(other) != alone
    assert not list((tmp_path / "batch.sqlite.d" / "workers").iterdir())
    assert "is of several jobs" in batch(tmp_path, "logs", "a", code=1)
    assert f"{jobs[1]['id'][:8]}  done        b  {jobs[1]['out']}" in batch(tmp_path, "list")


def test_all_that_is_wrong_is_told_and_nothing_is_added(tmp_path: Path) -> None:
    still(tmp_path, "good", 1)
    (tmp_path / "bad.yaml").write_text("sed: 1\ntarget: {class: dasy}\n")
    (tmp_path / "train.yaml").write_text("architecture: judge\nstages: []\n")
    (tmp_path / "endless.yaml").write_text(FILM.replace("400", "endless"))
    names = ("good.yaml", "bad.yaml", "train.yaml", "endless.yaml", "none.yaml", ".")
    said = batch(tmp_path, "add", *names, code=2)
    assert "bad.yaml:1: sed: unknown key; did you mean 'seed'" in said
    assert "train.yaml: this is a recipe for training" in said
    assert "endless.yaml:8: length: a film without an end" in said
    assert "none.yaml: no such file" in said
    assert ".: is a folder" in said
    assert not (tmp_path / "batch.sqlite").exists()
    said = batch(tmp_path, "add", *names, "--keep-going", code=2)
    assert "good: waits as" in said
    assert "left out: bad.yaml:1" in said
    assert [one["name"] for one in listed(tmp_path)] == ["good"]


def test_what_cannot_be_made_fails_at_once_and_says_why(tmp_path: Path) -> None:
    for name, seed in (("photo", 1), ("second", 2)):
        pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        recipe = STILL.format(seed=1, steps=1).replace("noise: plasma", f"image: {name}.png")
        (tmp_path / f"on-{name}.yaml").write_text(recipe)
    still(tmp_path, "nowhere", 1)
    still(tmp_path, "foreign", 2)
    batch(tmp_path, "add", "on-photo.yaml", "on-second.yaml", "foreign.yaml")
    (tmp_path / "file").touch()
    batch(tmp_path, "add", "nowhere.yaml", "--out", "file/inside")
    with (tmp_path / "photo.png").open("ab") as file:
        file.write(b"x")
    (tmp_path / "second.png").unlink()
    out = Path(listed(tmp_path)[2]["out"])
    out.mkdir(parents=True)
    (out / "diary.txt").write_text("mine")
    assert worked(tmp_path) == {"failed": 4}
    found = {one["name"]: one for one in listed(tmp_path)}
    assert all(one["tries"] == one["crashes"] == 0 for one in found.values())
    for name, why in {
        "on-photo": f"since it was added, {tmp_path / 'photo.png'} is not what it was",
        "on-second": f"since it was added, {tmp_path / 'second.png'} is not there any more",
        "nowhere": "Not a directory",
        "foreign": "holds something that is not a render",
    }.items():
        assert why in found[name]["reason"]
        said = batch(tmp_path, "logs", name)
        assert "run 1, process" in said
        assert said.count(why) == 2, "in its log, and as the run's end"
    assert not Path(found["on-photo"]["out"]).exists()
    assert [path.name for path in out.iterdir()] == ["diary.txt"]
    assert "nowhere: failed: " in batch(tmp_path, "status")
    assert batch(tmp_path, "retry") == "4 wait again\n"


@pytest.mark.slow
def test_a_film_that_runs_is_cancelled_and_can_be_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "film.yaml").write_text(FILM)
    batch(tmp_path, "add", "film.yaml", "--threads", 1)
    runner = start(tmp_path, "run", "--workers", 1)
    out = Path(listed(tmp_path)[0]["out"])
    wait_for(lambda: len(list(out.glob("frames/*.png"))) > 2, runner)
    wait_for(lambda: "frame" in listed(tmp_path)[0]["progress"], runner)
    text = batch(tmp_path, "status")
    assert "film: frame" in text
    assert "a second" in text
    assert "stops at its next good moment" in batch(tmp_path, "cancel", "film")
    said, _ = runner.communicate(timeout=60)
    assert "1 cancelled" in said
    assert runner.returncode == 0
    frames = len(list(out.glob("frames/*.png")))
    assert frames > 2
    assert listed(tmp_path)[0]["state"] == "cancelled"
    said = batch(tmp_path, "logs", "film")
    assert "cancelled after" in said
    assert "SIG" not in said
    assert "dreamer resume" not in said
    batch(tmp_path, "retry", "film")
    runner = start(tmp_path, "run", "--workers", 1)
    wait_for(lambda: len(list(out.glob("frames/*.png"))) > frames, runner)
    runner.send_signal(signal.SIGINT)
    _, words = runner.communicate(timeout=60)
    assert runner.returncode == 130
    assert "stopped by SIGINT; jobs that ran wait again, and `dreamer batch run` goes on" in words
    (one,) = listed(tmp_path)
    assert (one["state"], one["crashes"]) == ("waiting", 0)
    assert one["reason"].startswith("stopped ")
    assert one["reason"].endswith("; `dreamer batch run` goes on")


def test_a_paused_queue_is_not_begun(tmp_path: Path) -> None:
    still(tmp_path, "a", 1)
    batch(tmp_path, "add", "a.yaml")
    assert "nothing new is begun" in batch(tmp_path, "pause")
    said = batch(tmp_path, "run", "--workers", 1, code=1)
    assert "paused: by hand" in said
    assert "paused" in batch(tmp_path, "status")
    assert "1 wait" in batch(tmp_path, "resume")


@pytest.mark.slow
def test_a_job_that_costs_two_workers_is_put_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    deadly, a = still(tmp_path, "deadly", 1, steps=10_000), still(tmp_path, "a", 1)
    batch(tmp_path, "add", deadly, "--priority", 1)
    batch(tmp_path, "add", a)
    runner = start(tmp_path, "run", "--workers", 1, "--back-off", 0)
    for lost in (0, 1):
        wait_for(lambda: running(tmp_path) == "deadly", runner)
        os.kill(worker_of(tmp_path, "deadly"), signal.SIGKILL)
        wait_for(lambda lost=lost: count_lost(tmp_path) > lost, runner)
    said, words = runner.communicate(timeout=100)
    assert runner.returncode == 1
    assert "1 done, 1 quarantined" in said
    assert "deadly: quarantined: its worker was killed by SIGKILL" in words
    states = {one["name"]: one["state"] for one in listed(tmp_path)}
    assert states == {"deadly": "quarantined", "a": "done"}


def test_a_queue_that_is_not_there_is_told(tmp_path: Path) -> None:
    for verb in ("run", "status", "list", "pause", "resume", "retry"):
        assert re.search("no queue at .*batch.sqlite", batch(tmp_path, verb, code=1))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--shard", "3/2"), "expected a part like 2/8"),
        (("run", "--workers", "0"), "expected 1 or more"),
        (("run", "--devices", "7"), "no CUDA device"),
        (("list", "--state", "don"), "did you mean 'done'"),
        (("cancel", "nothing"), "no job 'nothing'"),
    ],
)
def test_wrong_words_are_told(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    still(tmp_path, "a", 1)
    batch(tmp_path, "add", "a.yaml")
    assert said in batch(tmp_path, *arguments, code=None)
