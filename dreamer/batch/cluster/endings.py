"""How errands end: what came of each job is put into the queue, and told. The driver's alone, for
places see no queue.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence

from dreamer.batch.claims import end, note
from dreamer.batch.cluster.errand import Came
from dreamer.batch.cluster.lending import NOTHING, Heard, Task, reports
from dreamer.batch.job import Queued
from dreamer.batch.queue import Queue
from dreamer.batch.rules import Change, Ending, became, judged

log = logging.getLogger("dreamer")


class Endings:
    """Those of errands for jobs of `queue`: what can heal is tried again after `back_off` seconds;
    where it is `quiet`, nothing is said.
    """

    def __init__(self, queue: Queue, back_off: float, quiet: bool) -> None:
        self._queue, self._back_off, self._quiet = queue, back_off, quiet

    def end(self, task: Task, came: Sequence[Came], where: str, heard: Heard = NOTHING) -> None:
        """End the jobs of a task by what came of each, `where` it was. How far they had come, as
        last `heard`, is noted first.
        """
        errand, took = task.errand, f"{time.monotonic() - task.began:.1f} s"
        beside = f" ({len(errand.lot)} together)" if len(errand.lot) > 1 else ""
        changes = []
        with self._queue.writing():
            if errand.key in heard:
                note(self._queue, task.owner, *reports(errand, heard))
            for queued, one in zip(errand.lot, came, strict=True):
                about = (queued, one.ending, one.files, self._back_off, one.device)
                changes.append((queued, end(self._queue, *about)))
        for queued, change in changes:
            if change is None or self._quiet:
                continue
            if change.state == "done":
                told = f"done in {took}{beside} {where}: {queued.job.out}"
                log.info("%s %s: %s", queued.job.shown, queued.job.name, told)
            else:
                self.tell([(queued, change)])

    def tell(self, changes: Iterable[tuple[Queued, Change]]) -> None:
        """Say what became of jobs that are not done."""
        for queued, change in changes if not self._quiet else ():
            log.warning("%s", became(queued, change))


def of_cluster(error: Exception) -> Ending:
    """How an errand ended that the cluster gave up."""
    found = judged(error)
    return found if found.exit in ("memory", "disk") else Ending("lost", str(error).split("\n")[0])
