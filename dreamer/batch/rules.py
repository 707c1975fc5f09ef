"""How a run ended, in one of a few words, and what becomes of its job: pure functions, so that
every rule can be tried with a clock of its own.

What can heal is tried again, later and later: want of memory, a lost worker. What cannot is not: a
wrong recipe ends the same way every time.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from dreamer.batch.job import Queued, State
from dreamer.errors import BusyError, NoRoomError, RecipeError, Stopped

Exit = Literal["done", "failed", "memory", "lost", "disk", "busy", "stopped", "cancelled"]
MOST_TRIES = 3  # after the first
MOST_CRASHES = 2
BACK_OFF = 30.0  # seconds before the first time again; doubled each time
LONGEST = 3600.0
FULL = (errno.ENOSPC, errno.EDQUOT)
OF_MEMORY = (
    "not enough memory",
    "out of memory",
    "allocate memory",
    "allocating memory",
)
BROKEN_DEVICE = ("cuda error", "cudnn error", "cublas error", "device-side assert")


@dataclass(frozen=True)
class Ending:
    """How a run ended, and why, in words for a person."""

    exit: Exit
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """What a job is after a run; `pause` is why nothing more should be begun, if so."""

    state: State
    reason: str
    tries: int
    crashes: int
    crashed_at: int
    alone: bool
    not_before: float = 0.0
    pause: str = ""
    company: int = 0


def became(queued: Queued, change: Change) -> str:
    """What a run made of a job, as people are told."""
    return f"{queued.job.shown} {queued.job.name}: {change.state}: {change.reason}"


def judged(error: BaseException) -> Ending:
    """What kind of ending `error` is."""
    if isinstance(error, Stopped | KeyboardInterrupt):
        return Ending("stopped", f"{_stopped(str(error))}; `dreamer batch run` goes on")
    chain = list(_causes(error))
    for one in chain:
        words = str(one).lower()
        full = isinstance(one, OSError) and one.errno in FULL
        if full or isinstance(one, NoRoomError) or "no space left on device" in words:
            return Ending("disk", said(error))
        if isinstance(one, BusyError):
            return Ending("busy", said(error))
        # As torch.OutOfMemoryError is called, which is not imported for its name.
        if isinstance(one, MemoryError) or type(one).__name__ == "OutOfMemoryError":
            return Ending("memory", f"out of memory: {_first_line(one)}".rstrip(": "))
        no_memory = isinstance(one, OSError) and one.errno == errno.ENOMEM
        if no_memory or (isinstance(one, RuntimeError) and any(w in words for w in OF_MEMORY)):
            return Ending("memory", f"out of memory: {_first_line(one)}")
        if isinstance(one, RuntimeError) and any(w in words for w in BROKEN_DEVICE):
            return Ending("lost", f"the device broke: {_first_line(one)}")
    return Ending("failed", said(error))


def _stopped(words: str) -> str:
    """`stopped in the middle of a frame`: what a stop says of itself without the signal, which was
    the runner's, and without the command that would go on in the folder alone.
    """
    return re.sub(r"^stopped by \w+", "stopped", words).partition(";")[0].strip() or "stopped"


def as_asked(queued: Queued, ending: Ending) -> Ending:
    """`ending`, or that `queued` was cancelled, where it stopped for that."""
    if not queued.cancel or ending.exit != "stopped":
        return ending
    where = ending.reason.partition(";")[0].removeprefix("stopped").removeprefix("cancelled")
    return Ending("cancelled", f"cancelled{where}; `dreamer batch retry ID` lets it go on")


def said(error: BaseException) -> str:
    """`error` in words: what dreamer says itself, of others their kind too."""
    if type(error).__module__.startswith("dreamer.") or isinstance(error, RecipeError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def after(queued: Queued, ending: Ending, now: float, back_off: float = BACK_OFF) -> Change:
    """What becomes of the job `queued` whose run ended so at `now`, in seconds since 1970.

    Worker after worker is given to a job that comes further each time; one that costs two of them
    at the same place, or before it has come anywhere, is quarantined. Whose fault it was that a
    group lost its worker nobody knows: its members wait again, with half as many beside them, until
    the one is by itself.
    """
    ending = as_asked(queued, ending)
    change = _after(queued, ending, now, back_off)
    if change.state == "waiting" and ending.exit == "lost" and queued.together > 1:
        return replace(change, company=queued.together // 2)
    return replace(change, company=queued.company)


def _after(queued: Queued, ending: Ending, now: float, back_off: float) -> Change:
    tries, crashes, crashed_at = queued.tries, queued.crashes, queued.crashed_at
    alone, reason = queued.alone, ending.reason
    if ending.exit in ("done", "failed", "cancelled"):
        return Change(ending.exit, reason, tries, crashes, crashed_at, alone)
    if queued.cancel:
        return Change("cancelled", reason, tries, crashes, crashed_at, alone)
    if ending.exit == "stopped":
        return Change("waiting", reason, tries, crashes, crashed_at, alone)
    if ending.exit == "disk":
        return Change("waiting", reason, tries, crashes, crashed_at, alone, pause=reason)
    if ending.exit == "busy":
        later = now + min(back_off, LONGEST)
        return Change("waiting", reason, tries, crashes, crashed_at, alone, later)
    if ending.exit == "memory":
        tries += 1
        if tries > MOST_TRIES:
            reason = f"{reason} ({tries} times)"
            return Change("failed", reason, tries, crashes, crashed_at, True)
        later = now + waits(tries, back_off)
        return Change("waiting", reason, tries, crashes, crashed_at, True, later)
    if queued.together > 1:
        later = now + waits(1, back_off)
        return Change("waiting", reason, tries, crashes, crashed_at, alone, later)
    crashes = 1 if int(queued.done) > crashed_at else crashes + 1
    crashed_at = int(queued.done)
    if crashes >= MOST_CRASHES:
        return Change("quarantined", reason, tries, crashes, crashed_at, alone)
    later = now + waits(crashes, back_off)
    return Change("waiting", reason, tries, crashes, crashed_at, alone, later)


def waits(times: int, back_off: float = BACK_OFF) -> float:
    """Seconds before a job is tried again that ended so often: twice as long each time."""
    return float(min(back_off * 2 ** (times - 1), LONGEST))
