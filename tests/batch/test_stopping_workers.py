"""Workers that are told to stop: twice at once, without being able to, or by silence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dreamer.batch import places, runner, telling
from dreamer.batch.claims import Member, Shard, claim, counts_of, end
from dreamer.batch.members import joined
from dreamer.batch.places import Place, places_of
from dreamer.batch.queue import Queue
from dreamer.batch.rules import Ending
from dreamer.batch.runner import Child, Crew, Ran
from dreamer.batch.telling import Telling
from dreamer.batch.worker import Settings
from dreamer.engine.stopping import Stop
from dreamer.errors import UsageError
from recipes import FILM, batch, listed, rows, running, start, wait_for, worker_of

STUCK = """
import sys, time
from pathlib import Path
from dreamer.batch.claims import claim
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
with Queue(Path(sys.argv[1])) as queue, joined(queue, sys.argv[2]) as me:
    print(claim(queue, me)[0].job.name, flush=True)
    time.sleep(600)
"""


def test_a_signal_to_all_processes_is_one(tmp_path: Path) -> None:
    """As a container is stopped: its job ends at a good moment, not at once."""
    (tmp_path / "film.yaml").write_text(FILM)
    batch(tmp_path, "add", "film.yaml", "--threads", 1)
    process = start(tmp_path, "run", "--workers", 1)
    wait_for(lambda: running(tmp_path) == "film", process)
    for pid in (worker_of(tmp_path, "film"), process.pid):
        os.kill(pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    ((reason,),) = rows(tmp_path, "SELECT reason FROM runs")
    assert reason.startswith("stopped after "), "not at once"
    assert listed(tmp_path)[0]["state"] == "waiting"


def test_a_worker_that_does_not_stop_is_killed(
    queue: Queue, job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When somebody insists; its job waits again, and has not cost a worker."""
    monkeypatch.setattr(runner, "PATIENCE", 0.3)
    queue.add([job("a")])
    with joined(queue, kind="runner") as me:
        stuck = subprocess.Popen(
            [sys.executable, "-c", STUCK, str(queue.path), me.id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert stuck.stdout is not None
        stuck.stdout.readline()
        crew = Crew(queue, Settings(str(queue.path), me.id, quiet=True), [])
        crew._children.append(Child(stuck, Place("cpu")))
        # As in a terminal, also where tests run in the background and Ctrl-C is not heard.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        insist = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
        insist.start()
        try:
            crew.stop()
        finally:
            signal.signal(signal.SIGINT, before)
        stuck.stdout.close()
    assert stuck.returncode == -signal.SIGKILL
    there = queue.job("a")
    assert (there.state, there.crashes) == ("waiting", 0)
    assert "did not stop" in queue.runs(1)[0].reason


@pytest.mark.parametrize("hangs", [False, True])
def test_a_worker_that_cannot_reach_its_queue_stops(
    queue: Queue, job, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    """Before others take it for gone and make the same folder."""
    monkeypatch.setattr(telling, "SILENCE", 1.0)
    queue.add([job("a")])
    with joined(queue, "a runner") as me:
        teller = Telling(queue.path, me, claim(queue, me), Stop(), threading.Event())
        over = threading.Event()

        def hang(*_: object) -> None:
            over.wait(60)
            raise OSError

        teller.start()
        assert not teller.stops[0]
        if hangs:
            monkeypatch.setattr(telling, "note", hang)
        else:
            queue.path.rename(queue.path.with_name("away"))
        teller.join(3)
        asked = bool(teller.stops[0])
        over.set()
        teller.over()
        if not hangs:
            queue.path.with_name("away").rename(queue.path)
    assert asked


def test_a_runner_ends_well_when_its_own_part_is_done(queue: Queue, job) -> None:
    queue.add([job("a"), job("b"), job("c")])
    first, second, third = (claim(queue, Member("me"))[0] for _ in range(3))
    end(queue, first, Ending("failed", "not mine"))
    end(queue, second, Ending("done"))

    def ran(shard: Shard) -> Ran:
        return Ran(queue.counts(), counts_of(queue, shard), None, 0)

    assert ran(Shard(2, 3)).well
    assert ran(Shard(3, 3)).well, "somebody else makes it"
    assert not ran(Shard(1, 3)).well
    end(queue, third, Ending("stopped"))
    assert not ran(Shard(3, 3)).well


def test_devices_have_a_worker_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_cuda", lambda: ["0", "1", "2"])
    assert len(places_of("0,2", 2, 1)) == 2
    assert len(places_of("auto", 2, 1)) == 2
    for devices, workers, why in (("0", 4, "4 are more than 1 device"), ("0,00", None, "twice")):
        with pytest.raises(UsageError, match=why):
            places_of(devices, workers, 1)
