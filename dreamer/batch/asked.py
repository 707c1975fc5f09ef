"""What a person asks of a queue, and the answers, as values that can be read or printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from dreamer.batch.choosing import one_of_them
from dreamer.batch.grouping import MOST_TOGETHER
from dreamer.batch.job import Job, Queued, Run, State
from dreamer.batch.places import places_of
from dreamer.batch.queue import Added, Queue
from dreamer.errors import Problem, RecipeError
from dreamer.recipe.sweep import ParsedSweep

if TYPE_CHECKING:  # which needs torch
    from dreamer.batch.runner import Ran
    from dreamer.engine.atlas_ready import AtlasWords

ADDED = "waits as {id}"


@dataclass(frozen=True)
class Adding:
    """What came of adding: jobs, new or there already, and what was wrong with other recipes."""

    path: Path
    added: tuple[Added, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "queue": str(self.path),
            "jobs": [one.queued.as_json() | {"new": one.new} for one in self.added],
            "problems": [str(problem) for problem in self.problems],
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """A line a job, and how to go on."""
        alone = [one for one in self.added if one.queued.job.sweep is None]
        lines = [f"{one.queued.job.name}: {_told(one)}" for one in alone]
        lines += _of_sweeps(self.added)
        lines += [f"left out: {problem}" for problem in self.problems]
        lines += self.notes
        if any(one.new for one in self.added):
            lines.append("`dreamer batch run` makes them")
        return "\n".join(lines)

    def after(self, ran: Ran) -> Made:
        """The same once the queue was worked on, its jobs as they stand now."""
        with Queue(self.path) as queue:
            now = [Added(queue.job(one.queued.job.id), one.new) for one in self.added]
        return Made(replace(self, added=tuple(now)), ran)


@dataclass(frozen=True)
class Made:
    """What came of adding and then making."""

    adding: Adding
    ran: Ran

    def as_json(self) -> dict[str, Any]:
        """Plain values: how the queue stands, and the jobs with their folders."""
        return self.ran.as_json() | self.adding.as_json()


def _told(added: Added) -> str:
    queued, job = added.queued, added.queued.job
    if added.new:
        return f"waits as {job.shown}, for {job.out}"
    said = {
        "done": f"is done already: {job.out} (--force makes it again beside)",
        "waiting": f"waits already, as {job.shown}",
        "running": f"is being made already, as {job.shown}",
        "failed": f"failed already: {queued.reason}; `dreamer batch retry {job.shown}`",
        "quarantined": f"is quarantined: {queued.reason}; `dreamer batch retry {job.shown}`",
    }
    return said[queued.state]


def _of_sweeps(added: Sequence[Added]) -> Iterator[str]:
    """A line a sweep: how many of it wait, and where those are that were there already."""
    sweeps: dict[str, list[Added]] = {}
    for one in added:
        if (sweep := one.queued.job.sweep) is not None:
            sweeps.setdefault(str(sweep["name"]), []).append(one)
    for name, ones in sweeps.items():
        new = [one.queued.job for one in ones if one.new]
        told = [f"{len(new)} wait, for {new[0].out.parent}"] if new else []
        states = [one.queued.state for one in ones if not one.new]
        told += [f"{states.count(s)} {THERE[s]}" for s in get_args(State) if s in states]
        yield f"{name}: {'; '.join(told)}"


THERE: dict[State, str] = {
    "waiting": "waited already",
    "running": "are being made already",
    "done": "are done already (`dreamer batch list --state done` says where)",
    "failed": "failed already (`dreamer batch retry`)",
    "quarantined": "are quarantined (`dreamer batch retry`)",
}


def add_recipes(
    path: Path,
    recipes: Sequence[Path],
    *,
    priority: int = 0,
    force: bool = False,
    overrides: Sequence[str] = (),
    out: Path | None = None,
    threads: int | None = None,
    together: int | None = None,
    keep_going: bool = False,
    trust: bool = False,
    shared: bool = False,
) -> Adding:
    """Put `recipes` into the queue at `path`, made if need be: all of them or, unless
    `keep_going`, none. Of stills that are alike at most `together` are a group, or as many as are
    best on this machine, which is measured once. Other hosts may use a `shared` queue, whatever
    disk it is on. The others as `adding.jobs_of_files`.

    Raises:
        RecipeError: all that is wrong with all of them.
        QueueError: the queue cannot be had.
    """
    from dreamer.batch.adding import jobs_of_files

    if path.exists():
        Queue(path).close()  # what is no queue is told before recipes are read
    jobs, problems = jobs_of_files(
        recipes, overrides=overrides, out=out, threads=threads, trust=trust
    )
    if problems and not (keep_going and jobs):
        raise RecipeError(problems)
    made, notes = _put_in(path, jobs, together, priority, force, shared)
    return Adding(path, made, tuple(problems), notes)


def _put_in(
    path: Path,
    jobs: Sequence[Job],
    together: int | None,
    priority: int = 0,
    force: bool = False,
    shared: bool = False,
) -> tuple[tuple[Added, ...], tuple[str, ...]]:
    """Put `jobs` in, those that are new in groups, for as many workers as there would be here; and
    what there is to tell of those groups.
    """
    with Queue(path, make=True, shared=shared) as queue:
        places = len(places_of("auto", None, min((job.threads for job in jobs), default=1)))
        notes: tuple[str, ...] = ()
        if together is None:
            jobs, notes = _sized(queue, jobs, force)
        most = MOST_TOGETHER if together is None else together
        return tuple(queue.add(jobs, priority, force, most, places)), notes


def _sized(queue: Queue, jobs: Sequence[Job], force: bool) -> tuple[Sequence[Job], tuple[str, ...]]:
    """`jobs` with as many together as are best, those measured that are not in `queue` yet."""
    new = [job for job in jobs if job.likeness and (force or not queue.has(job.id))]
    if not new:
        return jobs, ()
    from dreamer.batch.group_sizes import sized

    changed, notes = sized(new)
    by_id = {job.id: job for job in changed}
    return [by_id.get(job.id, job) for job in jobs], notes


def add_sweep(
    path: Path,
    sweep: ParsedSweep,
    out: Path | None = None,
    together: int | None = None,
    priority: int = 0,
) -> Adding:
    """Put all of `sweep` into the queue at `path`, made if need be; its folders are made in `out`,
    and of those that are alike at most `together` are a group, or as many as are best on this
    machine, which is measured once. Higher priorities are begun first.

    Raises:
        RecipeError: all that is wrong with all of it.
        QueueError: the queue cannot be had.
    """
    from dreamer.batch.sweeping import jobs_of_sweep

    if path.exists():
        Queue(path).close()
    swept = jobs_of_sweep(sweep, out=out)
    if swept.problems:
        raise RecipeError(swept.problems)
    made, notes = _put_in(path, swept.jobs, together, priority)
    return Adding(path, made, notes=(*swept.notes, *notes))


def add_atlas(path: Path, words: AtlasWords, out: Path | None = None) -> Adding:
    """Put the atlas that `words` ask for into the queue at `path`, made if need be, to be made in
    the folder `out`.

    Raises:
        UsageError: what its network has not, or a folder that holds something else.
        DreamerError: a network that is not here, or a queue that cannot be had.
    """
    from dreamer.batch.adding_atlas import job_of_atlas

    if path.exists():
        Queue(path).close()
    job = job_of_atlas(words, out=out)
    with Queue(path, make=True) as queue:
        return Adding(path, tuple(queue.add([job])))


@dataclass(frozen=True)
class Logs:
    """What a job said in each of its runs."""

    queued: Queued
    runs: tuple[tuple[Run, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return self.queued.as_json() | {
            "runs": [
                {
                    "number": run.number,
                    "worker": run.worker,
                    "pid": run.pid,
                    "host": run.host,
                    "started": run.started,
                    "ended": run.ended,
                    "exit": run.exit or None,
                    "reason": run.reason,
                    "log": str(run.log),
                    "text": text,
                }
                for run, text in self.runs
            ]
        }

    def as_text(self) -> str:
        """Each run's log, its beginning and its end."""
        lines = []
        for run, text in self.runs:
            lines.append(f"run {run.number}, process {run.pid} on {run.host}: {run.log}")
            lines += [f"  {line}" for line in text.splitlines()]
            took = f" after {run.ended - run.started:.1f} s" if run.ended else ""
            why = f": {run.reason}" if run.reason else ""
            lines.append(f"  {run.exit or 'runs still'}{took}{why}")
        job = self.queued.job
        return "\n".join(lines) or f"{job.shown} {job.name} is {self.queued.state}; it never ran"


def logs_of(path: Path, beginning: str) -> Logs:
    """What the job whose id begins so said.

    Raises:
        QueueError: no such job, or several.
    """
    with Queue(path) as queue:
        queued = one_of_them(queue, beginning)
        runs = queue.runs(queued.number)
    return Logs(queued, tuple((run, _text(run.log)) for run in runs))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"the log cannot be read: {error.strerror}"
