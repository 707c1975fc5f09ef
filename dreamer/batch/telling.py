"""A thread that says that a worker is alive and how far its jobs are, and learns whether somebody
wants them to stop.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dreamer.batch.claims import Member, Report, note
from dreamer.batch.job import Queued
from dreamer.batch.members import SILENCE
from dreamer.batch.queue import Queue
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told
from dreamer.errors import DreamerError
from dreamer.progress import words

BEAT = 1.0  # seconds between two looks at the queue
LOOK = 0.1  # and between two at what else may stop a job


class Telling(threading.Thread):
    """Says how far the jobs of `me` are while they run, and asks one of their `stops` when somebody
    wants it to end: the worker was told to stop (`asked`), its runner is `gone`, the job was
    cancelled or is another's by now, or the queue could not be reached for so long that it may be.
    `told` is how far each is, in `what`.
    """

    def __init__(
        self, path: Path, me: Member, lot: Sequence[Queued], asked: Stop, gone: threading.Event
    ) -> None:
        super().__init__(daemon=True, name="telling")
        self.stops = [Stop() for _ in lot]
        self._path, self._me, self._lot = path, me, lot
        self._asked, self._gone, self._over = asked, gone, threading.Event()
        self._heard = time.monotonic()
        self._beating = threading.Thread(target=self._beat, daemon=True, name="beating")
        self.told: list[Told | None] = [None for _ in lot]
        self.what = {"collage": "row"}.get(lot[0].job.kind, "frame")

    def run(self) -> None:
        # A queue that is out of reach keeps whoever asks it, for good on some networks.
        self._beating.start()
        while not self._over.wait(LOOK):
            silent = time.monotonic() - self._heard > SILENCE / 2
            if self._asked or self._gone.is_set() or silent:
                for stop in self.stops:
                    ask(stop, self._asked.signal or signal.SIGTERM)

    def _beat(self) -> None:
        while not self._over.is_set():
            with suppress(DreamerError, OSError):  # the next beat tries again
                self.tell()
                self._heard = time.monotonic()
            self._over.wait(BEAT)

    def tell(self) -> None:
        """Say it now."""
        told = zip(self._lot, self.told, strict=True)
        reports = [Report(queued, *far(one, self.what)) for queued, one in told]
        with Queue(self._path) as queue:
            found = note(queue, self._me, *reports)
        for stop, asked in zip(self.stops, found, strict=True):
            if asked.cancel or not asked.mine:
                ask(stop, signal.SIGTERM)

    def over(self) -> None:
        """The jobs have ended."""
        self._over.set()
        self.join()
        self._beating.join(BEAT)


def far(told: Told | None, what: str) -> tuple[float, int | None, str]:
    """How far a job is of which that was `told`: of so many pieces, and in words."""
    if told is None:
        return 0.0, None, ""
    part = 0.0 if told.within is None else told.within.part
    return told.done + part, told.of, words(told, what)


def ask(stop: Stop, number: int) -> None:
    """Ask `stop`, unless somebody has."""
    if not stop:
        stop.ask(number)
