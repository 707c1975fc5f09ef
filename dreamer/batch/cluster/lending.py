"""Places that something else provides, and what each of them does."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from dreamer.batch.claims import Member, Report
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Came, Errand, Far, Who, fars
from dreamer.batch.cluster.parted import Parted

Heard = Mapping[str, tuple[str, Sequence[Far]]]  # what `Desk.heard` tells
NOTHING: Heard = {}  # nobody was listened to


class Cluster(Protocol):
    """What provides places: each is a number. `desk` is asked as if it were here."""

    device: str
    desk: Desk

    def room(self) -> int:
        """How many places there may be now."""

    def open(self) -> int:
        """Ask for one more place."""

    def opened(self) -> list[tuple[int, Who | Exception]]:
        """Those that are there since this was last asked, or cannot be had."""

    def give(self, place: int, errand: Errand) -> None:
        """Have a place do an errand."""

    def came(self, seconds: float) -> list[tuple[int, list[Came] | Exception]]:
        """Errands that ended, waited for so long."""

    def gone(self, places: Collection[int]) -> set[int]:
        """Those of `places` whose nodes are lost."""

    def close(self, place: int) -> None:
        """Let go of a place."""


@dataclass
class Task:
    """What a place does: an errand, whose jobs are `owner`'s in the queue; maybe for a job that is
    spread.
    """

    errand: Errand
    owner: Member
    parted: Parted | None = None
    began: float = field(default_factory=time.monotonic)
    stopping: set[int] = field(default_factory=set)


@dataclass
class Lent:
    """A place that is there: who it is in the queue, and what it does."""

    who: Who
    me: Member
    leave: ExitStack
    task: Task | None = None


def reports(errand: Errand, heard: Heard) -> list[Report]:
    """How far the jobs of an errand are, by what was heard of it."""
    told = heard.get(errand.key, ("", ()))[1] or fars(len(errand.lot))
    return [Report(queued, *one) for queued, one in zip(errand.lot, told, strict=True)]
