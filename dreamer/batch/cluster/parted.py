"""A job that several places make at once: its parts are given out one by one, and when all are
made the job is done as any other, and finds them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from dreamer.batch.claims import Member, Report
from dreamer.batch.cluster.errand import Came, Errand, Far
from dreamer.batch.parts import Part
from dreamer.batch.rules import Ending


@dataclass
class Parted:
    """The job of `errand`, which is `owner`'s in the queue until `leave` is left, with the parts
    that nobody makes yet. Of so many pictures (`of`) those that are `made` are in no part of these;
    it has come so `far`, and is told to be no less far later. `makers` are the places that had
    parts of it; `ended` is what came of all of it.
    """

    errand: Errand
    owner: Member
    leave: ExitStack
    todo: list[Part]
    under_way: dict[str, Part | None] = field(default_factory=dict)
    made: int = 0
    of: int = 0
    far: float = 0.0
    whole: bool = False
    makers: set[int] = field(default_factory=set)
    ended: Came | None = None
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        left = sum(part.last - part.first + 1 for part in self.todo)
        self.of = max([left, *(part.of for part in self.todo)])
        self.made = self.of - left

    def next(self, place: int) -> Errand | None:
        """What `place` can do for it now: a part, or when all are made the rest."""
        if self.ended is not None or self.whole or (not self.todo and self.under_way):
            return None
        part = self.todo.pop(0) if self.todo else None
        self.whole = part is None
        key = f"{self.errand.key}-{secrets.token_hex(4)}"
        self.under_way[key] = part
        if part is not None:
            self.makers.add(place)
        return replace(self.errand, key=key, part=part, most=1)

    def wants(self) -> int:
        """How many places it could have more."""
        return 0 if self.ended is not None else len(self.todo) or int(not self.under_way)

    def end(self, ending: Ending) -> None:
        """Give no part of it out any more."""
        if self.ended is None:
            self.ended = Came(ending)
        self.todo.clear()

    def take(self, key: str, came: Came) -> None:
        """What came of an errand for it."""
        part = self.under_way.pop(key)
        if part is None:
            self.ended = came
        elif came.ending.exit != "done":
            self.end(came.ending)
        else:
            self.made += part.last - part.first + 1

    @property
    def over(self) -> bool:
        """Whether nobody makes any of it, and nobody will."""
        return self.ended is not None and not self.under_way

    def report(self, heard: Mapping[str, tuple[str, Sequence[Far]]]) -> Report:
        """How far it is, by what was heard of its errands."""
        queued = self.errand.lot[0]
        fars = {key: heard[key][1][0] for key in self.under_way if heard.get(key, ("", ()))[1]}
        if self.whole:
            last = next(iter(fars.values()), Far())
            self.far = max(self.far, last.done)
            return Report(queued, self.far, self.of, last.said)
        self.far = max(self.far, self.made + sum(far.done for far in fars.values()))
        said = f"{int(self.far)} of {self.of}"
        if self.under_way:
            said += f" {in_places(len(self.under_way))}"
        return Report(queued, self.far, self.of, said)


def in_places(count: int) -> str:
    """In so many, in words."""
    return "in 1 place" if count == 1 else f"in {count} places"


def stopping(parted: Parted, stop: Callable[[str], None]) -> None:
    """Have all that is made of it stop at its next good moment."""
    for key in parted.under_way:
        stop(key)
