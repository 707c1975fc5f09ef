"""Stopping well: the first SIGINT or SIGTERM asks, and the render ends at the next good moment;
the second insists.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dreamer.errors import Stopped


class Stop:
    """Whether somebody asked to stop, with which signal, and when."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._asked = 0.0

    def ask(self, number: int) -> None:
        """Note the signal `number`."""
        self.signal, self._asked = number, time.monotonic()

    @property
    def waited(self) -> float:
        """For how many seconds somebody has been waiting."""
        return time.monotonic() - self._asked if self else 0.0

    def check(self, where: str) -> None:
        """End here if somebody asked to; `where` are words for what is done and what goes on.

        Raises:
            Stopped: somebody did.
        """
        if self.signal is not None:
            raise Stopped(_words(self.signal, where), self.signal)

    def __bool__(self) -> bool:
        return self.signal is not None


def _words(number: int, where: str) -> str:
    """`where` follows the signal's name as the rest of a sentence, or after a stop of its own."""
    name = signal.Signals(number).name
    return f"stopped by {name}{where if where.startswith(';') else f' {where}'}"


@contextmanager
def listening() -> Iterator[Stop]:
    """Catch SIGINT and SIGTERM while the block runs; in any but the main thread, catch nothing."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def asked(number: int, _: FrameType | None) -> None:
        if stop.signal is not None:
            raise KeyboardInterrupt
        stop.ask(number)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stopping_at_once(where: str) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `Stopped` wherever the block is, for work that leaves nothing
    half made when it is interrupted; `where` are words for what is done and what goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, _: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM):  # what tidies up is not to be interrupted
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(_words(number, where), number)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
