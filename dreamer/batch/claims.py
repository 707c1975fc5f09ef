"""Who works on what: claiming a job, saying how far it is, ending it, and taking jobs back from
workers that are gone.

A job is one worker's from the transaction that claims it to the one that ends it. A worker is alive
while it holds its lock file, which the system lets go of however it ends; on other hosts, while the
number of its beats grows, which needs no two clocks to agree.
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue, queued_of
from dreamer.batch.rules import BACK_OFF, LONGEST, Change, Ending, after
from dreamer.media.locks import taken

SILENCE = 60.0  # seconds without a beat after which a worker of another host is gone
HERE = socket.gethostname()


class Shard(NamedTuple):
    """Of a queue that several machines share out among them: every `of`-th job, from the
    `number`-th on (from 1).
    """

    number: int = 1
    of: int = 1


ALL = Shard()


class Member(NamedTuple):
    """A worker or runner, by its id; `device` is what it computes on."""

    id: str
    device: str = "cpu"


@contextmanager
def joined(
    queue: Queue, runner: str | None = None, device: str = "cpu", kind: str = "worker"
) -> Iterator[Member]:
    """Be a worker (of `runner`), or a runner, while the block runs."""
    name = f"{kind}-{HERE}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    folder = queue.rooms / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    path, lock = folder / f"{name}.lock", None
    try:
        lock = taken(path)
    except OSError:  # a file system without locks: then beats tell
        path.unlink(missing_ok=True)
    now = queue.clock()
    try:
        with queue.writing() as connection:
            connection.execute(
                "INSERT INTO workers (id, runner, pid, host, device, lock, started, seen) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(name, runner, os.getpid(), HERE, device),
                    *("" if lock is None else str(path), now, now),
                ),
            )
        yield Member(name, device)
        with queue.writing() as connection:
            connection.execute("DELETE FROM workers WHERE id = ?", (name,))
        path.unlink(missing_ok=True)
    finally:
        if lock is not None:
            lock.close()


def claim(queue: Queue, me: Member, shard: Shard = ALL) -> Queued | None:
    """The next job, which is `me`'s from now on: of those that may be begun the one of the highest
    priority that was added first; None where there is none.

    What wants memory for itself is begun when nothing else runs on this host, and nothing beside
    it.
    """
    now = queue.clock()
    with queue.writing() as connection:
        if connection.execute("SELECT 1 FROM settings WHERE key = 'paused'").fetchone():
            return None
        beside = connection.execute(
            "SELECT count(*), max(alone) FROM jobs JOIN workers ON workers.id = jobs.worker "
            "WHERE state = 'running' AND host = ?",
            (HERE,),
        ).fetchone()
        if beside[1]:
            return None
        row = connection.execute(
            "SELECT * FROM jobs WHERE state = 'waiting' AND (not_before <= ? OR not_before > ?) "
            "AND number % ? = ? AND (device != 'cuda' OR ? = 'cuda') AND (NOT alone OR ?) "
            "ORDER BY priority DESC, number LIMIT 1",
            (now, now + LONGEST, shard.of, shard.number % shard.of, me.device, beside[0] == 0),
        ).fetchone()
        if row is None:
            return None
        number, run = row["number"], row["run"] + 1
        log = queue.rooms / "logs" / f"{row['id'][:12]}-{run}.log"
        connection.execute(
            "UPDATE jobs SET state = 'running', worker = ?, run = ?, started = ?, ended = NULL, "
            "done = 0, of = NULL, said = '', cancel = 0 WHERE number = ?",
            (me.id, run, now, number),
        )
        connection.execute(
            "INSERT INTO runs (job, number, worker, pid, host, started, log) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, run, me.id, os.getpid(), HERE, now, str(log.absolute())),
        )
        found = connection.execute("SELECT * FROM jobs WHERE number = ?", (number,)).fetchone()
        return queued_of(found)


def remaining(queue: Queue, device: str, shard: Shard = ALL) -> int:
    """How many jobs wait that a worker on `device` may do, now or later."""
    found = queue.rows(
        "SELECT count(*) FROM jobs WHERE state = 'waiting' AND number % ? = ? "
        "AND (device != 'cuda' OR ? = 'cuda')",
        *(shard.of, shard.number % shard.of, device),
    )
    return int(found[0][0])


class Asked(NamedTuple):
    """What a worker learns of its job when it says how far it is: whether it is its own still, and
    whether it is to be stopped.
    """

    mine: bool
    cancel: bool


def note(
    queue: Queue,
    me: Member,
    queued: Queued | None,
    done: float = 0.0,
    of: int | None = None,
    said: str = "",
) -> Asked:
    """Say that `me` is alive, and how far its job is."""
    with queue.writing() as connection:
        connection.execute(
            "UPDATE workers SET beats = beats + 1, seen = ? WHERE id = ?", (queue.clock(), me.id)
        )
        if queued is None:
            return Asked(True, False)
        connection.execute(
            "UPDATE jobs SET done = ?, of = ?, said = ? "
            "WHERE number = ? AND worker = ? AND run = ? AND state = 'running'",
            (done, of, said, queued.number, me.id, queued.run),
        )
        row = connection.execute(
            "SELECT state, worker, run, cancel FROM jobs WHERE number = ?", (queued.number,)
        ).fetchone()
    mine = (row["state"], row["worker"], row["run"]) == ("running", me.id, queued.run)
    return Asked(mine, bool(row["cancel"]))


def end(
    queue: Queue,
    queued: Queued,
    ending: Ending,
    made: Mapping[str, str] | None = None,
    back_off: float = BACK_OFF,
    device: str | None = None,
) -> Change | None:
    """End the run of `queued`, and let its job be what the rules say; None where somebody else has
    ended it. `device` is what its folder was begun on, which it keeps to.
    """
    now = queue.clock()
    with queue.writing() as connection:
        row = connection.execute(
            "SELECT * FROM jobs WHERE number = ? AND run = ? AND state = 'running' AND worker = ?",
            (queued.number, queued.run, queued.worker),
        ).fetchone()
        if row is None:
            return None
        change = after(queued_of(row), ending, now, back_off)
        connection.execute(
            "UPDATE jobs SET state = ?, reason = ?, tries = ?, crashes = ?, crashed_at = ?, "
            "alone = ?, not_before = ?, made = coalesce(?, made), device = coalesce(?, device), "
            "worker = NULL, cancel = 0, ended = ? WHERE number = ?",
            (
                *(change.state, change.reason, change.tries, change.crashes, change.crashed_at),
                *(change.alone, change.not_before, _json(made), device),
                *(None if change.state == "waiting" else now, queued.number),
            ),
        )
        connection.execute(
            "UPDATE runs SET ended = ?, exit = ?, reason = ? WHERE job = ? AND number = ?",
            (now, ending.exit, ending.reason, queued.number, queued.run),
        )
        if change.pause:
            connection.execute(
                "INSERT OR REPLACE INTO settings VALUES ('paused', ?)", (change.pause,)
            )
    return change


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value))


def jobs_of(queue: Queue, worker: str) -> list[Queued]:
    """The jobs that are `worker`'s."""
    sql = "SELECT * FROM jobs WHERE state = 'running' AND worker = ?"
    return [queued_of(row) for row in queue.rows(sql, worker)]


def busy(queue: Queue, runner: str) -> int:
    """How many jobs workers of `runner` have."""
    sql = (
        "SELECT count(*) FROM jobs JOIN workers ON workers.id = jobs.worker "
        "WHERE state = 'running' AND runner = ?"
    )
    return int(queue.rows(sql, runner)[0][0])


def of_process(queue: Queue, runner: str, pid: int) -> list[str]:
    """The ids of the worker of `runner` that is the process `pid`: none before it has joined."""
    sql = "SELECT id FROM workers WHERE pid = ? AND runner = ?"
    return [str(row["id"]) for row in queue.rows(sql, pid, runner)]


class Watch:
    """Looks whether workers are alive; keeps since when it has not heard of those elsewhere."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._heard: dict[str, tuple[int, float]] = {}

    def alive(self, row: Mapping[str, Any]) -> bool:
        """Whether the worker of this row of `workers` is."""
        if row["host"] == HERE and row["lock"]:
            return _is_held(Path(row["lock"]))
        beats, since = self._heard.get(row["id"], (-1, 0.0))
        if row["beats"] != beats:
            self._heard[row["id"]] = (row["beats"], self._now())
            return True
        return self._now() - since < SILENCE


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
    members = {row["id"]: dict(row) for row in queue.rows("SELECT * FROM workers")}
    gone = {name for name, row in members.items() if not watch.alive(row)}
    found = []
    for row in queue.rows("SELECT * FROM jobs WHERE state = 'running'"):
        queued = queued_of(row)
        owner = members.get(queued.worker or "")
        if owner is not None and (
            owner["id"] not in gone or _is_looked_after(owner, members, gone)
        ):
            continue
        why = Ending("lost", "its worker and whoever ran it are gone (killed, or a power cut)")
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


def _is_looked_after(owner: Mapping[str, Any], members: Mapping[str, Any], gone: set[str]) -> bool:
    return owner["runner"] in members and owner["runner"] not in gone


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
