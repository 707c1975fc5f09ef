"""The jobs of a queue: adding, finding, and what a person does to them. With `choosing` and
`outlook`, and `claims` and `members`, which are of workers, all that knows SQL.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from dreamer.batch.grouping import grouped
from dreamer.batch.job import Job, Queued, Run, State
from dreamer.batch.queue_file import QueueError, opened, rooms_of, telling
from dreamer.batch.rows import LISTED, columns_of, queued_of

Clock = Callable[[], float]
ENDED: tuple[State, ...] = ("failed", "quarantined", "cancelled")


class Added(NamedTuple):
    """What adding a job came to: the job as it stands, and whether it waits since now."""

    queued: Queued
    new: bool


class Queue:
    """The queue at `path`. `make` one where none is; other hosts may use a `shared` one, whatever
    disk it is on. `clock` tells seconds since 1970.

    Raises:
        QueueError: it cannot be had.
    """

    def __init__(
        self, path: Path, make: bool = False, clock: Clock = time.time, shared: bool = False
    ) -> None:
        self.path, self.clock = path, clock
        self._connection = opened(path, make, shared)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Queue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def rooms(self) -> Path:
        """The folder beside it that logs and locks lie in."""
        return rooms_of(self.path)

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """What `sql` finds."""
        with telling(self.path):
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else writes beside; durable when the block is left, and nothing
        of it was done if it is left by an error. Inside another it is a part of that.
        """
        with telling(self.path):
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite may have rolled back itself
                    self._connection.execute("ROLLBACK")
                raise

    def add(
        self,
        jobs: Iterable[Job],
        priority: int = 0,
        force: bool = False,
        together: int = 1,
        places: int = 1,
    ) -> list[Added]:
        """Put all of `jobs` in, or none; an equal one that is there stays, and with `force` is
        made again beside. Of new stills that are alike at most `together` are one lot, as many lots
        as `places` at least.

        One that was cancelled waits again, and so does one that is done and whose folder is gone.
        """
        said: list[tuple[str, bool]] = []
        new: dict[str, Job] = {}
        outs: set[Path] = set()
        with self.writing() as connection:
            for job in jobs:
                there = None if force else self._by_id(connection, job.id)
                if there is not None:
                    said.append((job.id, self._revived(connection, there, priority)))
                elif job.id in new and not force:
                    said.append((job.id, False))
                else:
                    first, count = job, 1
                    while job.id in new or job.out in outs or self._is_taken(connection, job):
                        count += 1
                        job = _beside(first, count)
                    new[job.id] = job
                    outs.add(job.out)
                    said.append((job.id, True))
            self._insert(connection, grouped(list(new.values()), together, places), priority)
            there_now = (self._by_id(connection, name) for name, _ in said)
            return [
                Added(queued, is_new)
                for queued, (_, is_new) in zip(there_now, said, strict=True)
                if queued is not None
            ]

    def _revived(self, connection: sqlite3.Connection, there: Queued, priority: int) -> bool:
        """Let a job that is added again wait again, where it would not be made otherwise."""
        if there.state == "running" and there.cancel:
            connection.execute("UPDATE jobs SET cancel = 0 WHERE number = ?", (there.number,))
            return True
        gone = there.state == "done" and not there.job.out.exists()
        if there.state != "cancelled" and not gone:
            return False
        self._again(connection, there, priority)
        return True

    def _insert(self, connection: sqlite3.Connection, jobs: Iterable[Job], priority: int) -> None:
        last = connection.execute("SELECT coalesce(max(lot), 0) FROM jobs").fetchone()[0]
        lots: dict[str, int] = {}
        for job in jobs:
            lot = lots.setdefault(job.group or job.id, last + len(lots) + 1)
            values = columns_of(job) | {"lot": lot, "asked": job.device}
            values |= {"priority": priority, "added": self.clock()}
            names, marks = ", ".join(values), ", ".join("?" * len(values))
            connection.execute(
                f"INSERT INTO jobs ({names}) VALUES ({marks})", tuple(values.values())
            )

    def _is_taken(self, connection: sqlite3.Connection, job: Job) -> bool:
        found = connection.execute(
            "SELECT 1 FROM jobs WHERE id = ? OR out = ?", (job.id, str(job.out))
        )
        return found.fetchone() is not None

    def _by_id(self, connection: sqlite3.Connection, whole: str) -> Queued | None:
        row = connection.execute("SELECT * FROM jobs WHERE id = ?", (whole,)).fetchone()
        return None if row is None else queued_of(row)

    def _numbered(self, connection: sqlite3.Connection, number: int) -> Queued:
        row = connection.execute("SELECT * FROM jobs WHERE number = ?", (number,)).fetchone()
        return queued_of(row)

    def _again(
        self, connection: sqlite3.Connection, queued: Queued, priority: int | None = None
    ) -> None:
        """Let it wait, as if for the first time; on the device that was asked for, if nothing is
        left of what was begun on another.
        """
        connection.execute(
            "UPDATE jobs SET state = 'waiting', worker = NULL, tries = 0, crashes = 0, "
            "crashed_at = 0, alone = 0, company = 0, not_before = 0, cancel = 0, reason = '', "
            "ended = NULL, priority = coalesce(?, priority), "
            "device = CASE WHEN ? THEN device ELSE asked END WHERE number = ?",
            (priority, queued.job.out.exists(), queued.number),
        )

    def jobs(self, states: Sequence[State] = (), most: int = -1) -> list[Queued]:
        """Its jobs in the order of adding, without their recipes; those in `states` if any are
        said.
        """
        asked = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        sql = f"SELECT {LISTED} FROM jobs {asked} ORDER BY number LIMIT ?"
        return [queued_of(row) for row in self.rows(sql, *states, most)]

    def has(self, whole: str) -> bool:
        """Whether the job of that id is there, whatever became of it."""
        return bool(self.rows("SELECT 1 FROM jobs WHERE id = ?", whole))

    def job(self, beginning: str) -> Queued:
        """The one whose whole name or folder it is, or whose id begins so.

        Raises:
            QueueError: none, or several.
        """
        asked = beginning.strip().lower()
        found = self.rows("SELECT * FROM jobs WHERE name = ? LIMIT 9", beginning)
        if not found and os.sep in beginning:
            out = os.path.abspath(beginning)  # noqa: PTH100 - links stay as they were said
            found = self.rows("SELECT * FROM jobs WHERE out = ?", out)
        if asked and not found:
            last = f"{asked}~"  # which comes after all digits and letters
            found = self.rows("SELECT * FROM jobs WHERE id >= ? AND id < ? LIMIT 9", asked, last)
        if not found:
            raise QueueError(f"no job {beginning!r} in {self.path}; `dreamer batch list` has all")
        if len(found) > 1:
            several = ", ".join(f"{row['id'][:12]} ({Path(row['out']).name})" for row in found[:8])
            more = ", …" if len(found) > 8 else ""
            raise QueueError(f"{beginning!r} is of several jobs: {several}{more}")
        return queued_of(found[0])

    def runs(self, number: int) -> list[Run]:
        """All attempts at the job of that number, first to last."""
        rows = self.rows("SELECT * FROM runs WHERE job = ? ORDER BY number", number)
        return [
            Run(
                row["number"],
                row["worker"],
                row["pid"],
                row["host"],
                row["started"],
                row["ended"],
                row["exit"],
                row["reason"],
                Path(row["log"]),
            )
            for row in rows
        ]

    def retry(self, beginnings: Sequence[str | Queued] = ()) -> list[Queued]:
        """Let jobs that failed, were quarantined or cancelled wait again, as if for the first
        time: those asked for, or all that failed or were quarantined.

        Raises:
            QueueError: one that is neither.
        """
        asked = [self.job(one) if isinstance(one, str) else one for one in beginnings]
        if not beginnings:
            asked = self.jobs(("failed", "quarantined"))
        with self.writing() as connection:
            asked = [self._numbered(connection, one.number) for one in asked]
            if not beginnings:  # another may have been quicker
                asked = [one for one in asked if one.state in ENDED]
            for one in asked:
                if one.state not in ENDED:
                    told = f"{one.job.shown} {one.job.name} is {one.state}"
                    raise QueueError(f"{told}; nothing to retry")
                self._again(connection, one)
            return [self._numbered(connection, one.number) for one in asked]

    def cancel(self, beginnings: Sequence[str | Queued]) -> list[Queued]:
        """Let jobs that wait wait no more, and ask for those that run to be stopped at their next
        good moment; their folders can be gone on with.

        Raises:
            QueueError: one that is done or has ended.
        """
        asked = [self.job(one) if isinstance(one, str) else one for one in beginnings]
        with self.writing() as connection:
            for one in asked:
                now = self._numbered(connection, one.number)
                if now.state not in ("waiting", "running"):
                    raise QueueError(f"{now.job.shown} {now.job.name} is {now.state} already")
                connection.execute(
                    "UPDATE jobs SET cancel = 1, reason = 'cancelled', "
                    "ended = CASE state WHEN 'waiting' THEN ? ELSE ended END, "
                    "state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END "
                    "WHERE number = ?",
                    (self.clock(), one.number),
                )
            return [self._numbered(connection, one.number) for one in asked]

    def pause(self, reason: str = "by hand") -> None:
        """Let nothing new be begun, and say why."""
        with self.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES ('paused', ?)", (reason,))

    def resume(self) -> None:
        """Let jobs be begun again."""
        with self.writing() as connection:
            connection.execute("DELETE FROM settings WHERE key = 'paused'")

    @property
    def paused(self) -> str | None:
        """Why nothing new is begun; None where it is."""
        found = self.rows("SELECT value FROM settings WHERE key = 'paused'")
        return str(found[0]["value"]) if found else None

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state that any is in."""
        return {r[0]: r[1] for r in self.rows("SELECT state, count(*) FROM jobs GROUP BY state")}


def _beside(job: Job, count: int) -> Job:
    """`job` once more, in a folder of its own."""
    again = hashlib.sha256(f"{job.id} {count}".encode()).hexdigest()
    return replace(job, id=again, out=job.out.with_name(f"{job.out.name}-{count}"))
