"""A queue's jobs spread over places that something else provides, such as a cluster: the driver of
the queue claims for each place what it is to do, says how far it is, and ends it.

The queue stays here, and what a place cannot end itself is judged here. Where places are, and what
becomes of an errand whose node is lost, is the cluster's affair.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from dreamer.batch.attempting import device_of
from dreamer.batch.claims import ALL, Member, Shard, claim, log_of, lots_waiting, note
from dreamer.batch.cluster.endings import Endings, of_cluster
from dreamer.batch.cluster.errand import Came, Errand, Who
from dreamer.batch.cluster.lending import NOTHING, Cluster, Heard, Lent, Task, reports
from dreamer.batch.cluster.parted import Parted, in_places, stopping
from dreamer.batch.cluster.tokens import Tokens
from dreamer.batch.job import Queued
from dreamer.batch.members import PLACE, Watch, in_doubt, joined, take_back
from dreamer.batch.parts import LEAST
from dreamer.batch.queue import Queue
from dreamer.batch.rules import BACK_OFF, Ending
from dreamer.engine.stopping import Stop
from dreamer.errors import DreamerError

LOOK = 0.1  # seconds
MANY = 10_000  # lots that wait: more than there are places
BEAT = 1.0
COUNT = 2.0  # between two looks at how large the cluster is
PATIENCE = 30.0  # before it is told that there is no room
STILLBORN = 3
log = logging.getLogger("dreamer")


class Spread:
    """The driver of `queue`, which `runner` is, over the places of `cluster`.

    Args:
        queue: the queue.
        runner: who the driver is in it.
        cluster: what provides places.
        here: the driver's own process; places with another dreamer are refused.
        shard: which part of the queue.
        stay: wait for more when it is empty or paused.
        back_off: seconds before what can heal is tried again.
        least: megapixel-steps that make a part of a job worth a place of its own.
        quiet: say nothing of jobs.
    """

    def __init__(
        self,
        queue: Queue,
        runner: Member,
        cluster: Cluster,
        here: Who,
        *,
        shard: Shard = ALL,
        stay: bool = False,
        back_off: float = BACK_OFF,
        least: float = LEAST,
        quiet: bool = False,
    ) -> None:
        self._queue, self._runner, self._cluster, self._here = queue, runner, cluster, here
        self._shard, self._stay, self._back_off = shard, stay, back_off
        self._endings = Endings(queue, back_off, quiet)
        self._least, self._parted = least, list[Parted]()
        self._lent: dict[int, Lent] = {}
        self._coming: set[int] = set()
        self._tokens = Tokens()
        self._watch, self._stillborn = Watch(), 0
        self._beat = self._counted = -BEAT - COUNT
        self._room, self._since = 0, time.monotonic()

    def work(self, stop: Stop, tick: Callable[[], None]) -> None:
        """Have places work until there is nothing to do for them, or somebody asks to stop.

        Raises:
            DreamerError: no place can be had that fits.
        """
        while not stop:
            self._look_after()
            self._welcome()
            to_do = self._to_do()
            idle = not to_do and not self._stay and not self._tasks() and not self._parted
            if idle and self._is_settled():
                return
            self._fit(to_do)
            self._give(to_do, stop)
            self._reap(LOOK)
            tick()

    def _is_settled(self) -> bool:
        """Whether nothing is to come back from workers that may be gone."""
        if self._queue.paused is not None:
            return True
        if in_doubt(self._queue, self._watch):
            return False
        self._take_back()
        return not self._to_do()

    def _take_back(self) -> None:
        """Have what workers had that are gone wait again."""
        changes = take_back(self._queue, self._watch, self._runner.id, self._back_off)
        self._endings.tell(changes)

    def _to_do(self) -> int:
        """How many lots wait that a place may do."""
        if self._queue.paused is not None:
            return 0
        return lots_waiting(self._queue, self._cluster.device, self._shard, MANY)

    def _tasks(self) -> list[Task]:
        return [lent.task for lent in self._lent.values() if lent.task is not None]

    def _fit(self, to_do: int) -> None:
        """Have as many places as there is room and work for. One that is free is let go where a
        node was lost: the errand that was there needs its room.
        """
        if time.monotonic() - self._counted >= COUNT:
            self._counted, self._room = time.monotonic(), self._cluster.room()
        more = max(to_do + sum(one.wants() for one in self._parted), 1 if self._stay else 0)
        wanted = min(self._room, len(self._tasks()) + more)
        # Those that are free stay while a job may turn out to have parts.
        kept = max(wanted, min(self._room, max((t.errand.most for t in self._tasks()), default=0)))
        free = [place for place, lent in self._lent.items() if lent.task is None]
        gone = self._cluster.gone(free) if free else set()
        for place in free:
            many = len(self._lent) + len(self._coming)
            if many > kept or place in gone:
                self._let_go(place)
        while len(self._lent) + len(self._coming) < wanted:
            self._coming.add(self._cluster.open())
        if self._lent or not to_do:
            self._since = time.monotonic()
        elif time.monotonic() - self._since > PATIENCE:
            self._since = time.monotonic()
            log.warning("%d wait, and the cluster has no room for any of them yet", to_do)

    def _welcome(self) -> None:
        """Let places that are there now join."""
        for place, who in self._cluster.opened():
            if place not in self._coming:
                continue
            self._coming.discard(place)
            if isinstance(who, Exception):
                self._cluster.close(place)
                self._stillborn += 1
                if self._stillborn >= STILLBORN:
                    raise DreamerError(f"no place of the cluster can be used: {who}") from who
                continue
            self._stillborn = 0
            if refusal := who.refuses(self._here):
                self._cluster.close(place)
                raise DreamerError(refusal)
            self._lent[place] = self._joined(who)

    def _joined(self, who: Who) -> Lent:
        leave = ExitStack()
        me = leave.enter_context(
            joined(self._queue, self._runner.id, who.device, PLACE, who.host, who.pid)
        )
        return Lent(who, me, leave)

    def _give(self, to_do: int, stop: Stop) -> None:
        """Give each free place what is next, as long as there is something: of jobs that are
        spread first.
        """
        for place, lent in list(self._lent.items()):
            if lent.task is not None or stop:
                continue
            for parted in self._parted:
                if (errand := parted.next(place)) is not None:
                    lent.task = Task(errand, parted.owner, parted)
                    break
            else:
                if lot := claim(self._queue, lent.me, self._shard):
                    to_do -= 1
                    # Where there are fewer lots than places, with this one, others help.
                    lots = 1 + to_do + len(self._tasks())
                    most = self._room if lots < self._room else 1
                    lent.task = Task(self._errand(lot, most), lent.me)
            if lent.task is not None:
                self._cluster.desk.expect(lent.task.errand)
                self._cluster.give(place, lent.task.errand)

    def _errand(self, lot: Sequence[Queued], most: int) -> Errand:
        first = lot[0]
        key = f"{first.number}-{first.run}-{secrets.token_hex(4)}"
        where = {str(queued.job.out.parent) for queued in lot}
        tokens = {folder: self._tokens.of(folder) for folder in where}
        path = str(log_of(self._queue, first.job.id, first.run))
        return Errand(key, tuple(lot), path, tokens, None, most, self._least)

    def _look_after(self) -> None:
        """Say that this driver and its places are alive, and how far they are; tell places what
        was cancelled; take back what nobody has any more.
        """
        if time.monotonic() - self._beat < BEAT:
            return
        self._beat = time.monotonic()
        self._take_back()
        heard = self._cluster.desk.heard()
        unwanted = []
        with self._queue.writing():  # all at once, however many places there are
            note(self._queue, self._runner)
            for lent in self._lent.values():
                if lent.task is None or lent.task.parted is not None:
                    note(self._queue, lent.me)
                else:
                    self._note(lent.task, heard)
            for parted in self._parted:
                (asked,) = note(self._queue, parted.owner, parted.report(heard))
                if asked.cancel or not asked.mine:
                    unwanted.append(parted)
        for parted in unwanted:
            parted.end(Ending("stopped", "cancelled"))
            stopping(parted, self._cluster.desk.stop)
            self._settle(parted)

    def _note(self, task: Task, heard: Heard) -> None:
        said = note(self._queue, task.owner, *reports(task.errand, heard))
        for number, asked in enumerate(said):
            if (asked.cancel or not asked.mine) and number not in task.stopping:
                task.stopping.add(number)
                self._cluster.desk.stop(task.errand.key, number)

    def _reap(self, seconds: float) -> None:
        """End what came of errands."""
        over = self._cluster.came(seconds)
        asked = (self._lent[place].task for place, _ in over if place in self._lent)
        keys = [task.errand.key for task in asked if task is not None]
        heard = self._cluster.desk.heard(keys) if keys else {}
        for place, came in over:
            lent = self._lent.get(place)
            if lent is None or lent.task is None:
                continue
            task, lent.task = lent.task, None
            if isinstance(came, Exception):
                came = [Came(of_cluster(came))] * len(task.errand.lot)
            node = heard.get(task.errand.key, (lent.who.node, ()))[0]
            if task.parted is not None:
                task.parted.take(task.errand.key, came[0])
                if task.parted.ended is not None:
                    stopping(task.parted, self._cluster.desk.stop)
            elif parts := came[0].parts:
                self._parted.append(Parted(task.errand, task.owner, lent.leave, list(parts)))
                self._lent[place] = self._joined(lent.who)
            else:
                self._endings.end(task, came, f"on {lent.who.host}", heard)
            self._cluster.desk.forget(task.errand.key)
            if task.parted is not None:
                self._settle(task.parted)
            # What lost a place, or was begun again on another node, has one that is not known yet.
            if node != lent.who.node or any(one.ending.exit == "lost" for one in came):
                self._let_go(place)

    def _settle(self, parted: Parted) -> None:
        """End a job that was spread, if nobody makes any of it any more."""
        if not parted.over or parted not in self._parted:
            return
        self._parted.remove(parted)
        assert parted.ended is not None
        self._end_parted(parted, parted.ended)

    def _end_parted(self, parted: Parted, came: Came) -> None:
        """End a job that was spread. What it was begun on its folder says, which is here: a place
        that was lost, or asked to stop, need not have said so.
        """
        note(self._queue, parted.owner, parted.report(NOTHING))
        came = replace(came, device=device_of(parted.errand.lot[0].job.out))
        self._endings.end(_of(parted), [came], in_places(len(parted.makers)))
        parted.leave.close()

    def _let_go(self, place: int) -> None:
        lent = self._lent.pop(place)
        self._cluster.close(place)
        lent.leave.close()

    def stop(self) -> None:
        """Ask all places to stop at the next good moment of their jobs, and wait for them; whoever
        insists by a second signal stops them at once.
        """
        at_once = Came(Ending("stopped", "stopped at once"))
        try:
            for parted in list(self._parted):
                parted.end(Ending("stopped", "stopped"))
                self._settle(parted)
            for task in self._tasks():
                self._cluster.desk.stop(task.errand.key)
            while self._tasks():
                self._look_after()
                self._reap(LOOK)
        except KeyboardInterrupt:
            for task in self._tasks():
                if task.parted is None:
                    self._endings.end(task, [at_once] * len(task.errand.lot), "")
        finally:
            for parted in self._parted:
                self._end_parted(parted, at_once)
            for place in self._coming:
                self._cluster.close(place)
            for place in list(self._lent):
                self._let_go(place)
            self._tokens.take_away()


def _of(parted: Parted) -> Task:
    """A job that is spread, as what one does."""
    return Task(parted.errand, parted.owner, parted, parted.began)
