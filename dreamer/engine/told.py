"""What jobs that take long say of how far they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Within(NamedTuple):
    """Where in a frame its ascent is: in which octave of how many, at which step of that octave's,
    both from 1.
    """

    octave: int
    octaves: int
    step: int
    steps: int

    @property
    def part(self) -> float:
        """How much of the frame is done, from 0 to 1, taking octaves for equally long."""
        return (self.octave - 1 + (self.step - 1) / self.steps) / self.octaves


class Told(NamedTuple):
    """What a watcher is told: frames durable so far, frames in all (None: endless), seconds
    spent, frames made in these; until the first of them is there, where `within` it the ascent is;
    and `what` is counted, where that is not always one thing.
    """

    done: int
    of: int | None
    seconds: float
    rendered: int
    within: Within | None = None
    what: str | None = None


Watcher = Callable[[Told], None]
