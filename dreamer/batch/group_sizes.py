"""How many stills of a queue make a group: what is best on this machine, decided when they are
added and kept with them, so that their bytes do not depend on when they are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dreamer.batch.grouping import TOGETHER
from dreamer.batch.job import Job
from dreamer.engine.best_size import BestSize, best_for_stills
from dreamer.engine.preparing import checked
from dreamer.engine.run import Ready
from dreamer.recipe.parse import recipe_from_text


def sized(jobs: Sequence[Job]) -> tuple[list[Job], tuple[str, ...]]:
    """`jobs`, which are new, of whose stills no more than is best may be rendered together; and
    what to tell.
    """
    alike: dict[tuple[str, int], list[Job]] = {}
    for job in jobs:
        if job.likeness is not None:
            alike.setdefault((job.likeness, job.threads), []).append(job)
    sizes: dict[tuple[str, int], int] = {}
    notes = []
    for key, same in alike.items():
        found = _best(same)
        sizes[key] = TOGETHER if found is None else found.size
        if found is not None:
            notes.append(_told(same, found))
    changed = [
        job
        if job.likeness is None
        else replace(job, most=min(job.most, sizes[job.likeness, job.threads]))
        for job in jobs
    ]
    return changed, tuple(notes)


def _best(same: Sequence[Job]) -> BestSize | None:
    first = same[0]
    if len(same) < 2:
        return None
    return best_for_stills(_ready(first), first.threads, len(same), first.most, TOGETHER)


def _told(same: Sequence[Job], found: BestSize) -> str:
    named = same[0].name if len({job.name for job in same}) == 1 else f"{same[0].name} …"
    how = "each by itself" if found.size == 1 else f"{found.size} at a time"
    return f"{len(same)} stills ({named}): {how}, {found.as_text()}"


def _ready(job: Job) -> Ready:
    return checked(recipe_from_text(job.recipe, job.base, f"{job.name}.yaml"))
