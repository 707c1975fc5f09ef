"""What goes between the driver of a queue and the places far from it where jobs are done: values
that can be sent, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dreamer.batch.job import Job, Queued
from dreamer.batch.parts import LEAST, Part, begin, parts_of
from dreamer.batch.rules import Ending


@dataclass(frozen=True)
class Errand:
    """A lot that one place is to do.

    `tokens` say by a folder of the driver what is in the file of that name beside it (`token`): who
    finds that there sees the driver's storage. `log` is where the driver keeps what is said.

    Of a job that is spread only a `part`; where `most` is more than one, a job that can be is only
    begun, and cut into about so many parts of at least so many megapixel-steps (`least`).
    """

    key: str
    lot: tuple[Queued, ...]
    log: str
    tokens: Mapping[str, str] = field(default_factory=dict)
    part: Part | None = None
    most: int = 1
    least: float = LEAST


@dataclass(frozen=True)
class Came:
    """What came of one job of an errand: how it ended, the SHA-256 of each product by its name, and
    whether its folder was begun on cuda, which it keeps to. One that was only begun has `parts`.
    """

    ending: Ending
    files: Mapping[str, str] | None = None
    device: str | None = None
    parts: tuple[Part, ...] = ()


class Who(NamedTuple):
    """A place: on which host and node it is, in which process, with which dreamer and torch, on
    what it computes.
    """

    host: str
    node: str
    pid: int
    dreamer: str
    torch: str
    device: str

    def refuses(self, here: Who) -> str:
        """Why a driver that is `here` may not use it: bytes depend on both; nothing if it may."""
        if (self.dreamer, self.torch) == (here.dreamer, here.torch):
            return ""
        return (
            f"the node {self.host} has dreamer {self.dreamer} with torch {self.torch}, and this "
            f"machine dreamer {here.dreamer} with torch {here.torch}; install the same on both, "
            "for what they make would differ"
        )


class Far(NamedTuple):
    """How far a job of an errand is: of so many pieces, and in words."""

    done: float = 0.0
    of: int | None = None
    said: str = ""


def fars(count: int) -> Sequence[Far]:
    """Of so many jobs that have not come anywhere."""
    return [Far()] * count


def begun_parts(job: Job, errand: Errand, execution: Mapping[str, Any] | None = None) -> list[Part]:
    """The parts of a job that is to be spread, which is begun here, computed as `execution` says
    where that is given; none if it has no parts, or what is left of it is one.
    """
    if len(parts_of(job, errand.most, errand.least)) < 2:
        return []
    begin(job, execution)
    found = parts_of(job, errand.most, errand.least)
    return found if len(found) > 1 else []
