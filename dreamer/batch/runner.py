"""A runner: starts workers, one process a device, notes how they end, and starts others in the
place of those that were lost, until the queue is empty.
"""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dreamer.batch.claims import ALL as ALL
from dreamer.batch.claims import (
    Member,
    Shard,
    counts_of,
    end,
    jobs_of,
    lots_waiting,
    note,
    remaining,
)
from dreamer.batch.deaths import Deaths
from dreamer.batch.members import Watch, busy, forget, in_doubt, joined, of_process, take_back
from dreamer.batch.outlook import threads_ahead
from dreamer.batch.places import Place, cores, places_of
from dreamer.batch.queue import Queue
from dreamer.batch.rules import BACK_OFF, Ending, became
from dreamer.batch.worker import NOW, SOON, Settings
from dreamer.engine.stopping import Stop, listening
from dreamer.errors import DreamerError, UsageError

LOOK = 0.1
TAKE_BACK = 2.0
STILLBORN = 3  # workers in a row that end badly before they had a job
PATIENCE = 10.0  # seconds that workers have to stop at once, before they are killed
KILLED = Ending("stopped", "its worker did not stop when it was told to at once, and was killed")
log = logging.getLogger("dreamer")


@dataclass
class Child:
    """A worker's process and its place."""

    process: subprocess.Popen[bytes]
    place: Place
    killed: bool = False  # by us, because it would not stop


@dataclass(frozen=True)
class Ran:
    """How a queue stands when a runner ends: all jobs by state, those of its part too, and why
    nothing more was begun.
    """

    counts: dict[str, int]
    part: dict[str, int]
    paused: str | None
    unfit: int  # that wait for a device that is not here

    @property
    def well(self) -> bool:
        """Whether all of its part is done, or is being done by others."""
        return not any(self.part.get(state) for state in ("waiting", "failed", "quarantined"))

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "counts": self.counts,
            "part": self.part,
            "paused": self.paused,
            "unfit": self.unfit,
        }

    def as_text(self) -> str:
        """As lines."""
        lines = [", ".join(f"{count} {state}" for state, count in self.counts.items()) or "no jobs"]
        if self.paused is not None:
            lines.append(f"paused: {self.paused}")
            lines.append("`dreamer batch resume` lets jobs be begun again")
        if self.unfit:
            lines.append(f"{self.unfit} of those that wait want cuda, which is not to be had here")
        if self.counts.get("failed") or self.counts.get("quarantined"):
            lines.append("`dreamer batch status` says why; `dreamer batch retry` tries again")
        return "\n".join(lines)


def run_queue(
    path: Path,
    *,
    workers: int | None = None,
    devices: str = "auto",
    shard: Shard = ALL,
    stay: bool = False,
    back_off: float = BACK_OFF,
    memory: float | None = None,
    quiet: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Ran:
    """Do the jobs of the queue at `path` until none is left that can be done here, or it is paused.

    Args:
        path: the queue's file.
        workers: how many processes; as `places_of`.
        devices: what they compute on.
        shard: which part of the queue.
        stay: wait for more when it is empty or paused.
        back_off: seconds before what ran out of memory or lost its worker is tried again.
        memory: the most that a worker may have, in GB; not of those on CUDA devices.
        quiet: say nothing of jobs.
        tick: called now and then while they work.

    Raises:
        Stopped: a signal asked for it; jobs that ran wait again, and their folders go on.
        DreamerError: the queue cannot be used, or no worker can be started.
    """
    path = path.absolute()  # workers go from folder to folder
    with Queue(path) as queue, joined(queue, kind="runner") as me:
        places = places_of(devices, workers, threads_ahead(queue).fewest)
        if memory is not None and places[0].device == "cuda":
            raise UsageError("--memory: of workers on the processor alone")
        settings = Settings(
            *(str(path), me.id, "cpu", shard, stay, back_off, memory, quiet),
            cores() if workers is None else None,
        )
        with listening() as stop:
            crew = Crew(queue, settings, places)
            try:
                crew.work(stop, tick)
            finally:
                crew.stop()
        part, unfit = counts_of(queue, shard), _unfit(queue, places, shard)
        found = Ran(queue.counts(), part, queue.paused, unfit)
        stop.check("; jobs that ran wait again, and `dreamer batch run` goes on")
        return found


def _unfit(queue: Queue, places: Sequence[Place], shard: Shard) -> int:
    if any(place.device == "cuda" for place in places):
        return 0
    return remaining(queue, "cuda", shard)[0] - remaining(queue, "cpu", shard)[0]


class Crew:
    """The workers of a runner."""

    def __init__(self, queue: Queue, settings: Settings, places: Sequence[Place]) -> None:
        self._queue, self._settings = queue, settings
        self._free = list(places)
        self._children: list[Child] = []
        self._watch, self._stillborn = Watch(), 0
        self._deaths = Deaths()
        self._took = -TAKE_BACK

    def work(self, stop: Stop, tick: Callable[[], None]) -> None:
        """Have workers work until there is nothing to do for them, or somebody asks to stop."""
        while not stop:
            self._take_back()
            self._start()
            self._reap()
            idle = not self._children and not self._settings.stay and not self._to_do()
            if idle and self._is_settled():
                return
            tick()
            time.sleep(LOOK)

    def _is_settled(self) -> bool:
        """Whether nothing is to come back from workers that may be gone."""
        if self._queue.paused is not None:
            return True
        if in_doubt(self._queue, self._watch):
            return False
        self._took = -math.inf
        self._take_back()
        return not self._to_do()

    def _to_do(self) -> int:
        """How many lots wait for a worker of a kind that is here, as far as there are places."""
        if self._queue.paused is not None:
            return 0
        places = [*self._free, *(child.place for child in self._children)]
        shard, most = self._settings.shard, len(places)
        devices = {place.device for place in places}
        return max(lots_waiting(self._queue, device, shard, most) for device in devices)

    def _start(self) -> None:
        """Start as many workers as there is work and room for."""
        if not self._free:
            return
        idle = len(self._children) - busy(self._queue, self._settings.runner)
        wanted = 1 if self._settings.stay and not self._children else self._to_do() - idle
        while self._free and wanted > 0:
            place = self._free.pop(0)
            said = replace(self._settings, device=place.device).as_text()
            process = subprocess.Popen(
                [sys.executable, "-m", "dreamer.batch.worker", said],
                stdin=subprocess.PIPE,
                bufsize=0,
                env=os.environ | dict(place.variables),
                # A terminal's Ctrl-C and hang-up are the runner's, who tells its workers.
                start_new_session=True,
            )
            self._children.append(Child(process, place))
            wanted -= 1

    def _reap(self) -> None:
        """Note how workers ended that have."""
        for child in [c for c in self._children if c.process.poll() is not None]:
            self._children.remove(child)
            self._free.append(child.place)
            if child.process.stdin is not None:
                child.process.stdin.close()
            code = child.process.returncode
            ending = KILLED if child.killed else self._deaths.ending(code)
            had = self._note(child.process.pid, ending)
            self._stillborn = 0 if had or code == 0 else self._stillborn + 1
            if self._stillborn >= STILLBORN:
                raise DreamerError(f"workers cannot be started: the last {ending.reason}")

    def _note(self, pid: int, ending: Ending) -> bool:
        """End what the worker of that process had; whether it ever joined."""
        names = of_process(self._queue, self._settings.runner, pid)
        for name in names:
            for queued in jobs_of(self._queue, name):
                change = end(self._queue, queued, ending, back_off=self._settings.back_off)
                if change is not None and not self._settings.quiet:
                    log.warning("%s", became(queued, change))
            forget(self._queue, name)
        return bool(names)

    def _take_back(self) -> None:
        if time.monotonic() - self._took < TAKE_BACK:
            return
        self._took = time.monotonic()
        settings = self._settings
        note(self._queue, Member(settings.runner))  # other hosts know it by its beats
        found = take_back(self._queue, self._watch, settings.runner, settings.back_off)
        for queued, change in found if not settings.quiet else ():
            log.warning("%s", became(queued, change))

    def stop(self) -> None:
        """Ask all workers to stop, and wait for them; whoever insists by a second signal makes
        them stop at once, and those that do not are killed.
        """
        self._tell(SOON)
        insisted = math.inf
        while self._children:
            try:
                self._reap()
                time.sleep(LOOK)
            except KeyboardInterrupt:
                self._tell(NOW)
                insisted = min(insisted, time.monotonic())
            if time.monotonic() - insisted > PATIENCE:
                for child in self._children:
                    child.killed = True
                    child.process.kill()

    def _tell(self, word: bytes) -> None:
        """Tell all workers to stop. Not by a signal: whoever signals all processes of a machine or
        a container has done so already, and would seem to have done it twice.
        """
        for child in self._children:
            with suppress(OSError):  # it has ended
                if child.process.stdin is not None:
                    child.process.stdin.write(word)
