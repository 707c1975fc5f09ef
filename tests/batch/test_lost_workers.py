"""Jobs of workers that are gone are taken back, whoever they were and wherever."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from claiming import one, told

from dreamer.batch import members
from dreamer.batch.claims import Member
from dreamer.batch.members import PLACE, SILENCE, Watch, in_doubt, joined, take_back, workers_of
from dreamer.batch.queue import Queue

WAITS = """
import sys, time
from pathlib import Path
from dreamer.batch.claims import claim
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
with Queue(Path(sys.argv[1])) as queue, joined(queue, sys.argv[2]) as me:
    print(claim(queue, me)[0].job.name, flush=True)
    time.sleep(600)
"""


def killed_with_a_job(queue: Queue, runner: str) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WAITS, str(queue.path), runner], stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    worker.stdout.readline()
    assert take_back(queue, Watch()) == []  # while it lives
    worker.send_signal(signal.SIGKILL)
    worker.communicate()


def test_the_job_of_a_killed_worker_waits_again(queue: Queue, job) -> None:
    queue.add([job("a")])
    killed_with_a_job(queue, "a runner that is gone")
    ((queued, change),) = take_back(queue, Watch(), back_off=0)
    assert (queued.job.name, change.state, change.crashes) == ("a", "waiting", 1)
    assert workers_of(queue) == []
    assert not list(queue.rooms.glob("workers/*"))
    assert "gone" in queue.runs(1)[0].reason


def test_a_job_that_costs_two_is_quarantined(queue: Queue, job) -> None:
    queue.add([job("a")])
    for state in ("waiting", "quarantined"):
        killed_with_a_job(queue, "a runner that is gone")
        ((_, change),) = take_back(queue, Watch(), back_off=0)
        assert change.state == state


def test_a_worker_whose_runner_lives_is_left_to_it(queue: Queue, job) -> None:
    queue.add([job("a")])
    with joined(queue, kind="runner") as runner:
        killed_with_a_job(queue, runner.id)
        assert take_back(queue, Watch()) == []
        assert queue.job("a").state == "running"
    assert len(take_back(queue, Watch())) == 1


def test_a_worker_elsewhere_is_gone_when_it_is_silent(queue: Queue, job, monkeypatch) -> None:
    queue.add([job("a")])
    monkeypatch.setattr(members, "HERE", "elsewhere")
    with joined(queue, "a runner") as me:
        queued = one(queue, me)
        monkeypatch.setattr(members, "HERE", "here")
        now = [100.0]
        watch = Watch(lambda: now[0])
        assert take_back(queue, watch) == []
        now[0] += SILENCE - 1
        told(queue, me, queued, 1, 2, "frame 1 of 2")
        assert take_back(queue, watch) == []
        now[0] += SILENCE - 1
        assert take_back(queue, watch) == []
        now[0] += 2
        assert len(take_back(queue, watch)) == 1
        assert not told(queue, me, queued, 2, 2, "frame 2 of 2").mine  # and it learns of it


def test_the_death_of_a_driver_counts_against_no_job(queue: Queue, job) -> None:
    queue.add([job("a")])
    now = [100.0]
    for _ in range(3):
        with joined(queue, "a driver that is gone", "cpu", PLACE, "elsewhere", 1) as place:
            assert one(queue, place) is not None
            watch = Watch(lambda: now[0])
            assert take_back(queue, watch) == []
            now[0] += SILENCE + 1
            ((_, change),) = take_back(queue, watch)
            assert (change.state, change.crashes) == ("waiting", 0)
            assert "its driver is gone" in change.reason


def test_who_looks_for_the_first_time_waits_until_it_knows(queue: Queue, job, monkeypatch) -> None:
    queue.add([job("a")])
    monkeypatch.setattr(members, "HERE", "elsewhere")
    with joined(queue, "a runner") as me:
        monkeypatch.setattr(members, "HERE", "here")
        running = one(queue, me)
        now = [100.0]
        watch = Watch(lambda: now[0])
        assert in_doubt(queue, watch)
        told(queue, me, running, 1, 2, "frame 1 of 2")
        assert not in_doubt(queue, watch)  # it is alive
        fresh = Watch(lambda: now[0])
        assert in_doubt(queue, fresh)
        now[0] += SILENCE + 1
        assert not in_doubt(queue, fresh)  # it is gone
        assert len(take_back(queue, fresh)) == 1
    queue.add([job("b")])
    with joined(queue, "a runner") as me:
        one(queue, me)
        assert not in_doubt(queue, Watch())  # its lock tells


def test_a_job_of_nobody_waits_again(queue: Queue, job) -> None:
    queue.add([job("a")])
    one(queue, Member("me"))
    with queue.writing() as connection:
        connection.execute("DELETE FROM workers")
    assert len(take_back(queue, Watch())) == 1


def test_who_slept_and_was_taken_for_lost_is_known_again(queue: Queue, job, monkeypatch) -> None:
    queue.add([job("a"), job("b")])
    monkeypatch.setattr(members, "HERE", "elsewhere")
    with joined(queue, "a runner") as me:
        monkeypatch.setattr(members, "HERE", "here")
        asleep = one(queue, me)
        now = [100.0]
        watch = Watch(lambda: now[0])
        take_back(queue, watch)
        now[0] += SILENCE + 1
        assert len(take_back(queue, watch)) == 1
        assert workers_of(queue) == []
        assert not told(queue, me, asleep, 1, 2, "frame 1 of 2").mine
        awake = one(queue, me)
        assert awake.job.name == "b"
        assert take_back(queue, watch) == []
        assert told(queue, me, awake, 1, 2, "frame 1 of 2").mine
        (row,) = workers_of(queue)
        assert (row["runner"], row["host"]) == ("a runner", "elsewhere")


def test_who_joins_while_others_look_keeps_its_job(queue: Queue, job, monkeypatch) -> None:
    queue.add([job("a")])
    looked = Watch.alive
    late = []

    def alive(watch: Watch, row) -> bool:
        if not late:
            late.append(Member("late"))
            with Queue(queue.path) as other:
                assert one(other, late[0]) is not None
        return looked(watch, row)

    monkeypatch.setattr(Watch, "alive", alive)
    with joined(queue, "a runner"):
        assert take_back(queue, Watch()) == []
    assert queue.job("a").state == "running"


def test_a_runner_that_leaves_leaves_nothing(queue: Queue, tmp_path: Path) -> None:
    with joined(queue, kind="runner"):
        assert len(list(queue.rooms.glob("workers/*.lock"))) == 1
    assert not list(queue.rooms.glob("workers/*"))
    assert queue.rows("SELECT count(*) FROM workers")[0][0] == 0
