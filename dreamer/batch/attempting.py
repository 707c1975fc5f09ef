"""A lot done once in this process, what is said of it kept in a log, and how it ended."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from dreamer.batch.job import Done, Job, Queued
from dreamer.batch.rules import Ending, judged
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told
from dreamer.errors import DreamerError
from dreamer.progress import watching

log = logging.getLogger("dreamer")


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Let all that this process and its children say go into the file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    before = [os.dup(1), os.dup(2)]
    try:
        with path.open("wb", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # the disk that the log is on may be full
                stream.flush()
        for number, kept in enumerate(before, 1):
            os.dup2(kept, number)
            os.close(kept)


Made = tuple[Ending, Done | None]


class Tells(Protocol):
    """Who hears `what` of each job of a lot was made, and may ask one of its `stops`."""

    what: str
    told: list[Told | None]
    stops: list[Stop]


Way = Callable[
    [Sequence[Job], Callable[[int, Told], None], Sequence[Stop]], Sequence[Done | Exception]
]


def attempt(lot: Sequence[Queued], telling: Tells, way: Way | None = None) -> list[Made]:
    """Do the jobs of a lot, as `do_lot` or another `way` does; how each ended, and what came of
    it.
    """
    try:
        from dreamer.batch.doing import do_lot

        if len(lot) > 1:
            who = ", ".join(queued.job.name for queued in lot)
            log.info("%d together: %s; how far the first is:", len(lot), who)
        with watching(what=telling.what) as log_now_and_then:

            def watch(number: int, told: Told) -> None:
                telling.told[number] = told
                if number == 0:
                    log_now_and_then(told)

            jobs = [queued.job for queued in lot]
            found = (way or do_lot)(jobs, watch, telling.stops)
    except BaseException as error:
        return [_came_of(error, "")] * len(lot)
    names = [f"{queued.job.name}: " if len(lot) > 1 else "" for queued in lot]
    return [_came_of(one, name) for one, name in zip(found, names, strict=True)]


def _came_of(found: Done | BaseException, name: str) -> Made:
    if isinstance(found, Done):
        return Ending("done"), found
    ending = judged(found)
    if ending.exit not in ("stopped", "busy") and not isinstance(found, DreamerError):
        with suppress(OSError):
            traceback.print_exception(found)
    if ending.exit != "stopped":  # why is said by whoever asked for it
        log.error("%s%s", name, ending.reason)
    return ending, None


def device_of(folder: Path) -> str | None:
    """What the job in `folder` was begun on, where that is cuda, which it keeps to."""
    for name in ("execution.json", "atlas.json"):
        try:
            said = json.loads((folder / name).read_text(encoding="utf-8"))
            if str(said.get("execution", said)["device"]).startswith("cuda"):
                return "cuda"
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def let_go() -> None:
    """Give back what memory can be."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
