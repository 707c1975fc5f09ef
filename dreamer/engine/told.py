"""What jobs that take long say of how far they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Told(NamedTuple):
    """What a watcher is told: frames durable so far, frames in all (None: endless), seconds
    spent.
    """

    done: int
    of: int | None
    seconds: float
    rendered: int


Watcher = Callable[[Told], None]
