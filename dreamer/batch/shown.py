"""A queue shown while it is worked on: a live table on a terminal, now and then a line anywhere
else.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dreamer.batch.members import Watch
from dreamer.batch.queue import Queue
from dreamer.batch.status import Status, status_of

EVERY = 0.5
PLAIN_SECONDS = 10.0
log = logging.getLogger("dreamer")


@contextmanager
def living(path: Path, plain: bool = False) -> Iterator[tuple[Callable[[], None], bool]]:
    """What is to be called now and then while the block runs, and whether that draws a table, on
    standard error.
    """
    if plain or not sys.stderr.isatty() or not path.is_file():
        yield (lambda: None), False
        return
    from rich.console import Console
    from rich.live import Live

    from dreamer.batch.table import drawn

    watch, last = Watch(), 0.0
    with (
        Queue(path) as queue,
        Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live,
    ):

        def tick() -> None:
            nonlocal last
            if time.monotonic() - last >= EVERY:
                last = time.monotonic()
                live.update(drawn(status_of(queue, watch), live.console.width), refresh=True)

        yield tick, True


def watched(path: Path) -> None:
    """Show the queue at `path` until nothing waits and nothing runs in it, or it is interrupted."""
    with Queue(path) as queue:
        if not sys.stdout.isatty():
            _plainly(queue)
            return
        from rich.console import Console
        from rich.live import Live

        from dreamer.batch.table import drawn

        watch = Watch()
        with Live(console=Console(), auto_refresh=False) as live:
            while True:
                status = status_of(queue, watch)
                live.update(drawn(status, live.console.width), refresh=True)
                if status.idle:
                    return
                time.sleep(EVERY)


def _plainly(queue: Queue) -> None:
    watch, said = Watch(), ""
    while True:
        status = status_of(queue, watch)
        if (words := _line(status)) != said:
            log.info("%s", words)
            said = words
        if status.idle:
            return
        time.sleep(EVERY if len(said) < 1 else PLAIN_SECONDS)


def _line(status: Status) -> str:
    return status.as_text().splitlines()[0]
