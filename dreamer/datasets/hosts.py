"""Manners towards hosts: few requests at once, a moment between them, and a rest where one asks for
it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

DEAD_AFTER = 5  # addresses in a row of a host that could not be reached at all


@dataclass(frozen=True)
class Manners:
    """Requests at once, in all and of one host; seconds between the beginnings of two of one host;
    tries of an address, and seconds before the second, twice as many before each that follows;
    the longest rest that is waited for; seconds for a connection or the next bytes, and for a whole
    request.
    """

    at_once: int = 32
    of_a_host: int = 2
    delay: float = 0.1
    tries: int = 3
    pause: float = 1.0
    most_pause: float = 60.0
    timeout: float = 15.0
    total: float = 120.0

    def pause_after(self, tried: int) -> float:
        """Seconds before the next try, after `tried` of them."""
        return min(self.pause * 2.0 ** (tried - 1), self.most_pause)


class _Host:
    def __init__(self, of_a_host: int) -> None:
        self.turns = asyncio.Semaphore(of_a_host)
        self.next = 0.0
        self.failed = 0


class Hosts:
    """Whose turn it is at which host."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._hosts: dict[str, _Host] = {}
        self._all = asyncio.Semaphore(manners.at_once)

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host(self._manners.of_a_host))

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait until the host `name` may be asked, and have one of its places for the block."""
        host = self._host(name)
        async with host.turns:
            while (rest := host.next - time.monotonic()) > 0:
                await asyncio.sleep(rest)
            host.next = time.monotonic() + self._manners.delay
            async with self._all:
                yield

    def rest(self, name: str, seconds: float) -> None:
        """Nobody is to ask the host for so long."""
        host = self._host(name)
        host.next = max(host.next, time.monotonic() + seconds)

    def answered(self, name: str) -> None:
        """The host is there."""
        self._host(name).failed = 0

    def unreached(self, name: str) -> None:
        """An address of the host could not be reached, however often it was tried."""
        self._host(name).failed += 1

    def is_dead(self, name: str) -> bool:
        """Whether there is no hope for the rest of its addresses in this run."""
        return self._host(name).failed >= DEAD_AFTER


def retry_after(said: str, now: float) -> float | None:
    """Seconds that a `Retry-After` asks for, at `now` (of the epoch): a number or a date (RFC 9110,
    10.2.3). None where it says nothing that can be understood.
    """
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
