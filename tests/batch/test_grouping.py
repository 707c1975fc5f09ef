"""Stills of a queue that are rendered together: which, who takes them, and what they are worth."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamer.batch.attempting import attempt
from dreamer.batch.claims import Member, Shard, claim, end
from dreamer.batch.grouping import cut, grouped
from dreamer.batch.job import Queued
from dreamer.batch.outlook import times_taken
from dreamer.batch.queue import Queue
from dreamer.batch.rules import Ending
from dreamer.batch.telling import Telling
from dreamer.engine.stopping import Stop
from dreamer.errors import FrameError, Stopped
from recipes import batch, bytes_of, count_lost, rows, start, still, wait_for, worked, worker_of

ME = Member("me")


def test_stills_that_are_alike_are_cut_into_even_groups() -> None:
    places = cut([("alike", 64)] * 10, together=8)
    assert [place and place[1:] for place in places] == [(k % 5, 5) for k in range(10)]
    assert [place and place.group for place in places] == [0] * 5 + [1] * 5


def test_what_is_like_nothing_is_in_no_group() -> None:
    assert cut([("a", 8), (None, 1), ("b", 8), (None, 1)]) == [None] * 4


def test_a_pass_holds_only_so_many() -> None:
    assert [place and place.rows for place in cut([("large", 2)] * 4)] == [2, 2, 2, 2]
    assert cut([("larger", 1)] * 4) == [None] * 4


def test_no_worker_is_idle_because_another_has_all() -> None:
    groups = [place and place.group for place in cut([("alike", 8)] * 8, places=2)]
    assert groups == [0] * 4 + [1] * 4
    assert cut([("alike", 8)] * 2, places=2) == [None, None]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9))), st.integers(1, 9))
def test_groups_hold_no_more_than_may_be_and_every_place_once(
    alike: list[tuple[str, int]], together: int
) -> None:
    found = cut(alike, together)
    members: dict[int, list[int]] = {}
    for number, place in enumerate(found):
        if place is not None:
            members.setdefault(place.group, []).append(number)
    for numbers in members.values():
        places = [found[number] for number in numbers]
        assert {place.row for place in places} == set(range(len(numbers)))
        assert {place.rows for place in places} == {len(numbers)}
        assert 1 < len(numbers) <= min(together, *(alike[number][1] for number in numbers))
        assert len({alike[number][0] for number in numbers}) == 1


def test_jobs_of_other_folders_threads_or_devices_are_not_alike(job, tmp_path: Path) -> None:
    jobs = [
        job("a", likeness="x", most=8),
        job("b", likeness="x", most=8, threads=2),
        job("c", likeness="x", most=8, device="cuda"),
        job("d", likeness="x", most=8, base=tmp_path / "elsewhere"),
        job("e", likeness="x", most=8),
    ]
    assert [one.rows for one in grouped(jobs)] == [2, 1, 1, 1, 2]
    first, *_, last = grouped(jobs)
    assert first.group == last.group is not None


def in_queue(queue: Queue, job, count: int = 4) -> list[str]:
    jobs = [job(f"j{k}", likeness="x", most=8) for k in range(count)]
    queue.add(jobs, together=8)
    return [one.name for one in jobs]


def names(lot: list[Queued]) -> list[str]:
    return [one.job.name for one in lot]


def test_a_group_is_taken_at_once_and_each_ends_by_itself(queue: Queue, job) -> None:
    wanted = in_queue(queue, job)
    lot = claim(queue, ME)
    assert names(lot) == wanted
    assert claim(queue, Member("another")) == []
    for one, ending in zip(lot, ("done", "failed", "stopped", "busy"), strict=True):
        end(queue, one, Ending(ending))
    assert queue.counts() == {"done": 1, "failed": 1, "waiting": 2}
    again = claim(queue, ME)
    assert names(again) == ["j2"]  # j3 waits until its folder may be free
    assert (again[0].job.row, again[0].job.rows) == (2, 4)


def test_a_cancelled_member_leaves_its_group(queue: Queue, job) -> None:
    in_queue(queue, job)
    queue.cancel(["j1"])
    assert names(claim(queue, ME)) == ["j0", "j2", "j3"]


def test_a_group_is_of_one_shard(queue: Queue, job) -> None:
    in_queue(queue, job)
    queue.add([job("single")])
    assert names(claim(queue, ME, Shard(1, 2))) == ["j0", "j1", "j2", "j3"]
    assert claim(queue, ME, Shard(1, 2)) == []
    assert names(claim(queue, ME, Shard(2, 2))) == ["single"]


def test_who_costs_a_group_its_worker_is_found_by_halves(queue: Queue, job, clock) -> None:
    in_queue(queue, job, 8)
    sizes: Counter[int] = Counter()
    while lot := claim(queue, ME):
        sizes[len(lot)] += 1
        guilty = "j5" in names(lot)
        for one in lot:
            end(queue, one, Ending("lost" if guilty else "done"), back_off=1)
        clock.now += 100
    assert queue.counts() == {"done": 7, "quarantined": 1}
    assert queue.job("j5").crashes == 2
    assert sizes[1] <= 3  # it, twice, and whoever was with it last
    queue.retry(["j5"])
    assert queue.job("j5").company == 0


def test_what_ran_out_of_memory_is_by_itself(queue: Queue, job, clock) -> None:
    in_queue(queue, job)
    lot = claim(queue, ME)
    for one in lot:
        end(queue, one, Ending("memory" if one.job.name == "j0" else "stopped"), back_off=1)
    clock.now += 10
    assert names(claim(queue, ME)) == ["j0"]


def test_a_group_counts_once_in_what_its_runs_took(queue: Queue, job, clock) -> None:
    in_queue(queue, job)
    lot = claim(queue, ME)
    clock.now += 8
    for one in lot:
        end(queue, one, Ending("done"))
    assert [took for _, took in times_taken(queue, 10)] == [2.0] * 4


def test_what_is_forced_twice_has_two_places(queue: Queue, job) -> None:
    again = job("a", likeness="x", most=8)
    first = queue.add([again, job("b", likeness="x", most=8), again], force=True, together=8)
    assert len({(one.queued.lot, one.queued.job.row) for one in first}) == 3
    assert len({one.queued.job.out for one in first}) == 3
    second = queue.add([again, again], together=8)
    assert [one.new for one in second] == [False, False]


def test_adding_puts_new_stills_that_are_alike_into_groups(tmp_path: Path) -> None:
    for seed in range(5):
        still(tmp_path, f"s{seed}", seed)
    batch(tmp_path, "add", tmp_path / "s0.yaml")
    batch(tmp_path, "add", *sorted(tmp_path.glob("s?.yaml")), "--together", 2)
    found = rows(tmp_path, "SELECT name, row, rows, lot FROM jobs ORDER BY number")
    assert [row[:3] for row in found] == [
        ("s0", 0, 1),
        ("s1", 0, 2),
        ("s2", 1, 2),
        ("s3", 0, 2),
        ("s4", 1, 2),
    ]
    lots = [lot for *_, lot in found]
    assert len(set(lots)) == 3
    assert (lots[1], lots[3]) == (lots[2], lots[4])
    batch(tmp_path, "add", tmp_path / "s1.yaml", "--together", 1, "--force")
    assert rows(tmp_path, "SELECT rows FROM jobs ORDER BY number DESC LIMIT 1") == [(1,)]


@pytest.fixture
def unbroken(tmp_path: Path) -> dict[str, dict[str, str]]:
    """Four stills rendered as one group: what each made, by its folder's name."""
    home = tmp_path / "unbroken"
    home.mkdir()
    added(home)
    assert worked(home) == {"done": 4}
    return made(home)


def added(home: Path) -> None:
    for seed in range(4):
        still(home, f"s{seed}", seed, steps=110)
    batch(home, "add", *sorted(home.glob("s?.yaml")))
    connection = rows(home, "SELECT DISTINCT rows FROM jobs")
    assert connection in ([(4,)], [(2,)])  # by how many cores there are


def made(home: Path) -> dict[str, dict[str, str]]:
    outs = [Path(out) for (out,) in rows(home, "SELECT out FROM jobs WHERE state = 'done'")]
    return {path.name: bytes_of(path) for path in outs}


@pytest.mark.slow
def test_a_group_killed_and_gone_on_with_has_the_bytes_of_an_unbroken_one(
    tmp_path: Path, unbroken: dict[str, dict[str, str]]
) -> None:
    added(tmp_path)
    runner = start(tmp_path, "run", "--workers", 1, "--back-off", 0.1)
    wait_for(lambda: any(tmp_path.glob("renders/s0-*/execution.json")), runner)
    os.kill(worker_of(tmp_path, "s0"), signal.SIGKILL)
    said, _ = runner.communicate(timeout=120)
    assert "4 done" in said
    assert made(tmp_path) == unbroken
    assert count_lost(tmp_path) > 1
    assert rows(tmp_path, "SELECT max(crashes) FROM jobs") == [(0,)]


def test_a_member_that_fails_costs_the_others_nothing(
    tmp_path: Path, unbroken: dict[str, dict[str, str]]
) -> None:
    added(tmp_path)
    (out,) = (Path(o) for (o,) in rows(tmp_path, "SELECT out FROM jobs WHERE name = 's1'"))
    out.mkdir(parents=True)
    (out / "mine.txt").write_text("somebody's")
    assert worked(tmp_path) == {"done": 3, "failed": 1}
    assert "s1" in batch(tmp_path, "logs", "s0")  # one log of all of them
    found = made(tmp_path)
    assert {k: v for k, v in found.items() if k != out.name} == {
        k: v for k, v in unbroken.items() if k != out.name
    }
    (out / "mine.txt").unlink()
    out.rmdir()
    batch(tmp_path, "retry")
    assert worked(tmp_path) == {"done": 4}
    assert made(tmp_path) == unbroken  # it is made by itself, in its own row


def test_a_groups_log_says_whom_it_is_of(queue: Queue, job, caplog) -> None:
    caplog.set_level("INFO", "dreamer")
    queue.add([job("a"), job("b")])
    lot = queue.jobs()
    telling = Telling(queue.path, ME, lot, Stop(), threading.Event())
    stopped = Stopped("stopped by SIGTERM in the middle of a frame; `dreamer resume x` goes on", 15)
    attempt(lot, telling, lambda jobs, watch, stops: [stopped, FrameError("no picture")])
    assert caplog.messages == ["2 together: a, b; how far the first is:", "b: no picture"]
