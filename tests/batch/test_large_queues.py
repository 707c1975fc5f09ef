"""A hundred thousand jobs: what is asked again and again is answered at once."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dreamer.batch.claims import ALL, Member, Shard, claim, lots_waiting
from dreamer.batch.queue import Queue
from dreamer.batch.status import status_of

MANY = 100_000
COPIED = ("id", "out", "name", "lot", "number")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory):
    """A queue of jobs that wait, and nine times as many that failed after a run each."""
    from dreamer.batch.job import Job

    folder = tmp_path_factory.mktemp("large")
    with Queue(folder / "batch.sqlite", make=True) as queue:
        queue.add([Job("0" * 64, "render", "j0", "x" * 200, folder, folder / "j0", "0" * 64)])
        columns = [row["name"] for row in queue.rows("PRAGMA table_info(jobs)")]
        kept = ", ".join(name for name in columns if name not in COPIED)
        with queue.writing() as connection:
            connection.execute(
                f"INSERT INTO jobs (id, out, name, lot, {kept}) "
                "WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < ?) "
                f"SELECT printf('%064x', n), 'o' || n, 'j' || n, n + 1, {kept} FROM jobs, k",
                (MANY - 1,),
            )
            connection.execute(
                "INSERT INTO runs (job, number, worker, pid, host, together, started, ended, exit, "
                "log) SELECT number, 0, 'w', 1, 'h', 1, number, number + 1, 'done', '' FROM jobs"
            )
            connection.execute("UPDATE jobs SET state = 'failed', ended = number WHERE number % 10")
        yield queue


def milliseconds(act: Callable[[], object]) -> float:
    """Of the processor, the least of a few times."""

    def once() -> float:
        begun = time.process_time()
        act()
        return time.process_time() - begun

    return min(once() for _ in range(5)) * 1e3


def test_a_look_at_it(large: Queue) -> None:
    status = status_of(large)
    assert [one.job.name for one in status.failures[:2]] == ["j99998", "j99997"]
    assert milliseconds(lambda: status_of(large)) < 50


@pytest.mark.parametrize("shard", [ALL, Shard(2, 8)])
def test_what_a_runner_asks_all_the_time(large: Queue, shard: Shard) -> None:
    assert lots_waiting(large, "cpu", shard, 4) == 4
    assert milliseconds(lambda: lots_waiting(large, "cpu", shard, 4)) < 5


def test_a_claim_and_a_job_by_its_name(large: Queue) -> None:
    assert claim(large, Member("me"))[0].job.name == "j9"
    assert milliseconds(lambda: claim(large, Member("me"))) < 20
    assert milliseconds(lambda: large.job("j77")) < 5
