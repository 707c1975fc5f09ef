"""Places of a cluster that wait for each other, so that several make a job, however fast one is."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dreamer.engine.part_rooms import PARTS
from recipes import batch, worker_of

PATIENCE = 60.0  # seconds


class Holding:
    """Holds the place that makes the first part of a job until another makes one too, however fast
    the first is and slow the others are to come. It is called again and again, and looks for parts
    in `root`.
    """

    def __init__(self, folder: Path, name: str, root: Path) -> None:
        self._folder, self._name, self._root = folder, name, root
        self._kind = name.split("-")[0]
        self._held, self._known, self._since = 0, set[str](), 0.0

    def __call__(self) -> None:
        parts = self._parts()
        if not self._known and parts:
            self._held, self._known = worker_of(self._folder, self._name), parts
            self._since = time.monotonic()
            os.kill(self._held, signal.SIGSTOP)
        elif self._held and (parts - self._known or time.monotonic() - self._since > PATIENCE):
            self.let_go()

    def _parts(self) -> set[str]:
        """Parts of the job that lie anywhere, by name."""
        found = set[str]()
        for room, names, _ in os.walk(self._root):
            if Path(room).name == PARTS and Path(room).parent.name.startswith(self._kind):
                found |= {name for name in names if "." not in name}  # which come, or are gone
        return found

    def let_go(self) -> None:
        if self._held:
            os.kill(self._held, signal.SIGCONT)
            self._held = 0


@contextmanager
def holding(folder: Path, root: Path) -> Iterator[Callable[[], None]]:
    """As the film and the atlas are made by several places: what is to be called now and then."""
    both = [Holding(folder, name, root) for name in ("film", "atlas-of-house")]

    def tick() -> None:
        for one in both:
            one()

    try:
        yield tick
    finally:
        for one in both:
            one.let_go()


def makers(folder: Path, name: str) -> set[str]:
    """The processes that made parts of a job, by its log."""
    return {*re.findall(r", by process (\d+) on", batch(folder, "logs", name))}
