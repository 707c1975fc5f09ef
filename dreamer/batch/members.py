"""Workers and runners: joining, leaving, whether one is alive, and taking jobs back from those that
are gone.

A worker is alive while it holds its lock file, which the system lets go of however it ends; on
other hosts, while the number of its beats grows, which needs no two clocks to agree.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from dreamer.batch.claims import HERE, Member, end
from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue
from dreamer.batch.rows import queued_of
from dreamer.batch.rules import BACK_OFF, Change, Ending
from dreamer.media.locks import taken

PLACE = "place"  # a worker far from the queue, for which its driver speaks
SILENCE = 60.0  # seconds without a beat after which a worker of another host is gone


@contextmanager
def joined(
    queue: Queue,
    runner: str | None = None,
    device: str = "cpu",
    kind: str = "worker",
    host: str | None = None,
    pid: int | None = None,
) -> Iterator[Member]:
    """Be a worker (of `runner`), or a runner, while the block runs; of a process elsewhere, whose
    `host` and `pid` are said and whose `kind` is PLACE, by beats alone.
    """
    at, process = host or HERE, pid or os.getpid()
    name = f"{kind}-{at}-{process}-{uuid.uuid4().hex[:8]}"
    folder = queue.rooms / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    path, lock = folder / f"{name}.lock", None
    try:
        lock = taken(path) if host is None else None
    except OSError:  # a file system without locks: then beats tell
        path.unlink(missing_ok=True)
    now = queue.clock()
    try:
        with queue.writing() as connection:
            connection.execute(
                "INSERT INTO workers (id, runner, pid, host, device, lock, started) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(name, runner, process, at, device),
                    *("" if lock is None else str(path), now),
                ),
            )
        yield Member(name, device, at, runner)
        with queue.writing() as connection:
            connection.execute("DELETE FROM workers WHERE id = ?", (name,))
        path.unlink(missing_ok=True)
    finally:
        if lock is not None:
            lock.close()


class Watch:
    """Looks whether workers are alive; keeps since when it has not heard of those elsewhere."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._heard: dict[str, tuple[int, float]] = {}
        self._beating: set[str] = set()

    def alive(self, row: Mapping[str, Any]) -> bool:
        """Whether the worker of this row of `workers` is."""
        if row["host"] == HERE and row["lock"]:
            return _is_held(Path(row["lock"]))
        beats, since = self._heard.get(row["id"], (-1, 0.0))
        if row["beats"] != beats:
            self._heard[row["id"]] = (row["beats"], self._now())
            if beats >= 0:
                self._beating.add(row["id"])
            return True
        return self._now() - since < SILENCE

    def doubts(self, row: Mapping[str, Any]) -> bool:
        """Whether it is not known yet that the worker of this row is alive or gone: it has not been
        heard of since the first look, nor been silent for long.
        """
        return self.alive(row) and not (
            row["id"] in self._beating or (row["host"] == HERE and row["lock"])
        )


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    file: IO[str] | None = None
    try:
        file = taken(path)
    except BlockingIOError:
        return True
    except OSError:
        return True  # who cannot look does not take away
    finally:
        if file is not None:
            file.close()
    return False


def take_back(
    queue: Queue, watch: Watch, runner: str | None = None, back_off: float = BACK_OFF
) -> list[tuple[Queued, Change]]:
    """Take jobs from workers that are gone, and forget those. A worker whose runner is alive is
    left to it, for that one knows how it ended.
    """
    # Jobs first: who joins and claims in between is not to be taken for nobody.
    running = queue.rows("SELECT * FROM jobs WHERE state = 'running'")
    members = {row["id"]: dict(row) for row in queue.rows("SELECT * FROM workers")}
    gone = {name for name, row in members.items() if not watch.alive(row)}
    found = []
    for row in running:
        queued = queued_of(row)
        owner = members.get(queued.worker or "")
        if owner is not None and (
            owner["id"] not in gone or _is_looked_after(owner, members, gone)
        ):
            continue
        why = Ending("lost", "its worker and whoever ran it are gone (killed, or a power cut)")
        if owner is not None and owner["id"].startswith(f"{PLACE}-"):
            why = Ending("stopped", "stopped: its driver is gone (killed, or a power cut)")
        if (change := end(queue, queued, why, back_off=back_off)) is not None:
            found.append((queued, change))
    for name in gone:
        if name == runner or _is_looked_after(members[name], members, gone):
            continue
        with queue.writing() as connection:
            connection.execute(
                "DELETE FROM workers WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM jobs WHERE worker = ? AND state = 'running')",
                (name, name),
            )
        if members[name]["lock"]:
            with suppress(OSError):
                Path(members[name]["lock"]).unlink(missing_ok=True)
    return found


def in_doubt(queue: Queue, watch: Watch) -> bool:
    """Whether a job runs of which it is not known yet whether it is somebody's."""
    running = {
        row["worker"] for row in queue.rows("SELECT worker FROM jobs WHERE state = 'running'")
    }
    members = [dict(row) for row in queue.rows("SELECT * FROM workers")] if running else []
    return any(watch.doubts(row) for row in members if row["id"] in running)


def _is_looked_after(owner: Mapping[str, Any], members: Mapping[str, Any], gone: set[str]) -> bool:
    return owner["runner"] in members and owner["runner"] not in gone


def busy(queue: Queue, runner: str) -> int:
    """How many workers of `runner` have something to do."""
    sql = (
        "SELECT count(DISTINCT worker) FROM jobs JOIN workers ON workers.id = jobs.worker "
        "WHERE state = 'running' AND runner = ?"
    )
    return int(queue.rows(sql, runner)[0][0])


def of_process(queue: Queue, runner: str, pid: int) -> list[str]:
    """The ids of the worker of `runner` that is the process `pid`: none before it has joined."""
    sql = "SELECT id FROM workers WHERE pid = ? AND runner = ?"
    return [str(row["id"]) for row in queue.rows(sql, pid, runner)]


def forget(queue: Queue, worker: str) -> None:
    """Forget a worker that has ended."""
    for row in queue.rows("SELECT lock FROM workers WHERE id = ?", worker):
        if row["lock"]:
            Path(row["lock"]).unlink(missing_ok=True)
    with queue.writing() as connection:
        connection.execute("DELETE FROM workers WHERE id = ?", (worker,))


def workers_of(queue: Queue) -> list[dict[str, Any]]:
    """All workers that have joined and not left, alive or not."""
    return [dict(r) for r in queue.rows("SELECT * FROM workers WHERE runner IS NOT NULL")]
