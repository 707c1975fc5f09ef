"""Which jobs a person means: one by its id, name or folder, or a sweep by its name or folder.

Whoever names a sweep means what of it the verb is for; a job that is named by itself and cannot be
meant is an error.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dreamer.batch.job import STATES, Queued, State
from dreamer.batch.queue import ENDED, Queue
from dreamer.batch.queue_file import QueueError
from dreamer.batch.rows import LISTED, queued_of

LIVING: tuple[State, ...] = ("waiting", "running")
SHOWN = 8


def chosen(queue: Queue, words: Sequence[str], states: Sequence[State] = ()) -> list[Queued]:
    """The jobs that `words` mean, each once; of sweeps those that are in one of `states`, if any
    are said.

    Raises:
        QueueError: no such job, several that are no sweep, or nothing of a sweep in these states.
    """
    found: dict[int, Queued] = {}
    for word in words:
        many = of_sweep(queue, word)
        if many is None:
            one = queue.job(word)
            found[one.number] = one
            continue
        fit = [one for one in many if not states or one.state in states]
        if not fit:
            raise QueueError(f"nothing of {word!r} is {' or '.join(states)}: {_counted(many)}")
        found |= {one.number: one for one in fit}
    return [*found.values()]


def one_of_them(queue: Queue, word: str) -> Queued:
    """The one job that `word` means.

    Raises:
        QueueError: none or several, of which it names the first.
    """
    many = of_sweep(queue, word)
    if many is None:
        return queue.job(word)
    if len(many) == 1:
        return many[0]
    first = ", ".join(f"{one.job.name} ({one.state})" for one in many[:SHOWN])
    more = ", …" if len(many) > SHOWN else ""
    how = f"`dreamer batch list {word}` has all"
    raise QueueError(f"{word!r} is a sweep of {len(many)} jobs; name one: {first}{more}; {how}")


def of_sweep(queue: Queue, word: str) -> list[Queued] | None:
    """The jobs of the sweep of that name, or in that folder; None where there is no such sweep.

    Raises:
        QueueError: a job is called so too.
    """
    named = f"SELECT {LISTED} FROM jobs WHERE json_extract(sweep, '$.name') = ? ORDER BY number"
    rows = queue.rows(named, word)
    if rows and queue.rows("SELECT 1 FROM jobs WHERE name = ? LIMIT 1", word):
        home = Path(rows[0]["out"]).parent
        raise QueueError(
            f"{word!r} is a job and a sweep; say the job's id, or the sweep's folder, {home}"
        )
    if not rows and os.sep in word:
        folder = os.path.abspath(word)  # noqa: PTH100 - links stay as they were said
        inside = f"SELECT {LISTED} FROM jobs WHERE sweep IS NOT NULL AND out > ? AND out < ?"
        after = chr(ord(os.sep) + 1)
        found = queue.rows(f"{inside} ORDER BY number", folder + os.sep, folder + after)
        rows = [row for row in found if Path(row["out"]).parent == Path(folder)]
    return [queued_of(row) for row in rows] or None


def _counted(many: Sequence[Queued]) -> str:
    counts = Counter(one.state for one in many)
    return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])


def cancelled(queue: Queue, words: Sequence[str], states: Sequence[State] = ()) -> list[Queued]:
    """Cancel what `words` mean, or else all that is in one of `states`; as `Queue.cancel` does.

    Raises:
        QueueError: one of them has ended, or there is none.
    """
    with queue.writing():
        wanted = states or LIVING
        asked = chosen(queue, words, wanted) if words else queue.jobs(wanted)
        return queue.cancel([one for one in asked if not states or one.state in states])


def tried_again(queue: Queue, words: Sequence[str]) -> list[Queued]:
    """Let what `words` mean wait again, or else all that went wrong; as `Queue.retry` does.

    Raises:
        QueueError: one of them has not ended so, or there is none.
    """
    with queue.writing():
        return queue.retry(chosen(queue, words, ENDED))


def moved(queue: Queue, words: Sequence[str], priority: int) -> list[Queued]:
    """Give what `words` mean another priority, which counts when it is begun.

    Raises:
        QueueError: one of them has ended, or there is none.
    """
    with queue.writing() as connection:
        asked = chosen(queue, words, LIVING)
        for one in asked:
            if one.state not in LIVING:
                raise QueueError(f"{one.job.shown} {one.job.name} is {one.state} already")
            sql = "UPDATE jobs SET priority = ? WHERE number = ?"
            connection.execute(sql, (priority, one.number))
        return asked
