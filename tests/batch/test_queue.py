"""A queue as a person has it: what is added once, found, paused, cancelled, tried again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from claiming import one, told

from dreamer.batch.claims import ALL, Member, Shard, end, remaining
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
from dreamer.batch.queue_file import QueueError
from dreamer.batch.rules import Ending

ME = Member("me")


def names(queue: Queue, *states: str) -> list[str]:
    return [one.job.name for one in queue.jobs(states)]  # type: ignore[arg-type]


def test_what_was_added_comes_back_as_it_was(queue: Queue, job) -> None:
    asked = job(
        "a",
        inputs={"/photo.png": "12"},
        threads=3,
        device="cuda",
        cost=1.5,
        likeness="alike",
        group="g",
        sweep={"name": "s", "sha256": "00", "index": 4},
        coordinates={"seed": 5},
    )
    queue.add([asked])
    assert queue.job(asked.id[:6]).job == asked
    assert asked.origin == {
        "job": asked.id,
        "sweep": {"name": "s", "sha256": "00", "index": 4, "coordinates": {"seed": 5}},
    }


def test_equal_jobs_are_there_once(queue: Queue, job) -> None:
    (first,) = queue.add([job("a")])
    (second,) = queue.add([job("a")])
    assert first.new
    assert not second.new
    assert second.queued.number == first.queued.number
    assert names(queue) == ["a"]


def test_equal_jobs_of_one_call_too(queue: Queue, job) -> None:
    assert [one.new for one in queue.add([job("a"), job("a")])] == [True, False]


def test_force_makes_another_beside(queue: Queue, job) -> None:
    for _ in range(3):
        queue.add([job("a")], force=True)
    outs = [one.job.out.name for one in queue.jobs()]
    assert outs == ["a", "a-2", "a-3"]
    assert len({one.job.id for one in queue.jobs()}) == 3


def test_another_job_with_the_same_folder_has_one_beside(queue: Queue, job) -> None:
    same = job("a").out
    queue.add([job("a"), replace(job("b"), out=same)])
    assert [one.job.out.name for one in queue.jobs()] == ["a", "a-2"]


def test_all_or_none_are_added(queue: Queue, job) -> None:
    broken = replace(job("b"), recipe=None)
    with pytest.raises(QueueError):
        queue.add([job("a"), broken])
    assert names(queue) == []


def test_the_highest_priority_comes_first_then_the_first_added(queue: Queue, job) -> None:
    queue.add([job("a"), job("b")])
    queue.add([job("urgent")], priority=5)
    queue.add([job("late")], priority=-1)
    with joined(queue) as me:
        taken = [one(queue, me) for _ in range(4)]
    assert [one.job.name for one in taken if one] == ["urgent", "a", "b", "late"]


def test_a_pause_lets_nothing_begin(queue: Queue, job) -> None:
    queue.add([job("a")])
    queue.pause("the disk is full")
    assert queue.paused == "the disk is full"
    assert one(queue, ME) is None
    queue.resume()
    assert one(queue, ME) is not None


def test_parts_of_a_queue_are_all_of_it_and_have_nothing_in_common(queue: Queue, job) -> None:
    queue.add([job(f"j{k}") for k in range(10)])
    found = {}
    for part in (1, 2, 3):
        while (its := one(queue, ME, Shard(part, 3))) is not None:
            found[its.job.name] = part
    assert len(found) == 10
    assert sorted(found.values()) == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert one(queue, ME, ALL) is None


def test_what_wants_cuda_waits_for_it(queue: Queue, job) -> None:
    queue.add([job("a", device="cuda")])
    assert one(queue, Member("me", "cpu")) is None
    assert one(queue, Member("me", "cuda")) is not None


def test_cancelling_what_waits_and_what_runs(queue: Queue, job) -> None:
    queue.add([job("a"), job("b")])
    with joined(queue) as me:
        running = one(queue, me)
        assert running is not None
        queue.cancel(["a", "b"])
        assert names(queue, "cancelled") == ["b"]
        assert told(queue, me, running, 3, 10, "frame 3 of 10").cancel
        end(queue, running, Ending("stopped", "stopped"))
    assert sorted(names(queue, "cancelled")) == ["a", "b"]
    with pytest.raises(QueueError, match="is cancelled already"):
        queue.cancel(["a"])


def test_what_was_cancelled_waits_when_it_is_added_again(queue: Queue, job) -> None:
    queue.add([job("a")])
    queue.cancel(["a"])
    (again,) = queue.add([job("a")])
    assert again.new
    assert again.queued.state == "waiting"


def test_what_is_done_is_not_made_again_while_its_folder_is_there(queue: Queue, job) -> None:
    queue.add([job("a")])
    running = one(queue, ME)
    assert running is not None
    job("a").out.mkdir(parents=True)
    end(queue, running, Ending("done"), {"a.png": "00"})
    (again,) = queue.add([job("a")])
    assert (again.new, again.queued.state) == (False, "done")
    assert again.queued.made == {"a.png": "00"}
    job("a").out.rmdir()
    (gone,) = queue.add([job("a")])
    assert (gone.new, gone.queued.state) == (True, "waiting")


def test_trying_again_forgets_what_went_wrong(queue: Queue, job) -> None:
    queue.add([job("a"), job("b"), job("c")])
    for ending in ("failed", "lost"):
        for _ in range(1 if ending == "failed" else 2):
            running = one(queue, ME)
            assert running is not None
            end(queue, running, Ending(ending, ending), back_off=0)  # type: ignore[arg-type]
    assert names(queue, "failed", "quarantined") == ["a", "b"]
    again = queue.retry()
    assert [(one.job.name, one.state, one.crashes, one.reason) for one in again] == [
        ("a", "waiting", 0, ""),
        ("b", "waiting", 0, ""),
    ]
    with pytest.raises(QueueError, match="is waiting; nothing to retry"):
        queue.retry(["c"])


def test_an_id_may_be_short_as_long_as_it_is_of_one(queue: Queue, job) -> None:
    many = [job(f"j{k}") for k in range(40)]
    queue.add(many)
    assert queue.job(many[3].id[:12]).job.name == "j3"
    assert queue.job(many[3].id[:12].upper()).job.name == "j3"
    shared = next(a for a in "0123456789abcdef" if sum(j.id[0] == a for j in many) > 1)
    with pytest.raises(QueueError, match="several jobs"):
        queue.job(shared)
    for nothing in ("zz", "", "%", "_"):
        with pytest.raises(QueueError, match="no job"):
            queue.job(nothing)


def test_a_name_is_as_good_where_one_job_has_it(queue: Queue, job) -> None:
    queue.add([job("flowers"), job("zebra"), replace(job("other"), name="zebra")])
    assert queue.job("flowers").job.name == "flowers"
    with pytest.raises(QueueError, match="several jobs"):
        queue.job("zebra")


def test_only_who_has_a_job_ends_it(queue: Queue, job) -> None:
    queue.add([job("a")])
    first = one(queue, ME)
    assert first is not None
    assert end(queue, first, Ending("lost", "killed"), back_off=0) is not None
    second = one(queue, Member("another"))
    assert second is not None
    assert end(queue, first, Ending("done")) is None
    assert not told(queue, ME, first, 1, 1, "").mine
    assert queue.job("a").state == "running"
    assert [(run.number, run.exit) for run in queue.runs(1)] == [(1, "lost"), (2, "")]


def test_what_was_put_off_is_begun_when_its_time_has_come(queue: Queue, job, clock) -> None:
    queue.add([job("a"), job("b")])
    first = one(queue, ME)
    assert first is not None
    end(queue, first, Ending("memory", "out of memory"), back_off=30)
    found = one(queue, ME)
    assert found is not None
    assert found.job.name == "b"
    end(queue, found, Ending("done"))
    assert one(queue, ME) is None
    clock.now += 29
    assert one(queue, ME) is None
    clock.now += 1
    found = one(queue, ME)
    assert found is not None
    assert (found.job.name, found.tries, found.alone) == ("a", 1, True)


def test_a_clock_set_back_keeps_nothing_waiting(queue: Queue, job, clock) -> None:
    queue.add([job("a")])
    first = one(queue, ME)
    assert first is not None
    end(queue, first, Ending("memory", "out of memory"), back_off=30)
    clock.now -= 10 * 24 * 3600
    again = one(queue, ME)
    assert again is not None
    end(queue, again, Ending("done"))
    assert queue.job("a").state == "done"


def test_what_ran_out_of_memory_runs_when_nothing_else_does(queue: Queue, job) -> None:
    queue.add([job("large"), job("b"), job("c")])
    with joined(queue) as me, joined(queue) as other:
        large = one(queue, me)
        assert large is not None
        beside = one(queue, other)
        assert beside is not None
        end(queue, large, Ending("memory", "out of memory"), back_off=0)
        third = one(queue, me)
        assert third is not None
        assert third.job.name == "c"  # while b runs
        end(queue, third, Ending("done"))
        assert one(queue, me) is None
        end(queue, beside, Ending("done"))
        again = one(queue, me)
        assert again is not None
        assert again.job.name == "large"
        queue.add([job("d")])
        assert one(queue, other) is None  # beside it nothing is begun


def test_a_large_job_waits_for_its_cores_and_is_passed_by_none(queue: Queue, job) -> None:
    queue.add([job("a"), job("b"), job("film", threads=3), job("c"), job("d")])
    workers = [Member(name) for name in "vwxyz"]
    first, second = (one(queue, worker, cores=4) for worker in workers[:2])
    assert one(queue, workers[2], cores=4) is None
    end(queue, first, Ending("done"))
    film = one(queue, workers[2], cores=4)
    assert film.job.name == "film"
    assert one(queue, workers[3], cores=4) is None
    end(queue, second, Ending("done"))
    assert one(queue, workers[3], cores=4).job.name == "c"
    assert one(queue, workers[4], cores=4) is None
    assert one(queue, workers[4]).job.name == "d"  # who said how many workers there are


def test_what_is_larger_than_the_machine_runs_alone(queue: Queue, job) -> None:
    queue.add([job("film", threads=32)])
    assert one(queue, ME, cores=4) is not None


def test_a_gpu_that_is_full_waits_for_no_other(queue: Queue, job) -> None:
    queue.add([job("large"), job("b")])
    first, second = Member("gpu 0", "cuda"), Member("gpu 1", "cuda")
    large = one(queue, first)
    one(queue, second)
    end(queue, large, Ending("memory", "out of memory"), back_off=0)
    again = one(queue, first)
    assert again is not None
    assert (again.job.name, again.alone) == ("large", True)
    queue.add([job("c")])
    assert one(queue, Member("gpu 2", "cuda")) is not None


def test_a_retry_takes_nothing_from_who_was_quicker(queue: Queue, job) -> None:
    queue.add([job("a")])
    end(queue, one(queue, ME), Ending("failed", "no"))
    found = queue.jobs

    def quicker(states=(), most=-1):
        seen = found(states, most)
        if states:
            with Queue(queue.path) as other:
                other.retry(["a"])
                assert one(other, Member("quick")) is not None
        return seen

    queue.jobs = quicker
    assert queue.retry() == []
    now = queue.job("a")
    assert (now.state, now.worker) == ("running", "quick")


def test_what_is_added_again_can_be_put_first(queue: Queue, job) -> None:
    queue.add([job("a"), job("b")])
    queue.cancel(["b"])
    queue.add([job("b")], priority=5)
    first = one(queue, ME)
    assert first is not None
    assert first.job.name == "b"


def test_what_is_added_again_while_it_is_cancelled_waits_again(queue: Queue, job) -> None:
    queue.add([job("a")])
    running = one(queue, ME)
    queue.cancel(["a"])
    assert queue.add([job("a")])[0].new
    end(queue, running, Ending("stopped", "stopped"))
    assert queue.job("a").state == "waiting"


@pytest.mark.parametrize("left", [False, True])
def test_a_job_keeps_to_the_device_of_what_is_left_of_it(queue: Queue, job, left: bool) -> None:
    asked = job("a")
    queue.add([asked])
    end(queue, one(queue, Member("gpu", "cuda")), Ending("failed"), device="cuda")
    assert queue.job("a").job.device == "cuda"
    if left:
        asked.out.mkdir(parents=True)
    queue.retry(["a"])
    assert queue.job("a").job.device == ("cuda" if left else "auto")


def test_shards_of_what_grew_are_even(queue: Queue, job) -> None:
    queue.add([job(f"e{k}") for k in range(0, 20, 2)])
    queue.add([job(f"e{k}") for k in range(20)])
    assert [remaining(queue, "cpu", Shard(k, 2))[0] for k in (1, 2)] == [10, 10]


def test_a_queue_is_found_again_by_another_process(tmp_path: Path, queue: Queue, job) -> None:
    queue.add([job("a")])
    with Queue(tmp_path / "batch.sqlite") as other:
        assert names(other) == ["a"]
        assert other.rows("PRAGMA journal_mode")[0][0] == "wal"
        assert other.rows("PRAGMA synchronous")[0][0] == 2
