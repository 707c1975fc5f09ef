"""How a render's progress is shown: a bar on a terminal, now and then a plain line anywhere
else.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamer.engine.told import Told, Watcher

PLAIN_SECONDS = 5.0
log = logging.getLogger("dreamer")


def words(told: Told, what: str = "frame") -> str:
    """`frame 12 of 72, 3.1 frames a second, 19 s left`; inside the first, `frame 1 of 72, octave 2
    of 4, step 3 of 10`.
    """
    if told.within is not None:
        here = told.within
        first = "" if told.of == 1 else f"{what} {told.done + 1} of {told.of or 'many'}, "
        octave = f"octave {here.octave} of {here.octaves}, "
        return f"{first}{octave}step {here.step} of {here.steps}"
    what = told.what or what
    rate = told.rendered / told.seconds if told.seconds > 0 else 0.0
    text = f"{what} {told.done}" + (f" of {told.of}" if told.of is not None else "")
    if rate and told.of != 1:
        text += f", {rate:.2f} {what}{'es' if what.endswith('s') else 's'} a second"
        if told.of is not None and told.done < told.of:
            text += f", {(told.of - told.done) / rate:.0f} s left"
    return text


@contextmanager
def watching(quiet: bool = False, what: str = "frame") -> Iterator[Watcher]:
    """A watcher for renders, shown on standard error while the block runs; `what` is made."""
    if quiet:
        yield lambda told: None
        return
    if not sys.stderr.isatty():
        yield _plain(what)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(bar_width=32), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("loading the network", total=None)

        def watch(told: Told) -> None:
            done = told.done + (0.0 if told.within is None else told.within.part)
            bar.update(task, total=told.of, completed=done, description=words(told, what))

        yield watch


def _plain(what: str) -> Watcher:
    last = time.monotonic()

    def watch(told: Told) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PLAIN_SECONDS or (told.done == told.of and told.of != 1):
            last = now
            log.info(words(told, what))

    return watch
