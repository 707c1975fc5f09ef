"""Claims of jobs that are in no group."""

from __future__ import annotations

from dreamer.batch.claims import ALL, Asked, Member, Report, Shard, claim, note
from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue


def one(queue: Queue, me: Member, shard: Shard = ALL, cores: int | None = None) -> Queued | None:
    """The next job, or None."""
    lot = claim(queue, me, shard, cores)
    assert len(lot) < 2
    return lot[0] if lot else None


def told(queue: Queue, me: Member, queued: Queued, done: float, of: int | None, said: str) -> Asked:
    """What `me` learns when it says how far its job is."""
    (asked,) = note(queue, me, Report(queued, done, of, said))
    return asked
