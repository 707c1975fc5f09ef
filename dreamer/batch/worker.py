"""A worker: one process that does one job after another, its networks kept warm between them.

It is told to stop by a signal, or by the end of the pipe to its runner, which closes however the
runner ends; a job that runs then stops at its next good moment and waits again in the queue. A
thread says that it is alive and how far its job is, and learns whether somebody cancelled it.
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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from dreamer.batch.claims import ALL, Member, Shard, claim, end, note, remaining
from dreamer.batch.job import Done, Queued
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
from dreamer.batch.rules import BACK_OFF, Ending, judged
from dreamer.engine.stopping import Stop, listening
from dreamer.engine.told import Told
from dreamer.errors import DreamerError
from dreamer.progress import watching, words

BEAT = 1.0  # seconds between two looks at the queue
LOOK = 0.1  # and between two at what else may stop a job
IDLE = 0.5
log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Settings:
    """What a runner tells its workers; `memory` is the most a worker may have, in GB."""

    queue: str
    runner: str
    device: str = "cpu"
    shard: Shard = ALL
    stay: bool = False
    back_off: float = BACK_OFF
    memory: float | None = None
    quiet: bool = False

    def as_text(self) -> str:
        """As one argument."""
        return json.dumps(asdict(self) | {"shard": list(self.shard)})


def settings_from(text: str) -> Settings:
    """What `as_text` said."""
    said = json.loads(text)
    return Settings(**(said | {"shard": Shard(*said["shard"])}))


class Telling(threading.Thread):
    """Says how far the job of `me` is while it runs, and asks its `stop` when somebody wants it to
    end: the worker was told to stop (`asked`), its runner is `gone`, or the job was cancelled or is
    another's by now (`mine` is false then). `told` is how far
    it is, in `what`.
    """

    def __init__(
        self, path: Path, me: Member, queued: Queued, asked: Stop, gone: threading.Event
    ) -> None:
        super().__init__(daemon=True, name="telling")
        self.stop, self.mine = Stop(), True
        self._path, self._me, self._queued = path, me, queued
        self._asked, self._gone, self._over = asked, gone, threading.Event()
        self.told: Told | None = None
        self.what = {"collage": "row"}.get(queued.job.kind, "frame")

    def run(self) -> None:
        last = 0.0
        while not self._over.wait(LOOK):
            if not self.stop and (self._asked or self._gone.is_set()):
                self.stop.ask(self._asked.signal or signal.SIGTERM)
            if time.monotonic() - last >= BEAT:
                last = time.monotonic()
                with suppress(DreamerError, OSError):  # the next beat tries again
                    self.tell()

    def tell(self) -> None:
        """Say it now."""
        told = self.told
        said = "" if told is None else words(told, self.what)
        done, of = (0.0, None) if told is None else (float(told.done), told.of)
        if told is not None and told.within is not None:
            done += told.within.part
        with Queue(self._path) as queue:
            asked = note(queue, self._me, self._queued, done, of, said)
        self.mine = asked.mine
        if (asked.cancel or not asked.mine) and not self.stop:
            self.stop.ask(signal.SIGTERM)

    def over(self) -> None:
        """The job has ended."""
        self._over.set()
        self.join()


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Let all that this process and its children say go into the file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    before = [os.dup(1), os.dup(2)]
    try:
        with path.open("ab", buffering=0) as file:
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


def attempt(queued: Queued, telling: Telling) -> tuple[Ending, Done | None]:
    """Do a job; how that ended, and what came of it."""
    try:
        from dreamer.batch.doing import do

        with watching(what=telling.what) as log_now_and_then:

            def watch(told: Told) -> None:
                telling.told = told
                log_now_and_then(told)

            done = do(queued.job, watch, telling.stop)
    except BaseException as error:
        ending = judged(error)
        if ending.exit not in ("stopped", "busy") and not isinstance(error, DreamerError):
            with suppress(OSError):
                traceback.print_exc()
        log.error("%s", ending.reason)
        return ending, None
    return Ending("done"), done


def work(settings: Settings, asked: Stop, gone: threading.Event) -> None:
    """Do jobs of the queue until there are none, or somebody wants this worker to stop."""
    path = Path(settings.queue)
    with Queue(path) as queue, joined(queue, settings.runner, settings.device) as me:
        while not asked and not gone.is_set():
            queued = claim(queue, me, settings.shard)
            if queued is None:
                waiting = queue.paused is None and remaining(queue, settings.device, settings.shard)
                if not waiting and not settings.stay:
                    return
                note(queue, me, None)
                time.sleep(IDLE)
                continue
            if _did(queue, me, queued, settings, asked, gone) == "lost":
                return


def _did(
    queue: Queue,
    me: Member,
    queued: Queued,
    settings: Settings,
    asked: Stop,
    gone: threading.Event,
) -> str:
    began = time.monotonic()
    telling = Telling(queue.path, me, queued, asked, gone)
    telling.start()
    file = queue.rooms / "logs" / f"{queued.job.id[:12]}-{queued.run}.log"
    try:
        with logged(file):
            ending, done = attempt(queued, telling)
    except OSError as error:  # the log cannot be written
        ending, done = judged(error), None
    telling.over()
    with suppress(DreamerError):
        telling.tell()  # how far it came
    made = None if done is None else done.files
    begun_on = device_of(queued.job.out)
    change = end(queue, queued, ending, made, settings.back_off, begun_on)
    if change is not None and not settings.quiet:
        took = f"{time.monotonic() - began:.1f} s"
        told = f"done in {took}: {queued.job.out}" if done else f"{change.state}: {change.reason}"
        log.info("%s %s: %s", queued.job.shown, queued.job.name, told)
    if ending.exit == "memory":
        _let_go()
    return ending.exit


def device_of(folder: Path) -> str | None:
    """What the render in `folder` was begun on, where that is cuda, which it keeps to."""
    try:
        said = json.loads((folder / "execution.json").read_text(encoding="utf-8"))
        return "cuda" if str(said["device"]).startswith("cuda") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _let_go() -> None:
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


def _when_closed(gone: threading.Event) -> None:
    """Wait for the end of the pipe to the runner."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    gone.set()


def main() -> None:
    """Be a worker, as a runner's argument says."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # the disk that a log is on may be full
    faulthandler.enable()
    settings = settings_from(sys.argv[1])
    gone = threading.Event()
    threading.Thread(target=_when_closed, args=(gone,), daemon=True).start()
    if settings.memory is not None:
        _limit(settings.memory)
    try:
        with listening() as asked:
            work(settings, asked, gone)
    except DreamerError as error:
        log.error("%s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
