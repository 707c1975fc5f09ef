"""What becomes of a job after each kind of ending, by the rules alone."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dreamer.batch.job import Job, Queued
from dreamer.batch.rules import LONGEST, Ending, after, judged, waits
from dreamer.errors import (
    BusyError,
    FolderError,
    FrameError,
    MediaError,
    NoRoomError,
    Problem,
    RecipeError,
    Stopped,
)

NOW = 1_800_000_000.0
JOB = Job("ab" * 32, "render", "a", "", Path(), Path("a"), "")
RUNNING = Queued(JOB, 1, 1, 0, "running")


def chained(cause: BaseException) -> BaseException:
    try:
        try:
            raise cause
        except BaseException as error:
            raise MediaError("the film could not be made") from error
    except MediaError as error:
        return error


@pytest.mark.parametrize(
    ("error", "exit_"),
    [
        (Stopped("stopped by SIGTERM", 15), "stopped"),
        (KeyboardInterrupt(), "stopped"),
        (MemoryError(), "memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried …"), "memory"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried …"), "memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory"),
        (chained(MemoryError()), "memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (chained(OSError(errno.EDQUOT, "Disk quota exceeded")), "disk"),
        (NoRoomError("x: about 16 MB are needed, 3 MB are free"), "disk"),
        (MediaError("ffmpeg: av_interleaved_write_frame(): No space left on device"), "disk"),
        (BusyError("another process is rendering into x"), "busy"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "lost"),
        (RecipeError([Problem("a.yaml", 1, "seed", "wrong")]), "failed"),
        (FolderError("x holds the render of another recipe"), "failed"),
        (FrameError("frame 3 is no picture"), "failed"),
        (FileNotFoundError(2, "No such file or directory", "photo.png"), "failed"),
        (RuntimeError("a shape does not fit"), "failed"),
    ],
)
def test_endings_are_told_apart(error: BaseException, exit_: str) -> None:
    ending = judged(error)
    assert ending.exit == exit_
    assert ending.reason


def test_errors_of_others_say_their_kind() -> None:
    assert judged(ValueError("no")).reason == "ValueError: no"
    assert judged(FrameError("frame 3 is no picture")).reason == "frame 3 is no picture"


def test_what_cannot_heal_is_not_tried_again() -> None:
    assert after(RUNNING, Ending("failed", "wrong"), NOW).state == "failed"


def test_want_of_memory_is_tried_again_alone_later_and_later_and_thrice() -> None:
    queued, pauses = RUNNING, []
    while (change := after(queued, Ending("memory", "out of memory"), NOW, 10)).state == "waiting":
        assert change.alone
        pauses.append(change.not_before - NOW)
        queued = replace(queued, tries=change.tries)
    assert pauses == [10, 20, 40]
    assert change.state == "failed"
    assert "4 times" in change.reason


def test_a_job_that_costs_two_workers_is_quarantined() -> None:
    first = after(RUNNING, Ending("lost", "killed"), NOW, 10)
    assert (first.state, first.crashes, first.not_before) == ("waiting", 1, NOW + 10)
    second = after(replace(RUNNING, crashes=1), Ending("lost", "killed"), NOW, 10)
    assert (second.state, second.reason) == ("quarantined", "killed")


def test_a_job_that_came_further_is_given_another_worker() -> None:
    queued = replace(RUNNING, crashes=1, crashed_at=100)
    further = after(replace(queued, done=200.0), Ending("lost", "killed"), NOW)
    assert (further.state, further.crashes, further.crashed_at) == ("waiting", 1, 200)
    same = after(replace(queued, done=100.0), Ending("lost", "killed"), NOW)
    assert same.state == "quarantined"


def test_a_full_disk_pauses_and_counts_nothing() -> None:
    change = after(RUNNING, Ending("disk", "x: No space left on device"), NOW)
    assert (change.state, change.tries, change.crashes) == ("waiting", 0, 0)
    assert change.pause == "x: No space left on device"


def test_a_busy_folder_and_a_stop_count_nothing() -> None:
    busy = after(RUNNING, Ending("busy", "another process"), NOW, 10)
    assert (busy.state, busy.tries, busy.crashes, busy.not_before) == ("waiting", 0, 0, NOW + 10)
    stopped = after(RUNNING, Ending("stopped", "stopped"), NOW)
    assert (stopped.state, stopped.tries, stopped.not_before) == ("waiting", 0, 0)


@pytest.mark.parametrize("exit_", ["stopped", "lost", "memory", "busy", "disk"])
def test_what_was_cancelled_while_it_ran_is_cancelled(exit_: str) -> None:
    assert after(replace(RUNNING, cancel=True), Ending(exit_, ""), NOW).state == "cancelled"  # type: ignore[arg-type]


def test_what_a_person_asked_for_is_said_to_be_that() -> None:
    words = "stopped by SIGTERM in the middle of a frame; `dreamer resume renders/a` goes on"
    ending = judged(Stopped(words, 15))
    goes_on = "stopped in the middle of a frame; `dreamer batch run` goes on"
    assert after(RUNNING, ending, NOW).reason == ending.reason == goes_on
    assert after(replace(RUNNING, cancel=True), ending, NOW).reason == (
        "cancelled in the middle of a frame; `dreamer batch retry ID` lets it go on"
    )
    assert judged(KeyboardInterrupt()).reason.startswith("stopped; ")


def test_a_job_that_ended_well_though_it_was_cancelled_is_done() -> None:
    assert after(replace(RUNNING, cancel=True), Ending("done"), NOW).state == "done"


def test_no_job_is_put_off_for_more_than_an_hour() -> None:
    assert waits(1, 30) == 30
    assert waits(40, 30) == LONGEST
