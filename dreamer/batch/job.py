"""What a queue holds, as values: jobs, how far each is, and who works. No SQL, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

Kind = Literal["render", "collage", "compile", "atlas"]
State = Literal["waiting", "running", "done", "failed", "quarantined", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
SHOWN_ID = 8  # letters of an id that are shown: enough for millions of jobs


@dataclass(frozen=True)
class Job:
    """One thing to be made, with all that decides its bytes.

    `recipe` is its resolved text: nothing of the file it was written in is needed any more, and
    files are named by whole paths. Relative folders are of `base`. `identity` is what it is made
    of, by hashes, as provenance.json has it but where a collage inside is to be made first, and
    `inputs` its files by theirs. `threads` and `device` (auto, cpu, cuda) are
    fixed when it is added, and so is its place in a `group` of stills that are rendered together:
    number `row` of `rows`. `cost` counts megapixel-steps; stills of one `likeness` may be grouped,
    `most` of them at once; `sweep` and `coordinates` go into its provenance.
    """

    id: str
    kind: Kind
    name: str
    recipe: str
    base: Path
    out: Path
    identity: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    threads: int = 1
    device: str = "auto"
    cost: float | None = None
    likeness: str | None = None
    most: int = 1
    group: str | None = None
    row: int = 0
    rows: int = 1
    sweep: Mapping[str, Any] | None = None
    coordinates: Mapping[str, Any] | None = None

    @property
    def shown(self) -> str:
        """The beginning of its id, as people see it."""
        return self.id[:SHOWN_ID]

    @property
    def origin(self) -> dict[str, Any]:
        """What its folder's provenance says of where it comes from."""
        said: dict[str, Any] = {"job": self.id}
        if self.sweep is not None:
            said["sweep"] = {**self.sweep, "coordinates": dict(self.coordinates or {})}
        return said


@dataclass(frozen=True)
class Done:
    """What came of a job: its folder, and the SHA-256 of each product by its name there."""

    folder: Path
    files: Mapping[str, str]


@dataclass(frozen=True)
class Queued:
    """A job as it stands in the queue. Times are seconds since 1970 by the clock of who wrote them;
    `tries` counts runs that ended for want of memory, `crashes` workers that it cost, the last
    when `crashed_at` pieces of it were done; `alone` keeps others from running beside it. A `lot`
    is what a worker takes at once: a job, or those of a group; `together` ran so, and at most
    `company` may (0: all).
    """

    job: Job
    number: int
    lot: int
    priority: int
    state: State
    tries: int = 0
    crashes: int = 0
    crashed_at: int = 0
    alone: bool = False
    together: int = 1
    company: int = 0
    not_before: float = 0.0
    reason: str = ""
    cancel: bool = False
    worker: str | None = None
    run: int = 0
    done: float = 0.0
    of: int | None = None
    said: str = ""
    made: Mapping[str, str] | None = None
    added: float = 0.0
    started: float | None = None
    ended: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, without the recipe's text."""
        job = self.job
        return {
            "id": job.id,
            "number": self.number,
            "kind": job.kind,
            "name": job.name,
            "out": str(job.out),
            "state": self.state,
            "priority": self.priority,
            "tries": self.tries,
            "crashes": self.crashes,
            "reason": self.reason,
            "not_before": self.not_before or None,
            "progress": self.said if self.state == "running" else "",
            "files": None if self.made is None else dict(self.made),
            "threads": job.threads,
            "device": job.device,
            "cost": job.cost,
            "group": None if job.group is None else [job.group, job.row, job.rows],
            "sweep": None if job.sweep is None else dict(job.sweep),
            "coordinates": None if job.coordinates is None else dict(job.coordinates),
            "added": self.added,
            "started": self.started,
            "ended": self.ended,
        }


@dataclass(frozen=True)
class Run:
    """One attempt at a job: who made it, when, and how it ended (`exit`, `reason`), with its log;
    `ended` is None while it goes on.
    """

    number: int
    worker: str
    pid: int
    host: str
    started: float
    ended: float | None
    exit: str
    reason: str
    log: Path
