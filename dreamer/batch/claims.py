"""Who works on what: claiming jobs, saying how far they are, ending them. A job is one worker's
from the transaction that claims it to the one that ends it.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue
from dreamer.batch.rows import queued_of
from dreamer.batch.rules import BACK_OFF, LONGEST, Change, Ending, after, as_asked

HERE = socket.gethostname()


class Member(NamedTuple):
    """A worker (of `runner`) or runner, by its id; `device` is what it computes on, `host` where it
    is.
    """

    id: str
    device: str = "cpu"
    host: str = HERE
    runner: str | None = None


class Shard(NamedTuple):
    """Of a queue that several machines share out among them: every `of`-th lot, from the
    `number`-th on (from 1).
    """

    number: int = 1
    of: int = 1


ALL = Shard()
# What a worker on the processor shares its machine's memory with; one on a GPU has that for itself.
BESIDE = """
SELECT count(*), coalesce(max(alone), 0), coalesce(sum(threads), 0) FROM (
  SELECT max(alone) AS alone, max(threads) AS threads
  FROM jobs JOIN workers ON workers.id = jobs.worker
  WHERE state = 'running' AND workers.host = ? AND workers.device != 'cuda' AND ? != 'cuda'
  GROUP BY jobs.worker
)
"""
# What may be begun now, by a worker that has the device it wants.
DUE = (
    "state = 'waiting' AND (not_before <= ? OR not_before > ?) AND (device != 'cuda' OR ? = 'cuda')"
)


def claim(queue: Queue, me: Member, shard: Shard = ALL, cores: int | None = None) -> list[Queued]:
    """What is next, which is `me`'s from now on: of jobs that may be begun the one of the highest
    priority that was added first, and those of its group that may be begun with it. Nothing where
    there is none.

    What wants memory for itself is begun when nothing else runs on this host, and nothing beside
    it. Where `cores` are said, what is next waits until its threads have one each: it is not passed
    by smaller ones, which would keep it waiting for ever.
    """
    now = queue.clock()
    with queue.writing() as connection:
        if connection.execute("SELECT 1 FROM settings WHERE key = 'paused'").fetchone():
            return []
        _beat(connection, me, now)
        running, alone, busy = connection.execute(BESIDE, (me.host, me.device)).fetchone()
        if alone:
            return []
        row = connection.execute(
            f"SELECT * FROM jobs WHERE {DUE} AND lot % ? = ? AND (NOT alone OR ?) "
            "ORDER BY priority DESC, number LIMIT 1",
            (*_due(me, now), shard.of, shard.number % shard.of, running == 0),
        ).fetchone()
        if row is None or (cores is not None and running and busy + row["threads"] > cores):
            return []
        lot = [row, *_company(connection, me, row, now)]
        log = log_of(queue, row["id"], row["run"] + 1)
        for one in lot:
            connection.execute(
                "UPDATE jobs SET state = 'running', worker = ?, run = run + 1, together = ?, "
                "started = ?, ended = NULL, done = 0, of = NULL, said = '', cancel = 0 "
                "WHERE number = ?",
                (me.id, len(lot), now, one["number"]),
            )
            connection.execute(
                "INSERT INTO runs (job, number, worker, pid, host, together, started, log) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(one["number"], one["run"] + 1, me.id, os.getpid(), me.host, len(lot)),
                    *(now, str(log)),
                ),
            )
        numbers = [one["number"] for one in lot]
        marks = ", ".join("?" * len(lot))
        sql = f"SELECT * FROM jobs WHERE number IN ({marks}) ORDER BY number != ?, number"
        return [queued_of(one) for one in connection.execute(sql, (*numbers, row["number"]))]


def log_of(queue: Queue, job: str, run: int) -> Path:
    """Where is logged what is said in that run of the job, the first of its lot."""
    return (queue.rooms / "logs" / f"{job[:12]}-{run}.log").absolute()


def _beat(connection: sqlite3.Connection, me: Member, now: float) -> None:
    """Say that `me` is alive. Who was taken for lost, as after a sleep, is there again: known by
    its beats, for others may have taken its lock file away.
    """
    there = connection.execute("UPDATE workers SET beats = beats + 1 WHERE id = ?", (me.id,))
    if there.rowcount == 0:
        connection.execute(
            "INSERT INTO workers (id, runner, pid, host, device, lock, started, beats) "
            "VALUES (?, ?, ?, ?, ?, '', ?, ?)",
            # A number that nobody has heard of it, so that it is news to all who listen.
            (me.id, me.runner, os.getpid(), me.host, me.device, now, secrets.randbits(40)),
        )


def _due(me: Member, now: float) -> tuple[float, float, str]:
    """What the marks in `DUE` stand for."""
    return now, now + LONGEST, me.device


def _company(
    connection: sqlite3.Connection, me: Member, row: sqlite3.Row, now: float
) -> list[sqlite3.Row]:
    """The others of the group of `row` that may be begun with it: in as small a company as it."""
    if row["rows"] == 1 or row["alone"] or row["company"] == 1:
        return []
    return connection.execute(
        f"SELECT * FROM jobs WHERE {DUE} AND lot = ? AND number != ? AND NOT alone AND company = ? "
        "ORDER BY number LIMIT ?",
        (*_due(me, now), row["lot"], row["number"], row["company"], row["company"] - 1),
    ).fetchall()


def remaining(queue: Queue, device: str, shard: Shard = ALL) -> tuple[int, int]:
    """How many jobs wait that a worker on `device` may do, now or later, and in how many lots."""
    found = queue.rows(
        "SELECT count(*), count(DISTINCT lot) FROM jobs WHERE state = 'waiting' AND lot % ? = ? "
        "AND (device != 'cuda' OR ? = 'cuda')",
        *(shard.of, shard.number % shard.of, device),
    )
    return int(found[0][0]), int(found[0][1])


def counts_of(queue: Queue, shard: Shard) -> dict[str, int]:
    """How many jobs of `shard` there are in each state that any is in."""
    sql = "SELECT state, count(*) FROM jobs WHERE lot % ? = ? GROUP BY state"
    return {r[0]: r[1] for r in queue.rows(sql, shard.of, shard.number % shard.of)}


def lots_waiting(queue: Queue, device: str, shard: Shard, most: int) -> int:
    """In how many lots jobs wait that a worker on `device` may do, now or later; `most` if in
    more, which need not be counted.
    """
    of = "" if device == "cuda" else "AND (device < 'cuda' OR device > 'cuda')"
    found = queue.rows(
        "SELECT count(*) FROM (SELECT DISTINCT lot FROM jobs WHERE state = 'waiting' "
        f"AND lot % ? = ? {of} LIMIT ?)",
        *(shard.of, shard.number % shard.of, most),
    )
    return int(found[0][0])


class Report(NamedTuple):
    """How far a job is: of so many pieces, and in words."""

    queued: Queued
    done: float = 0.0
    of: int | None = None
    said: str = ""


class Asked(NamedTuple):
    """What a worker learns of a job when it says how far that is: whether it is its own still, and
    whether it is to be stopped.
    """

    mine: bool
    cancel: bool


def note(queue: Queue, me: Member, *reports: Report) -> list[Asked]:
    """Say that `me` is alive, and how far its jobs are."""
    asked = []
    with queue.writing() as connection:
        _beat(connection, me, queue.clock())
        for queued, done, of, said in reports:
            connection.execute(
                "UPDATE jobs SET done = ?, of = ?, said = ? "
                "WHERE number = ? AND worker = ? AND run = ? AND state = 'running'",
                (done, of, said, queued.number, me.id, queued.run),
            )
            row = connection.execute(
                "SELECT state, worker, run, cancel FROM jobs WHERE number = ?", (queued.number,)
            ).fetchone()
            mine = (row["state"], row["worker"], row["run"]) == ("running", me.id, queued.run)
            asked.append(Asked(mine, bool(row["cancel"])))
    return asked


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
        ending = as_asked(queued_of(row), ending)
        change = after(queued_of(row), ending, now, back_off)
        connection.execute(
            "UPDATE jobs SET state = ?, reason = ?, tries = ?, crashes = ?, crashed_at = ?, "
            "alone = ?, company = ?, not_before = ?, made = coalesce(?, made), "
            "device = coalesce(?, device), worker = NULL, cancel = 0, ended = ? WHERE number = ?",
            (
                *(change.state, change.reason, change.tries, change.crashes, change.crashed_at),
                *(change.alone, change.company, change.not_before, _json(made), device),
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
