"""How a queue stands: what runs and how fast, what is left and for how long, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.batch.job import STATES, Queued
from dreamer.batch.members import Watch, workers_of
from dreamer.batch.outlook import last_failures, times_taken, tried_later, work_ahead
from dreamer.batch.queue import Queue

MEASURED = 100  # runs that the time left is reckoned from
FAILURES = 8


@dataclass(frozen=True)
class Running:
    """A job that is being done: for how many seconds, on which host, and whether its worker is
    alive.
    """

    queued: Queued
    seconds: float
    host: str
    device: str
    alive: bool

    @property
    def part(self) -> float | None:
        """How much of it is done, 0 to 1; None where that is not known yet."""
        of = self.queued.of
        return min(1.0, self.queued.done / of) if of else None


@dataclass(frozen=True)
class Status:
    """A queue at a moment. `seconds_left` is reckoned from what was done so far (None: nothing
    was, or nobody works); `put_off` waiting jobs are not tried again before some time, the first of
    them in `soonest` seconds.
    """

    path: Path
    counts: dict[str, int]
    paused: str | None
    workers: int
    running: tuple[Running, ...]
    failures: tuple[Queued, ...]
    seconds_left: float | None
    put_off: int
    soonest: float

    @property
    def total(self) -> int:
        """All jobs."""
        return sum(self.counts.values())

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return not self.counts.get("waiting") and not self.counts.get("running")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "queue": str(self.path),
            "jobs": self.total,
            "counts": {state: self.counts.get(state, 0) for state in STATES},
            "paused": self.paused,
            "workers": self.workers,
            "seconds_left": None if self.seconds_left is None else round(self.seconds_left, 1),
            "put_off": self.put_off,
            "running": [
                one.queued.as_json()
                | {"seconds": round(one.seconds, 1), "host": one.host, "alive": one.alive}
                for one in self.running
            ],
            "failures": [one.as_json() for one in self.failures],
        }

    def as_text(self) -> str:
        """As lines."""
        counted = [f"{self.counts[s]} {s}" for s in STATES if self.counts.get(s)]
        lines = [f"{self.path}: {', '.join(counted) or 'no jobs'}"]
        lines += self.notes()
        for one in self.running:
            said = one.queued.said or "beginning"
            gone = "" if one.alive else "; its worker is gone, and it will be tried again"
            lines.append(
                f"  {one.queued.job.shown} {one.queued.job.name}: {said}, {duration(one.seconds)}"
                f" on {one.host}{gone}"
            )
        for failed in self.failures:
            job = failed.job
            lines.append(f"  {job.shown} {job.name}: {failed.state}: {failed.reason}")
        return "\n".join(lines)

    def notes(self) -> list[str]:
        """What else there is to say, in lines."""
        lines = []
        if self.paused is not None:
            lines.append(f"paused: {self.paused}; `dreamer batch resume` goes on")
        if self.seconds_left is not None and not self.idle:
            many = "1 worker" if self.workers == 1 else f"{self.workers} workers"
            lines.append(f"about {duration(self.seconds_left)} left with {many}")
        elif not self.workers and self.counts.get("waiting"):
            lines.append("nobody works; `dreamer batch run` does")
        if self.put_off:
            soon = duration(self.soonest)
            many = "1 is" if self.put_off == 1 else f"{self.put_off} are"
            first = "for" if self.put_off == 1 else "the first for"
            lines.append(f"{many} put off after a failure, {first} {soon}")
        return lines


def duration(seconds: float) -> str:
    """`3.2 s`, `4 min 10 s`, `2 h 5 min`."""
    seconds = max(0.0, seconds)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def status_of(queue: Queue, watch: Watch | None = None) -> Status:
    """How `queue` stands now."""
    watch, now = watch or Watch(), queue.clock()
    members = {row["id"]: row for row in workers_of(queue)}
    alive = {name for name, row in members.items() if watch.alive(row)}
    running = []
    for queued in queue.jobs(("running",)):
        row = members.get(queued.worker or "", {"host": "?", "device": "?"})
        spent = max(0.0, now - (queued.started or now))
        here = queued.worker in alive
        running.append(Running(queued, spent, row["host"], row["device"], here))
    put_off, soonest = tried_later(queue)
    return Status(
        path=queue.path,
        counts=queue.counts(),
        paused=queue.paused,
        workers=len(alive),
        running=tuple(running),
        failures=tuple(last_failures(queue, FAILURES)),
        seconds_left=_seconds_left(queue, running, len(alive)),
        put_off=put_off,
        soonest=soonest,
    )


def _seconds_left(queue: Queue, running: Sequence[Running], workers: int) -> float | None:
    """What is left by what was done: megapixel-steps where all say how many, else jobs."""
    done, (many, cost) = times_taken(queue, MEASURED), work_ahead(queue)
    took = sum(seconds for _, seconds in done)
    if not workers or not took:
        return None
    costs = [one for one, _ in done] + [one.queued.job.cost for one in running]
    by_cost = cost is not None and all(costs)
    spent = sum(one or 0.0 for one, _ in done) if by_cost else float(len(done))
    ahead = (cost or 0.0) if by_cost else float(many)
    for one in running:
        whole = (one.queued.job.cost or 0.0) if by_cost else 1.0
        ahead += whole * (1 - (one.part or 0.0))
    return ahead / (spent / took) / workers
