"""A place far from the queue, in a process of its own: one lot done after another, networks kept
warm between them. All that it asks or tells goes through the desk on the driver's machine.

Where the driver's storage is seen, a job is done in its own folder; where not, its files are
brought here, and what was made is carried home.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from dreamer import __version__
from dreamer.batch.attempting import Made, Way, attempt, device_of, let_go, logged
from dreamer.batch.cluster.carrying import Carrier
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Came, Errand, Far, Who, begun_parts
from dreamer.batch.cluster.tokens import is_seen
from dreamer.batch.job import Done, Job, Queued
from dreamer.batch.parts import Part, do_part
from dreamer.batch.rules import Ending, judged
from dreamer.batch.telling import far
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told
from dreamer.networks.home import home

BEAT = 1.0  # seconds between two words with the desk
PARTED = ("render", "atlas")  # kinds that may have parts
MOST_SAID = 256 << 10  # bytes of log that are told at once
log = logging.getLogger("dreamer")


def who(node: str, device: str) -> Who:
    """This process, on `node`."""
    import torch

    return Who(socket.gethostname(), node, os.getpid(), __version__, torch.__version__, device)


def room() -> Path:
    """The folder of this machine that is ours: what was brought, work, logs."""
    return (home() / "ray").resolve()


class Away:
    """A place on the node of that name; `desk` is asked there and then. On the processor alone no
    CUDA device is seen.
    """

    def __init__(self, desk: Desk, node: str, device: str) -> None:
        if device == "cpu":
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._desk, self._node, self._device = desk, node, device
        speak()

    def who(self) -> Who:
        """Which place this is."""
        return who(self._node, self._device)

    def do(self, errand: Errand) -> list[Came]:
        """Do an errand; what came of each of its jobs."""
        if (ended := self._desk.begin(errand.key, self._node)) is not None:
            return [Came(ended)] * len(errand.lot)
        path = room() / "logs" / f"{errand.key}-{secrets.token_hex(4)}.log"
        telling = Telling(self._desk, errand, path)
        telling.start()
        try:
            with logged(path), ExitStack() as leave:
                came = self._did(errand, telling, leave)
        except Exception as error:
            came = [Came(judged(error))] * len(errand.lot)
        finally:
            telling.over()
            with suppress(OSError):
                path.unlink(missing_ok=True)
        if any(one.ending.exit == "memory" for one in came):
            let_go()
        return came

    def _did(self, errand: Errand, telling: Telling, leave: ExitStack) -> list[Came]:
        """Do it where its jobs are, or bring them here until `leave` is left; jobs that cannot be
        brought end so.
        """
        came: dict[int, Came] = {}
        carriers: dict[int, Carrier] = {}
        lot: list[Queued] = []
        for number, queued in enumerate(errand.lot):
            try:
                carrier = None
                if not sees(self._desk, errand, queued):
                    carrier = Carrier(self._desk, errand, number, self._node, room())
                    leave.callback(carrier.over)
                if errand.most > 1 and (parts := _parts(errand, carrier)):
                    return [Came(Ending("stopped", "begun"), parts=tuple(parts))]
                if carrier is None:
                    lot.append(queued)
                    continue
                lot.append(replace(queued, job=carrier.bring()))
                carriers[number] = carrier
            except Exception as error:
                came[number] = Came(judged(error))
                log.error("%s: %s", queued.job.name, came[number].ending.reason)
        numbers = [n for n in range(len(errand.lot)) if n not in came]
        telling.only(numbers)
        way = None if errand.part is None else part_of(errand.part)
        made = attempt(lot, telling, way) if lot else []
        for number, queued, one in zip(numbers, lot, made, strict=True):
            found = _came(queued, one)
            came[number] = _carried(carriers[number], found) if number in carriers else found
            if errand.part is not None and came[number].ending.exit == "done":
                where = f"process {os.getpid()} on {socket.gethostname()}"
                log.info("  %s made by %s", errand.part.shown, where)
        return [came[number] for number in sorted(came)]


def part_of(part: Part) -> Way:
    """The way to make that part of a job."""

    def way(
        jobs: Sequence[Job], watch: Callable[[int, Told], None], stops: Sequence[Stop]
    ) -> list[Done | Exception]:
        return [do_part(jobs[0], part, partial(watch, 0), stops[0])]

    return way


def _parts(errand: Errand, carrier: Carrier | None) -> list[Part]:
    """The parts of a lone job, which is begun where it belongs; none if it has none."""
    if len(errand.lot) > 1 or errand.lot[0].job.kind not in PARTED:
        return []
    return begun_parts(errand.lot[0].job, errand) if carrier is None else carrier.parts()


def _came(queued: Queued, made: Made) -> Came:
    ending, done = made
    return Came(ending, None if done is None else done.files, device_of(queued.job.out))


def _carried(carrier: Carrier, came: Came) -> Came:
    """What came of a job that was brought here, its folder being at home again."""
    ending = came.ending
    came = replace(came, ending=replace(ending, reason=carrier.as_at_home(ending.reason)))
    try:
        carrier.carry_home(whole=came.files is not None)
    except Exception as error:
        log.error("%s", error)
        if came.files is not None:
            return replace(came, ending=judged(error), files=None)
    return came


def sees(desk: Desk, errand: Errand, queued: Queued) -> bool:
    """Whether all that a job needs is seen from here, under the names that it has at home."""
    job, folder = queued.job, queued.job.out.parent
    if not is_seen(folder, errand.tokens[str(folder)]):
        return False
    missing = [file for file in job.inputs if not os.path.lexists(file)]
    return job.base.is_dir() and not (missing and desk.has(errand.key, missing))


class Telling(threading.Thread):
    """Tells the desk how far an errand is, and what is said in its log at `path`; asks those of its
    `stops` that the desk wants, and all where the desk is not to be had any more. `told` is how far
    each job is, in `what`.
    """

    def __init__(self, desk: Desk, errand: Errand, path: Path) -> None:
        super().__init__(daemon=True, name="telling")
        self.what = {"collage": "row"}.get(errand.lot[0].job.kind, "frame")
        self.told: list[Told | None] = [None] * len(errand.lot)
        self.stops = [Stop() for _ in errand.lot]
        self._numbers = list(range(len(errand.lot)))
        self._count = len(errand.lot)
        self._desk, self._key, self._path = desk, errand.key, path
        self._read, self._over = 0, threading.Event()

    def only(self, numbers: Sequence[int]) -> None:
        """Only the jobs of these numbers are done."""
        self._numbers = list(numbers)
        self.told, self.stops = [None] * len(numbers), [Stop() for _ in numbers]

    def run(self) -> None:
        while not self._over.wait(BEAT):
            try:
                self.tell()
            except Exception:  # of whatever carries it: nobody is there to hear
                for stop in self.stops:
                    stop.ask(signal.SIGTERM)

    def tell(self) -> None:
        """Say it now."""
        whole = [Far()] * self._count
        for number, told in zip(self._numbers, self.told, strict=True):
            whole[number] = Far(*far(told, self.what))
        wanted = self._desk.tell(self._key, whole, self._said(), memory_taken())
        for number, stop in zip(self._numbers, self.stops, strict=True):
            if wanted[number] and not stop:
                stop.ask(signal.SIGTERM)

    def _said(self) -> bytes:
        """What was logged since it was last told."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                found = file.read(MOST_SAID)
        except OSError:
            return b""
        self._read += len(found)
        return found

    def over(self) -> None:
        """The jobs have ended."""
        self._over.set()
        self.join()
        with suppress(Exception):
            self.tell()


def memory_taken() -> float:
    """Which part of this machine's memory is taken; 0 where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found = {line.split(":")[0]: float(line.split()[1]) for line in lines}
        return 1.0 - found["MemAvailable"] / found["MemTotal"]
    except (OSError, ValueError, KeyError, IndexError):
        return 0.0


def speak() -> None:
    """Let what dreamer says go to the standard error of this process, wherever that leads."""
    if not any(getattr(handler, "ours", False) for handler in log.handlers):
        spoken = logging.StreamHandler(sys.stderr)
        spoken.setFormatter(logging.Formatter("%(message)s"))
        spoken.ours = True  # type: ignore[attr-defined]
        log.addHandler(spoken)
        log.setLevel(logging.INFO)
        log.propagate = False
    logging.raiseExceptions = False  # the disk that a log is on may be full
