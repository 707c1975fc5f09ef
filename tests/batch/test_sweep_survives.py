"""The promise of a queue: sixty small stills, and everything that can happen in a night.

Workers and runners are killed at moments that a seed decides, two runners share the queue, one job
always fails, one asks for more memory than there is. Afterwards every good job is there exactly
once, with the bytes of an unbroken run.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recipes import STILL, batch, bytes_of, rows, start, worked

GOOD, KILLS, SECONDS = 60, 14, 100
# The first frame of it is as large as memory: its network's maps are many times that.
LARGE = """
seed: 1
source: {color: grey}
size: [9000, 9000]
target: {layer: inception_3a}
ascent: {octaves: 1, steps: 1}
classify: off
"""


def members(folder: Path, kind: str) -> list[int]:
    """The processes of all workers, or runners, that are alive."""
    found = rows(folder, f"SELECT pid FROM workers WHERE id LIKE '{kind}-%'")
    return [pid for (pid,) in found if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def counted(folder: Path) -> dict[str, int]:
    return dict(rows(folder, "SELECT state, count(*) FROM jobs GROUP BY state"))


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[Path]:
    for k in range(GOOD):
        # of a few lengths, so that kills find jobs at all their moments
        recipe = STILL.format(seed=k, steps=2 + 36 * (k % 3)).replace("classify: off", "")
        (tmp_path / f"s{k:02}.yaml").write_text(recipe + "classify: {top: 2}\n")
    (tmp_path / "large.yaml").write_text(LARGE)
    (tmp_path / "wrong.yaml").write_text(STILL.format(seed=99, steps=1))
    yield tmp_path
    for kind in ("runner", "worker"):
        for pid in members(tmp_path, kind):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_sixty_jobs_survive_a_night(sweep: Path) -> None:
    good = sorted(sweep.glob("s??.yaml"))
    batch(sweep, "add", *good, "large.yaml", "--threads", 1, "--together", 3)
    batch(sweep, "add", "wrong.yaml", "--out", "closed")
    (sweep / "closed").touch()  # a place where no folder can be made

    chance, begun = random.Random(9), 0
    killed: list[str] = []
    runners: list[subprocess.Popen[str]] = []

    def run() -> None:
        options = ("--workers", 1, "--back-off", 0.5, "--memory", 2.5)
        runners.append(start(sweep, "run", *options))

    run()
    run()
    while len(killed) < KILLS:
        # some runs later, at any moment of one; now and then at once, while all begin
        begun += chance.choice([0, 1, 2, 3, 4, 5, 6])
        _wait_for_runs(sweep, begun, runners)
        time.sleep(chance.uniform(0, 1))
        begun = max(begun, _runs(sweep))
        what = chance.choice(["worker", "worker", "runner", "both"])
        kinds = ["runner", "worker"] if what == "both" else [what]
        for kind in kinds:
            there = members(sweep, kind)
            for pid in there if what == "both" else there and [chance.choice(there)]:
                os.kill(pid, signal.SIGKILL)
                killed.append(f"{what}: {kind}")
        for dead in [one for one in runners if one.poll() is not None]:
            runners.remove(dead)
            dead.communicate()
        while len(runners) < 2:
            run()
    for one in runners:
        one.communicate(timeout=120)
    _until_nothing_waits(sweep)

    assert len(killed) >= 10, killed
    assert {"worker: worker", "runner: runner"} <= set(killed)
    found = dict(rows(sweep, "SELECT name, state FROM jobs"))
    assert found.pop("wrong") == "failed"
    assert found.pop("large") == "failed"
    assert "out of memory" in rows(sweep, "SELECT reason FROM jobs WHERE name = 'large'")[0][0]
    assert rows(sweep, "SELECT tries FROM jobs WHERE name = 'wrong'") == [(0,)]
    assert found == {path.stem: "done" for path in good}

    folders = sorted(path.name for path in (sweep / "renders").iterdir())
    outs = [Path(out) for (out,) in rows(sweep, "SELECT out FROM jobs WHERE state = 'done'")]
    assert sorted(path.name for path in outs) == [n for n in folders if not n.startswith("large")]
    assert rows(
        sweep,
        "SELECT max(n) FROM (SELECT count(*) AS n FROM runs WHERE exit = 'done' GROUP BY job)",
    ) == [(1,)]
    made = {path.name: bytes_of(path) | _scores(path) for path in outs}
    for name, text in rows(sweep, "SELECT out, made FROM jobs WHERE state = 'done'"):
        whole = json.loads(text)
        assert whole == {file: made[Path(name).name][file] for file in whole}

    shutil.move(sweep / "renders", sweep / "broken")
    shutil.move(sweep / "batch.sqlite", sweep / "first.sqlite")
    batch(sweep, "add", *good, "--threads", 1, "--together", 3)
    whole = start(sweep, "run", "--workers", 2)
    assert "60 done" in whole.communicate(timeout=150)[0]
    unbroken = {path.name: bytes_of(path) | _scores(path) for path in (sweep / "renders").iterdir()}
    assert made == unbroken


def _runs(sweep: Path) -> int:
    return int(rows(sweep, "SELECT count(*) FROM runs")[0][0])


def _wait_for_runs(sweep: Path, count: int, runners: list[subprocess.Popen[str]]) -> None:
    began = time.monotonic()
    while _runs(sweep) < count and any(one.poll() is None for one in runners):
        assert time.monotonic() - began < SECONDS, "nobody works"
        time.sleep(0.02)


def _until_nothing_waits(sweep: Path) -> None:
    """As a person does in the morning: try again what was unlucky twice."""
    for _ in range(3):
        unlucky = rows(sweep, "SELECT id FROM jobs WHERE state = 'quarantined'")
        if unlucky:
            batch(sweep, "retry", *(one for (one,) in unlucky))
        if not unlucky and not counted(sweep).get("waiting") and not counted(sweep).get("running"):
            return
        last = start(sweep, "run", "--workers", 2, "--back-off", 0.5, "--memory", 2.5)
        last.communicate(timeout=150)


def _scores(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("scores.*")
    }


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=18m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_pauses_the_queue_and_nothing_is_lost(tmp_path: Path, small_disk: Path) -> None:
    for seed in (1, 2, 3):
        (tmp_path / f"s{seed}.yaml").write_text(STILL.format(seed=seed, steps=1))
    batch(tmp_path, "add", *tmp_path.glob("s?.yaml"), "--out", small_disk)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(6_000_000))
    said = batch(tmp_path, "run", "--workers", 1, code=1)
    assert "3 waiting" in said
    assert "paused: " in said
    assert "MB are needed" in said
    assert rows(tmp_path, "SELECT DISTINCT state, tries, crashes FROM jobs") == [("waiting", 0, 0)]
    ballast.unlink()
    batch(tmp_path, "resume")
    assert worked(tmp_path) == {"done": 3}
    assert len(list(small_disk.glob("*/*.png"))) == 3


def test_a_queue_on_a_full_disk_keeps_what_it_has(tmp_path: Path, small_disk: Path) -> None:
    recipe = tmp_path / "a.yaml"
    recipe.write_text(STILL.format(seed=1, steps=1))
    queue = small_disk / "batch.sqlite"
    batch(tmp_path, "add", recipe, "--queue", queue)
    free = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(bytes(free.f_bavail * free.f_frsize))
    recipe.write_text(STILL.format(seed=2, steps=1) + f"title: {'x' * 20_000}\n")
    said = batch(tmp_path, "add", recipe, "--queue", queue, code=1)
    assert "No space left on device" in said
    said = batch(tmp_path, "run", "--queue", queue, "--workers", 1, code=1)
    assert "No space left on device" in said
    (small_disk / "ballast").unlink()
    assert "1 done" in batch(tmp_path, "run", "--queue", queue, "--workers", 1)
