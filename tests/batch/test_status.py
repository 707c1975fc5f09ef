"""What a queue says of itself: counts, time left, and a table that no name can break."""

from __future__ import annotations

import io

import pytest
from claiming import one
from claiming import told as tell
from rich.console import Console

from dreamer.batch.claims import Report, claim, end, note
from dreamer.batch.members import joined
from dreamer.batch.queue import Queue
from dreamer.batch.rules import Ending
from dreamer.batch.status import duration, status_of
from dreamer.batch.table import drawn


def told(queue: Queue, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(drawn(status_of(queue), width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_time_left_is_reckoned_by_cost(queue: Queue, job, clock) -> None:
    queue.add([job("a", cost=10.0), job("b", cost=10.0), job("c", cost=40.0)])
    with joined(queue, "a runner") as me:
        first = one(queue, me)
        assert first is not None
        assert status_of(queue).seconds_left is None
        clock.now += 20
        end(queue, first, Ending("done"))
        second = one(queue, me)
        tell(queue, me, second, 5, 10, "frame 5 of 10")
        status = status_of(queue)
    assert status.counts == {"done": 1, "running": 1, "waiting": 1}
    assert status.workers == 1
    assert status.running[0].part == 0.5
    assert status.seconds_left == pytest.approx((5 + 40) * 2)
    assert status.as_json()["counts"]["failed"] == 0


def test_time_left_is_reckoned_by_jobs_where_one_says_no_cost(queue: Queue, job, clock) -> None:
    queue.add([job("a", cost=10.0), job("b"), job("c", cost=40.0)])
    with joined(queue, "a runner") as me:
        first = one(queue, me)
        assert first is not None
        clock.now += 20
        end(queue, first, Ending("done"))
        assert status_of(queue).seconds_left == pytest.approx(2 * 20)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_table_fits_and_shows_what_there_is(queue: Queue, job, clock, width: int) -> None:
    names = ["cathedral-zoom", "[bold red]loud[/]", "esc\x1b[31mape", "x" * 200]
    queue.add([job(name) for name in names])
    queue.add([job(f"w{k}") for k in range(30)])
    with joined(queue, "a runner") as me:
        taken = [one(queue, me) for _ in names]
        tell(queue, me, taken[0], 112, 480, "frame 112 of 480, 1.72 frames a second, 214 s left")
        for bad in taken[1:3]:
            assert bad is not None
            end(queue, bad, Ending("failed", "no \x1b[2J room\nand more"))
        clock.now += 65
        text = told(queue, width)
    assert max(map(len, text.splitlines())) <= width
    assert "0 of 34 done" in text
    assert "30 waiting" in text.replace("\u00a0", " ")
    assert "cathedral-" in text
    assert "frame 112" in text
    assert "1 min 5 s" in text
    assert "[bold red]" in text
    assert "\x1b" not in text
    assert "and more" not in text


def test_a_group_is_one_row(queue: Queue, job) -> None:
    queue.add([job(f"g{k}", likeness="x", most=8) for k in range(5)], together=8)
    with joined(queue, "a runner") as me:
        lot = claim(queue, me)
        note(queue, me, *(Report(one, 0.5, 1, "octave 1 of 2, step 5 of 10") for one in lot))
        text = told(queue, 100)
    assert text.count("octave 1") == 1
    assert "g0" in text
    assert "5 together, octave 1 of 2, step 5 of 10" in text


def test_a_queue_that_nobody_works_on_says_so(queue: Queue, job) -> None:
    queue.add([job("a")])
    assert "nobody works; `dreamer batch run` does" in status_of(queue).as_text()
    queue.pause("the disk is full")
    assert "paused: the disk is full" in told(queue, 80)


def test_what_is_put_off_is_told(queue: Queue, job) -> None:
    queue.add([job("a")])
    with joined(queue, "a runner") as me:
        first = one(queue, me)
        assert first is not None
        end(queue, first, Ending("memory", "out of memory"), back_off=30)
    assert "1 are put off" not in status_of(queue).as_text()
    assert "1 is put off after a failure, for 30.0 s" in status_of(queue).as_text()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0.0 s"), (3.21, "3.2 s"), (250, "4 min 10 s"), (7500, "2 h 5 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
