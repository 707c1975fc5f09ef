"""Jobs of a queue listed, and what a person does to them: pause, cancel, retry, begin sooner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from dreamer.batch.choosing import LIVING, SHOWN, cancelled, chosen, moved, tried_again
from dreamer.batch.job import Queued, State
from dreamer.batch.queue import Queue
from dreamer.errors import UsageError, did_you_mean


@dataclass(frozen=True)
class Listed:
    """Jobs; `text` says what was done, where something was."""

    jobs: tuple[Queued, ...]
    text: str | None = None

    def as_json(self) -> list[dict[str, Any]]:
        """Plain values."""
        return [one.as_json() for one in self.jobs]

    def as_text(self) -> str:
        """A line a job."""
        if self.text is not None:
            return self.text
        return "\n".join(_line(one) for one in self.jobs) or "no jobs"


def _line(queued: Queued) -> str:
    job = queued.job
    first = f"{queued.priority:+d} " if queued.priority else ""
    where = str(job.out) if queued.state == "done" else _why(queued)
    return f"{job.shown}  {queued.state:<11} {first}{job.name}  {where}".rstrip()


def _why(queued: Queued) -> str:
    if queued.state == "running":
        return queued.said
    return next(iter(queued.reason.splitlines()), "")


def list_jobs(path: Path, states: Sequence[str] = (), jobs: Sequence[str] = ()) -> Listed:
    """The jobs of the queue at `path` that are in one of `states`; all if none is said, and of
    those that `jobs` name if any are.

    Raises:
        UsageError: no such state.
        QueueError: no such job or sweep.
    """
    wanted = _states(states, get_args(State))
    with Queue(path) as queue:
        if not jobs:
            return Listed(tuple(queue.jobs(wanted)))
        found = chosen(queue, jobs)
        return Listed(tuple(one for one in found if not wanted or one.state in wanted))


def _states(said: Sequence[str], known: Sequence[State]) -> list[State]:
    for state in said:
        if state not in known:
            near = did_you_mean(state, known)
            raise UsageError(f"--state: expected one of {', '.join(known)}, not {state}{near}")
    return [state for state in known if state in said]


@dataclass(frozen=True)
class Paused:
    """Whether a queue is paused, and how many jobs wait and run."""

    paused: str | None
    waiting: int
    running: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def as_text(self) -> str:
        """In a line."""
        if self.paused is None:
            return f"{self.waiting} wait; `dreamer batch run` begins them"
        more = f"; {self.running} that run will end" if self.running else ""
        return f"paused: nothing new is begun{more}"


def paused(path: Path, now: bool) -> Paused:
    """Pause the queue at `path`, or let jobs be begun again."""
    with Queue(path) as queue:
        if now:
            queue.pause()
        else:
            queue.resume()
        counts = queue.counts()
        return Paused(queue.paused, counts.get("waiting", 0), counts.get("running", 0))


def retry(path: Path, jobs: Sequence[str] = ()) -> Listed:
    """Let `jobs` of the queue at `path` wait again, or all that failed or was quarantined.

    Raises:
        QueueError: one that has not ended so.
    """
    with Queue(path) as queue:
        found = tried_again(queue, jobs)
    return Listed(tuple(found), f"{len(found)} {_waits(found)} again")


def cancel(path: Path, jobs: Sequence[str] = (), states: Sequence[str] = ()) -> Listed:
    """Cancel `jobs` of the queue at `path`, or all that wait or run: of them those in one of
    `states`, if any are said.

    Raises:
        UsageError: neither jobs nor states are said, or another state.
        QueueError: one that has ended.
    """
    wanted = _states(states, LIVING)
    if not jobs and not wanted:
        raise UsageError("expected which: IDs, a sweep's name, --state waiting, or --all")
    with Queue(path) as queue:
        found = cancelled(queue, jobs, wanted)
    stop = [one for one in found if one.state == "running"]
    if len(found) > SHOWN or not found:
        more = f"; {len(stop)} stop at their next good moment" if stop else ""
        return Listed(tuple(found), f"{len(found) - len(stop)} cancelled{more}")
    words = [
        f"{one.job.shown} {one.job.name}: "
        + ("stops at its next good moment" if one.state == "running" else "cancelled")
        for one in found
    ]
    return Listed(tuple(found), "\n".join(words))


def prioritised(path: Path, priority: int, jobs: Sequence[str]) -> Listed:
    """Give `jobs` of the queue at `path` another priority.

    Raises:
        QueueError: one that has ended.
    """
    with Queue(path) as queue:
        found = moved(queue, jobs, priority)
    have = "has" if len(found) == 1 else "have"
    return Listed(tuple(found), f"{len(found)} {have} priority {priority}")


def _waits(found: Sequence[Queued]) -> str:
    return "waits" if len(found) == 1 else "wait"
