"""A worker: one process that does one job after another, its networks kept warm between them.

It is told to stop by a signal, or through the pipe to its runner, which also closes however the
runner ends; a job that runs then stops at its next good moment and waits again in the queue. A
thread says that it is alive and how far its job is, and learns whether somebody cancelled it. Who
cannot say so any more stops too, before others take it for gone and do its job.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from dreamer.batch.claims import (
    ALL,
    Member,
    Report,
    Shard,
    claim,
    end,
    log_of,
    lots_waiting,
    note,
)
from dreamer.batch.job import Done, Job, Queued
from dreamer.batch.members import SILENCE, joined
from dreamer.batch.queue import Queue
from dreamer.batch.rules import BACK_OFF, Ending, judged
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.told import Told
from dreamer.errors import DreamerError
from dreamer.progress import watching, words

BEAT = 1.0  # seconds between two looks at the queue
LOOK = 0.1  # and between two at what else may stop a job
IDLE = 0.5
SOON, NOW = b".", b"!"  # what a runner says: to stop at the next good moment, or at once
log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Settings:
    """What a runner tells its workers; `memory` is the most one may have, in GB, and `cores` are
    those that all workers of this machine share.
    """

    queue: str
    runner: str
    device: str = "cpu"
    shard: Shard = ALL
    stay: bool = False
    back_off: float = BACK_OFF
    memory: float | None = None
    quiet: bool = False
    cores: int | None = None

    def as_text(self) -> str:
        """As one argument."""
        return json.dumps(asdict(self) | {"shard": list(self.shard)})


def settings_from(text: str) -> Settings:
    """What `as_text` said."""
    said = json.loads(text)
    return Settings(**(said | {"shard": Shard(*said["shard"])}))


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
                    _ask(stop, self._asked.signal or signal.SIGTERM)

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
                _ask(stop, signal.SIGTERM)

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


def _ask(stop: Stop, number: int) -> None:
    if not stop:
        stop.ask(number)


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Let all that this process and its children say go into the file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    before = [os.dup(1), os.dup(2)]
    try:
        with path.open("wb", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # the disk that the log is on may be full
                stream.flush()
        for number, kept in enumerate(before, 1):
            os.dup2(kept, number)
            os.close(kept)


Made = tuple[Ending, Done | None]


class Tells(Protocol):
    """Who hears `what` of each job of a lot was made, and may ask one of its `stops`."""

    what: str
    told: list[Told | None]
    stops: list[Stop]


Way = Callable[
    [Sequence[Job], Callable[[int, Told], None], Sequence[Stop]], Sequence[Done | Exception]
]


def attempt(lot: Sequence[Queued], telling: Tells, way: Way | None = None) -> list[Made]:
    """Do the jobs of a lot, as `do_lot` or another `way` does; how each ended, and what came of
    it.
    """
    try:
        from dreamer.batch.doing import do_lot

        if len(lot) > 1:
            who = ", ".join(queued.job.name for queued in lot)
            log.info("%d together: %s; how far the first is:", len(lot), who)
        with watching(what=telling.what) as log_now_and_then:

            def watch(number: int, told: Told) -> None:
                telling.told[number] = told
                if number == 0:
                    log_now_and_then(told)

            jobs = [queued.job for queued in lot]
            found = (way or do_lot)(jobs, watch, telling.stops)
    except BaseException as error:
        return [_came_of(error, "")] * len(lot)
    names = [f"{queued.job.name}: " if len(lot) > 1 else "" for queued in lot]
    return [_came_of(one, name) for one, name in zip(found, names, strict=True)]


def _came_of(found: Done | BaseException, name: str) -> Made:
    if isinstance(found, Done):
        return Ending("done"), found
    ending = judged(found)
    if ending.exit not in ("stopped", "busy") and not isinstance(found, DreamerError):
        with suppress(OSError):
            traceback.print_exception(found)
    if ending.exit != "stopped":  # why is said by whoever asked for it
        log.error("%s%s", name, ending.reason)
    return ending, None


def work(settings: Settings, asked: Stop, gone: threading.Event) -> None:
    """Do jobs of the queue until there are none, or somebody wants this worker to stop."""
    path = Path(settings.queue)
    with Queue(path) as queue, joined(queue, settings.runner, settings.device) as me:
        while not asked and not gone.is_set():
            lot = claim(queue, me, settings.shard, settings.cores)
            if not lot:
                waiting = lots_waiting(queue, settings.device, settings.shard, most=1)
                if (not waiting or queue.paused is not None) and not settings.stay:
                    return
                note(queue, me)
                time.sleep(IDLE)
                continue
            if "lost" in _did(queue, me, lot, settings, asked, gone):
                return


def _did(
    queue: Queue,
    me: Member,
    lot: Sequence[Queued],
    settings: Settings,
    asked: Stop,
    gone: threading.Event,
) -> list[str]:
    began = time.monotonic()
    telling = Telling(queue.path, me, lot, asked, gone)
    telling.start()
    try:
        with logged(log_of(queue, lot[0].job.id, lot[0].run)):
            found = attempt(lot, telling)
    except OSError as error:  # the log cannot be written
        found = [(judged(error), None)] * len(lot)
    telling.over()
    with suppress(DreamerError):
        telling.tell()  # how far they came
    took = f"{time.monotonic() - began:.1f} s"
    beside = f" ({len(lot)} together)" if len(lot) > 1 else ""
    for queued, (ending, done) in zip(lot, found, strict=True):
        made = None if done is None else done.files
        begun_on = device_of(queued.job.out)
        change = end(queue, queued, ending, made, settings.back_off, begun_on)
        if change is not None and not settings.quiet:
            told = f"{change.state}: {change.reason}"
            if done is not None:
                told = f"done in {took}{beside}: {queued.job.out}"
            log.info("%s %s: %s", queued.job.shown, queued.job.name, told)
    endings: list[str] = [ending.exit for ending, _ in found]
    if "memory" in endings:
        del found
        let_go()
    return endings


def device_of(folder: Path) -> str | None:
    """What the render in `folder` was begun on, where that is cuda, which it keeps to."""
    try:
        said = json.loads((folder / "execution.json").read_text(encoding="utf-8"))
        return "cuda" if str(said["device"]).startswith("cuda") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def let_go() -> None:
    """Give back what memory can be."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _limit(gigabytes: float) -> None:
    import resource

    size = int(gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _hear(gone: threading.Event, asked: Stop) -> None:
    """Wait for what the runner says through its pipe, or for the end of that."""
    with suppress(OSError):
        while word := os.read(0, 1):
            gone.set()
            if word == NOW:
                _ask(asked, signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGTERM)  # which is the second then
    gone.set()


def main() -> None:
    """Be a worker, as a runner's argument says."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # the disk that a log is on may be full
    faulthandler.enable()
    settings = settings_from(sys.argv[1])
    gone = threading.Event()
    if settings.memory is not None:
        _limit(settings.memory)
    try:
        with listening() as asked:
            threading.Thread(target=_hear, args=(gone, asked), daemon=True).start()
            work(settings, asked, gone)
    except DreamerError as error:
        log.error("%s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
