"""Small recipes for queues, and dreamer run on them in processes that can be killed."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import torch

from dreamer.batch.worker import Settings, work
from dreamer.cli import main
from dreamer.engine.stopping import Stop

STILL = """
seed: {seed}
source: {{noise: plasma}}
size: [48, 40]
target: {{layer: inception_3a}}
ascent: {{octaves: 1, steps: {steps}}}
classify: off
"""
FILM = """
seed: 3
source: {noise: plasma}
size: [48, 40]
target: {layer: inception_3a}
ascent: {octaves: 1, steps: 2}
motion: {zoom: 1.5}
length: 400
fps: 24
classify: off
output: {preset: ultrafast}
"""


def still(folder: Path, name: str, seed: int, steps: int = 2) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(STILL.format(seed=seed, steps=steps))
    return path


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    """`dreamer batch …` in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "dreamer", "batch", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def batch(folder: Path, *arguments: object, code: int | None = 0) -> str:
    """What `dreamer batch …` prints in `folder`, in this process; `code` is how it must end."""
    return ran(folder, "batch", *arguments, code=code)


def worked(folder: Path) -> dict[str, int]:
    """How many jobs of each state there are once a worker has worked in `folder`, in this process:
    quicker than `batch run`, where no process is to be killed.
    """
    threads, log = torch.get_num_threads(), logging.getLogger("dreamer")
    with open(2, "w", closefd=False, buffering=1) as said:  # where a worker's log goes
        log.addHandler(spoken := logging.StreamHandler(said))
        try:
            work(Settings(str(folder / "batch.sqlite"), "", quiet=True), Stop(), threading.Event())
        finally:
            log.removeHandler(spoken)
            torch.set_num_threads(threads)
    return dict(rows(folder, "SELECT state, count(*) FROM jobs GROUP BY state"))


def ran(folder: Path, *arguments: object, code: int | None = 0) -> str:
    """What `dreamer …` prints in `folder`, in this process; `code` is how it must end."""
    out, err = io.StringIO(), io.StringIO()
    before, argv, here = dict(os.environ), sys.argv, Path.cwd()
    sys.argv = ["dreamer", *map(str, arguments)]
    os.chdir(folder)
    os.environ["OMP_NUM_THREADS"] = "1"
    log, spoken = logging.getLogger("dreamer"), logging.StreamHandler(err)
    log.addHandler(spoken)
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        log.removeHandler(spoken)
        sys.argv, _ = argv, os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
    said = ended.value.code or 0
    assert code is None or said == code, (said, out.getvalue(), err.getvalue())
    return out.getvalue() if said == 0 else out.getvalue() + err.getvalue()


def listed(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(batch(folder, "list", "--json"))
    return found


def bytes_of(folder: Path) -> dict[str, str]:
    """SHA-256 of everything whose bytes are promised in a render's folder."""
    files = [*folder.glob("frames/*"), *folder.glob("*.png"), *folder.glob("*.mp4")]
    files += [folder / "recipe.yaml", folder / "execution.json"]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a query of the queue in `folder` finds."""
    connection = sqlite3.connect(folder / "batch.sqlite", timeout=60)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def running(folder: Path) -> str | None:
    """What runs, and has said how far it is."""
    found = rows(folder, "SELECT name FROM jobs WHERE state = 'running' AND said != ''")
    return found[0][0] if found else None


def worker_of(folder: Path, name: str) -> int:
    """The process that has the job of that name."""
    of = f"SELECT worker FROM jobs WHERE name = '{name}'"
    return int(rows(folder, f"SELECT pid FROM workers WHERE id = ({of})")[0][0])


def count_lost(folder: Path) -> int:
    """How many runs cost their workers."""
    return int(rows(folder, "SELECT count(*) FROM runs WHERE exit = 'lost'")[0][0])


def wait_for(there: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something is there, as long as `process` lives."""
    begun = time.monotonic()
    while not there():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - begun < 100, "it takes too long"
        time.sleep(0.05)
