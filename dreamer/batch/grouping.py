"""Which jobs are rendered together: a rule, so that the same recipes added to an empty queue of the
same machine have the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from dreamer.batch.job import Job

TOGETHER = 8  # where nothing was measured (docs/grouping.md)
MOST_TOGETHER = 64  # whoever says how many


class Place(NamedTuple):
    """Number `row` of the `rows` members of a group."""

    group: int
    row: int
    rows: int


def cut(
    alike: Sequence[tuple[Hashable, int]], together: int = TOGETHER, places: int = 1
) -> list[Place | None]:
    """The place of each still in a group; None of what is rendered by itself.

    Args:
        alike: of each what it shares with those it may be rendered with (None: it may not), and
            how many such ones may be.
        together: the most of them in one group.
        places: how many workers there are: none is idle because others have large groups.
    """
    found: list[Place | None] = [None] * len(alike)
    lists: dict[Hashable, list[int]] = {}
    for number, (likeness, _) in enumerate(alike):
        if likeness is not None:
            lists.setdefault(likeness, []).append(number)
    names = count()
    for members in lists.values():
        most = max(1, min(together, *(alike[number][1] for number in members)))
        groups = max(-(-len(members) // most), min(places, len(members)))
        for k in range(groups):
            part = members[k * len(members) // groups : (k + 1) * len(members) // groups]
            group = next(names)
            for row, number in enumerate(part if len(part) > 1 else ()):
                found[number] = Place(group, row, len(part))
    return found


def grouped(jobs: Sequence[Job], together: int = TOGETHER, places: int = 1) -> list[Job]:
    """`jobs`, each with its place in a group of at most `together`, if it has one: those that begin
    in one folder, with as many threads, on one kind of device.
    """
    alike = [
        (job.likeness and (job.likeness, job.base, job.threads, job.device), job.most)
        for job in jobs
    ]
    found = cut(alike, together, places)
    members: dict[int, list[str]] = {}
    for job, place in zip(jobs, found, strict=True):
        if place is not None:
            members.setdefault(place.group, []).append(job.id)
    names = {group: _name(ids) for group, ids in members.items()}
    return [
        job
        if place is None
        else replace(job, group=names[place.group], row=place.row, rows=place.rows)
        for job, place in zip(jobs, found, strict=True)
    ]


def _name(ids: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(ids)).encode()).hexdigest()[:16]
