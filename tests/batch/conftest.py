"""Queues of jobs that need no network to be added, and a clock that a test turns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dreamer.batch.job import Job
from dreamer.batch.queue import Queue


class Clock:
    """Seconds since 1970, as a test says."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


MakeJob = Callable[..., Job]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(tmp_path: Path, clock: Clock) -> Iterator[Queue]:
    with Queue(tmp_path / "batch.sqlite", make=True, clock=clock) as made:
        yield made


@pytest.fixture
def job(tmp_path: Path) -> MakeJob:
    """`job("a", threads=2)`: a job that is never done."""

    def make(name: str, **changes: Any) -> Job:
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        out = tmp_path / "renders" / name
        return replace(Job(sha256, "render", name, "seed: 1\n", tmp_path, out, sha256), **changes)

    return make
