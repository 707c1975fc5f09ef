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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from dreamer.batch.attempting import attempt, device_of, let_go, logged
from dreamer.batch.claims import (
    ALL,
    Member,
    Shard,
    claim,
    end,
    log_of,
    lots_waiting,
    note,
)
from dreamer.batch.job import Queued
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
from dreamer.batch.rules import BACK_OFF, judged
from dreamer.batch.telling import Telling, ask
from dreamer.engine.stopping import Stop, listening
from dreamer.errors import DreamerError

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
                ask(asked, signal.SIGTERM)
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
