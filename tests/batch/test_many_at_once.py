"""Many processes on one queue, and many jobs in one."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from claiming import one

from dreamer.batch.claims import Member
from dreamer.batch.queue import Queue
from dreamer.batch.status import status_of

ROUNDS, MANY = 20, 6
CLAIM = """
import sys
from pathlib import Path
from dreamer.batch.claims import claim, end
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
from dreamer.batch.rules import Ending
with Queue(Path(sys.argv[1])) as queue, joined(queue) as me:
    print("ready", flush=True)
    for _ in iter(sys.stdin.readline, None):  # a turn a line, and no end of turns when it is closed
        if not (found := claim(queue, me)):
            break
        print(found[0].job.name, flush=True)
        end(queue, found[0], Ending("done"))
"""


def test_no_job_is_two_workers(queue: Queue, job) -> None:
    """Several claim at once again and again, and then as fast as they can."""
    queue.add([job(f"j{k:03}") for k in range(300)])
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(queue.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(MANY)
    ]

    def heard() -> list[str]:
        return [worker.stdout.readline().strip() for worker in workers if worker.stdout is not None]

    assert heard() == ["ready"] * MANY
    found: list[str] = []
    for _ in range(ROUNDS):
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        found += heard()
    found += [name for worker in workers for name in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0] * MANY
    assert sorted(found) == [f"j{k:03}" for k in range(300)]
    assert queue.counts() == {"done": 300}


def test_ten_thousand_jobs_are_quick(queue: Queue, job) -> None:
    recipe = "seed: 1\n" * 200  # as long as recipes are
    began = time.perf_counter()
    queue.add([job(f"j{k}", recipe=recipe, cost=1.0) for k in range(10_000)])
    added = time.perf_counter() - began
    timed = {}
    for name, call in {
        "claim": lambda: one(queue, Member("me")),
        "claim of the last part": lambda: one(queue, Member("me"), _last_part()),
        "status": lambda: status_of(queue),
        "counts": queue.counts,
        "list": queue.jobs,
        "prefix": lambda: queue.job(job("j77").id[:10]),
    }.items():
        takes = []
        for _ in range(5):
            begun = time.perf_counter()
            assert call() is not None
            takes.append(time.perf_counter() - begun)
        timed[name] = min(takes)
    assert added < 30
    assert timed.pop("list") < 4
    assert all(seconds < 0.3 for seconds in timed.values()), timed


def _last_part():
    from dreamer.batch.claims import Shard

    return Shard(1000, 1000)


def test_ten_thousand_jobs_that_are_put_off_keep_no_claim(queue: Queue, job) -> None:
    queue.add([job(f"j{k}") for k in range(10_000)])
    with queue.writing() as connection:
        connection.execute("UPDATE jobs SET not_before = ?", (queue.clock() + 60,))
    began = time.perf_counter()
    assert one(queue, Member("me")) is None
    assert time.perf_counter() - began < 0.5


def test_a_queue_in_use_can_be_asked(tmp_path: Path, queue: Queue, job) -> None:
    queue.add([job("a")])
    with queue.writing(), Queue(queue.path) as other:
        assert other.counts() == {"waiting": 1}
