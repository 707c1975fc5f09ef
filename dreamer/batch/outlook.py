"""What lies ahead of a queue, and behind it: what waits and what that needs, what failed, and how
long the rest took.
"""

from __future__ import annotations

from typing import NamedTuple

from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue
from dreamer.batch.rows import LISTED, queued_of


class Threads(NamedTuple):
    """How many threads jobs compute with: the fewest that one does, and the most."""

    fewest: int
    most: int


def threads_ahead(queue: Queue) -> Threads:
    """Those of jobs that wait or run; 1 if none does."""
    sql = "SELECT min(threads), max(threads) FROM jobs WHERE state IN ('waiting', 'running')"
    fewest, most = queue.rows(sql)[0]
    return Threads(int(fewest or 1), int(most or 1))


def tried_later(queue: Queue) -> tuple[int, float]:
    """How many jobs wait to be tried again later, and for how many seconds the first of them
    still does.
    """
    now = queue.clock()
    sql = "SELECT count(*), min(not_before) FROM jobs WHERE state = 'waiting' AND not_before > ?"
    many, first = queue.rows(sql, now)[0]
    return int(many), first - now if many else 0.0


def last_failures(queue: Queue, most: int) -> list[Queued]:
    """The last that failed or were quarantined, newest first, without their recipes."""
    found: list[Queued] = []
    for state in ("failed", "quarantined"):
        sql = f"SELECT {LISTED} FROM jobs WHERE state = ? ORDER BY ended DESC LIMIT ?"
        found += [queued_of(row) for row in queue.rows(sql, state, most)]
    return sorted(found, key=lambda one: one.ended or 0.0, reverse=True)[:most]


def times_taken(queue: Queue, most: int) -> list[tuple[float | None, float]]:
    """Of the last jobs that were done the cost and the seconds that their runs took, shared
    among those that ran together.
    """
    sql = (
        "SELECT cost, (runs.ended - runs.started) / runs.together FROM runs "
        "JOIN jobs ON jobs.number = runs.job WHERE exit = 'done' "
        "ORDER BY runs.ended DESC LIMIT ?"
    )
    return [(row[0], max(0.0, row[1])) for row in queue.rows(sql, most)]


def work_ahead(queue: Queue) -> tuple[int, float | None]:
    """How many jobs wait, and their cost; None where one does not say it."""
    sql = "SELECT count(*), sum(cost), count(cost) FROM jobs WHERE state = 'waiting'"
    many, cost, known = queue.rows(sql)[0]
    return int(many), float(cost or 0.0) if known == many else None
