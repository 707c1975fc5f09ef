"""What a person means by a word: a job, or a sweep with all of its jobs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from claiming import one

from dreamer.batch.asked import logs_of
from dreamer.batch.changing import cancel, list_jobs, prioritised, retry
from dreamer.batch.choosing import cancelled, chosen
from dreamer.batch.claims import Member
from dreamer.batch.job import Job
from dreamer.batch.queue import Queue
from dreamer.batch.queue_file import QueueError
from dreamer.errors import UsageError
from recipes import batch, still

ME = Member("me")


@pytest.fixture
def pools(queue: Queue, job, tmp_path: Path) -> list[Job]:
    """A queue of `alone`, and of a sweep of three."""
    home = tmp_path / "renders" / "pools"
    said = {"name": "pools", "sha256": "00"}
    three = [
        job(f"pools-00{k}", sweep={**said, "index": k}, out=home / f"00{k}") for k in (1, 2, 3)
    ]
    queue.add([job("alone"), *three])
    return three


def states(queue: Queue) -> dict[str, str]:
    return {one.job.name: one.state for one in queue.jobs()}


def test_a_sweep_is_cancelled_and_retried_by_its_name(queue: Queue, pools) -> None:
    queue.cancel(["pools-002"])
    told = cancel(queue.path, ["pools"])
    assert [one.job.name for one in told.jobs] == ["pools-001", "pools-003"]
    assert set(states(queue).values()) == {"waiting", "cancelled"}
    assert states(queue)["alone"] == "waiting"
    with pytest.raises(QueueError, match="'pools' is waiting or running: 3 cancelled"):
        cancel(queue.path, ["pools"])
    assert retry(queue.path, ["pools"]).as_text() == "3 wait again"
    with pytest.raises(QueueError, match="nothing of 'pools' is failed or quarantined or canc"):
        retry(queue.path, ["pools"])


def test_a_sweep_or_a_job_is_named_by_its_folder(queue: Queue, pools) -> None:
    home = pools[0].out.parent
    queue.add(
        [replace(pools[0], id="ee", out=home.parent / "other" / "001")]
    )  # under another --out
    assert len(chosen(queue, ["pools"])) == 4
    assert [one.job.name for one in chosen(queue, [str(home)])] == [one.name for one in pools]
    assert len(chosen(queue, [f"{home}/", "pools-002"])) == 3
    (first,) = chosen(queue, [str(home / "001")])
    assert first.job.id == pools[0].id
    with pytest.raises(QueueError, match="no job"):
        chosen(queue, [str(home.parent)])


def test_what_is_both_is_asked_again(queue: Queue, pools, job) -> None:
    queue.add([job("pools")])
    with pytest.raises(QueueError, match=r"is a job and a sweep; say .* folder, .*renders/pools"):
        chosen(queue, ["pools"])


def test_equal_names_are_told_apart_by_their_folders(queue: Queue, job) -> None:
    queue.add([job("a"), job("a")], force=True)
    with pytest.raises(QueueError, match=r"\(a\), .* \(a-2\)"):
        queue.job("a")


def test_a_sweep_is_listed_and_its_logs_are_asked_of_one(queue: Queue, pools) -> None:
    assert [one.job.name for one in list_jobs(queue.path, (), ["pools"]).jobs] == [
        *("pools-001", "pools-002", "pools-003"),
    ]
    assert list_jobs(queue.path, ["done"], ["pools"]).jobs == ()
    with pytest.raises(QueueError, match=r"3 jobs; name one: pools-001 \(waiting\), pools-002"):
        logs_of(queue.path, "pools")
    assert one(queue, ME) is not None
    assert "  runs still" in logs_of(queue.path, "alone").as_text()


def test_all_that_waits_or_runs_is_cancelled(queue: Queue, pools) -> None:
    assert one(queue, ME) is not None
    assert cancelled(queue, ["pools-001"], ["running"]) == []
    assert len(cancelled(queue, [], ["waiting"])) == 3
    assert states(queue)["alone"] == "running"
    told = cancel(queue.path, [], ["waiting", "running"]).as_text()
    assert "stops at its next good moment" in told
    with pytest.raises(UsageError, match="expected which"):
        cancel(queue.path)
    with pytest.raises(UsageError, match="did you mean 'waiting'"):
        cancel(queue.path, [], ["waitin"])


def test_a_sweep_goes_before_others(queue: Queue, pools) -> None:
    assert prioritised(queue.path, 5, ["pools"]).as_text() == "3 have priority 5"
    first = one(queue, ME)
    assert first is not None
    assert first.job.name == "pools-001"


def test_of_two_thousand_a_count_is_told(queue: Queue, job) -> None:
    said = {"name": "tide", "sha256": "00"}
    queue.add([job(f"tide-{k}", sweep={**said, "index": k}) for k in range(2000)])
    assert cancel(queue.path, ["tide"]).as_text() == "2000 cancelled"


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    batch(tmp_path, "add", still(tmp_path, "a", 1), still(tmp_path, "b", 2))
    assert "1 has priority -5" in batch(tmp_path, "priority", "-5", "a")
    assert json.loads(batch(tmp_path, "pause", "--json")) == {
        "paused": "by hand",
        "waiting": 2,
        "running": 0,
    }
    assert json.loads(batch(tmp_path, "resume", "--json"))["paused"] is None
    assert "a: cancelled" in batch(tmp_path, "cancel", "a", "--state", "waiting")
    assert "b: cancelled" in batch(tmp_path, "cancel", "--all")
    assert "0 cancelled" in batch(tmp_path, "cancel", "--all")
