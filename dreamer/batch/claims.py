"""Who works on what: claiming a job, saying how far it is, ending it. A job is one worker's from
the transaction that claims it to the one that ends it.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple

from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue
from dreamer.batch.rows import queued_of
from dreamer.batch.rules import BACK_OFF, LONGEST, Change, Ending, after

HERE = socket.gethostname()


class Member(NamedTuple):
    """A worker or runner, by its id; `device` is what it computes on, `host` where it is."""

    id: str
    device: str = "cpu"
    host: str = HERE


class Shard(NamedTuple):
    """Of a queue that several machines share out among them: every `of`-th job, from the
    `number`-th on (from 1).
    """

    number: int = 1
    of: int = 1


ALL = Shard()


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
            (me.host,),
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
            (number, run, me.id, os.getpid(), me.host, now, str(log.absolute())),
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
