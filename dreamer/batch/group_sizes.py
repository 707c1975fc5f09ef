"""How many stills of a queue make a group: what is best on this machine, decided when they are
added and kept with them, so that their bytes do not depend on when they are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dreamer.batch.grouping import TOGETHER
from dreamer.batch.job import Job
from dreamer.engine.best_size import BestSize, best_for_stills
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.errors import DreamerError
from dreamer.recipe.parse import recipe_from_text

Kind = tuple[str, int]  # likeness, and threads


@dataclass(frozen=True)
class Alone:
    """A render without a place in a group yet, `most` of which fit into a pass; `likeness` is None
    of what is rendered by itself.
    """

    likeness: str | None
    threads: int
    most: int
    ready: Callable[[], Ready]

    @property
    def kind(self) -> Kind | None:
        """What those share that are tried together."""
        return None if self.likeness is None else (self.likeness, self.threads)


def best_of(alone: Sequence[Alone]) -> tuple[list[int], dict[Kind, BestSize]]:
    """How many each of `alone` may be rendered together with, and what is known of each kind that
    there are two of.
    """
    alike: dict[Kind, list[Alone]] = {}
    for one in alone:
        if one.kind is not None:
            alike.setdefault(one.kind, []).append(one)
    found = {
        kind: best
        for kind, same in alike.items()
        if len(same) > 1 and (best := _best(same[0], len(same))) is not None
    }
    sizes = {kind: found[kind].size if kind in found else TOGETHER for kind in alike}
    return [
        one.most if one.kind is None else min(one.most, sizes[one.kind]) for one in alone
    ], found


def sized(jobs: Sequence[Job]) -> tuple[list[Job], tuple[str, ...]]:
    """`jobs`, which are new, of whose stills no more than is best may be rendered together; and
    what to tell.
    """
    alone = [Alone(job.likeness, job.threads, job.most, _opening(job)) for job in jobs]
    most, found = best_of(alone)
    notes = [
        _told([job for job, one in zip(jobs, alone, strict=True) if one.kind == kind], best)
        for kind, best in found.items()
    ]
    changed = [replace(job, most=many) for job, many in zip(jobs, most, strict=True)]
    return changed, tuple(notes)


def _best(one: Alone, count: int) -> BestSize | None:
    try:
        ready = one.ready()
    except (DreamerError, OSError) as error:  # a file that went since; its job will say so
        return BestSize(min(TOGETHER, one.most), failed=str(error).strip().splitlines()[0])
    return best_for_stills(ready, one.threads, count, one.most, TOGETHER)


def _told(same: Sequence[Job], found: BestSize) -> str:
    named = same[0].name if len({job.name for job in same}) == 1 else f"{same[0].name} …"
    how = "each by itself" if found.size == 1 else f"{found.size} at a time"
    return f"{len(same)} stills ({named}): {how}, {found.as_text()}"


def _opening(job: Job) -> Callable[[], Ready]:
    return lambda: checked(recipe_from_text(job.recipe, job.base, f"{job.name}.yaml"))
