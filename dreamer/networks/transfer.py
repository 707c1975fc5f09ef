"""One file from one place into a `.part`, however often the connection breaks.

What came stays, and the next try asks for the rest of the very same file.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError

from dreamer import __version__
from dreamer.errors import NetworkError, printable
from dreamer.networks.cards import Source
from dreamer.networks.formats.recognise import ENOUGH, recognised
from dreamer.networks.parts import Origin, append, begin, forget, kept_bytes, origin_of, storing

BLOCK = 1 << 18
SCHEMES = ("http", "https", "file")
MAY_PASS = (408, 429, 500, 502, 503, 504)  # answers that another try may change
MOST_PAUSE = 30.0
SAID_SECONDS = 1.0
ARCHIVES = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")

Said = Callable[[str], None]


class Failed(Exception):
    """Why a place does not give the file; another may."""


class _Broken(Exception):
    """Why a try ended early; `again` is whether the next may end better."""

    def __init__(self, why: str, again: bool = True) -> None:
        super().__init__(why)
        self.again = again


@dataclass(frozen=True)
class Patience:
    """Seconds without an answer, tries without a new byte, and seconds before the second try,
    twice as many before each that follows.
    """

    timeout: float = 30.0
    tries: int = 4
    pause: float = 1.0


def megabytes(count: float) -> str:
    """`53.5 MB`, of a million bytes."""
    return f"{count / 1e6:.1f} MB"


class Progress:
    """Says about once a second how far a transfer is."""

    def __init__(self, name: str, said: Said) -> None:
        self.name, self.said = name, said
        self.began = self.last = time.monotonic()
        self.first = 0

    def starts(self, at: int) -> None:
        """Speed counts from here, where `at` bytes are there already."""
        self.began = self.last = time.monotonic()
        self.first = at

    def reached(self, at: int, total: int) -> None:
        """`at` bytes of `total` (0: unknown) are there."""
        now = time.monotonic()
        if now - self.last < SAID_SECONDS:
            return
        self.last = now
        speed = (at - self.first) / (now - self.began)
        text = f"{self.name}: {megabytes(at)}"
        if total:
            text += f" of {megabytes(total)} ({100 * at / total:.0f} %)"
        text += f", {megabytes(speed)}/s"
        if total and speed > 0:
            text += f", {_duration((total - at) / speed)} left"
        self.said(text)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def receive(place: Source, part: Path, progress: Progress, patience: Patience) -> None:
    """Have the whole file of `place` in `part`, continuing what lies there.

    Raises:
        Failed: the place does not give it, or something that cannot be it.
        NetworkError: it cannot be written here.
    """
    if place.url.partition(":")[0].lower() not in SCHEMES:
        raise Failed(f"not an address of the kinds {', '.join(SCHEMES)}")
    first = most = kept_bytes(part, place)
    left = patience.tries - 1
    while True:
        try:
            _attempt(place, part, progress, patience.timeout)
            return
        except _Broken as error:
            here = kept_bytes(part, place)
            if here > most:
                most, left = here, patience.tries - 1
            if not left or not (error.again or most > first):
                kept = f"; {megabytes(here)} of it are kept" if here else ""
                raise Failed(f"{error}{kept}") from error
            pause = min(patience.pause * 2 ** (patience.tries - 1 - left), MOST_PAUSE)
            left -= 1
            progress.said(f"{progress.name}: {error}; trying again in {pause:.0f} s")
            time.sleep(pause)


def _attempt(place: Source, part: Path, progress: Progress, timeout: float) -> None:
    """Ask once, for the rest of what is kept or for the whole.

    Raises:
        _Broken: it ended before the file did.
        Failed: what came cannot be the file.
        NetworkError: it cannot be written here.
    """
    origin, have = origin_of(part), kept_bytes(part, place)
    if origin is None or not have:
        origin, have = Origin(place.url), 0
    elif have == origin.total:
        return
    try:
        answer = _asked(origin, have, timeout)
    except HTTPError as error:
        with error:
            said = error.headers.get("Content-Range", "")
        if error.code != 416 or not have:
            why = f"answered {error.code} {printable(' '.join(error.reason.split()))}"
            raise _Broken(why, error.code in MAY_PASS) from error
        if said != f"bytes */{have}":
            forget(part)
            raise _Broken("has less of it than is here: another file by now") from error
        return
    except (URLError, TimeoutError) as error:  # nobody is there
        raise _Broken(_why(error), again=False) from error
    except (OSError, HTTPException) as error:
        raise _Broken(_why(error)) from error
    except ValueError as error:
        raise Failed(f"not an address: {error}") from error
    with answer:
        if have and _continues(answer, origin, have):
            _store(answer, b"", have, origin, place, part, progress)
        elif have and answer.status == 206:
            forget(part)
            raise _Broken("sent the rest of another file than is here")
        else:
            _store_from_start(answer, place, part, progress)


def _asked(origin: Origin, have: int, timeout: float) -> Any:
    """The answer of a place, asked for what follows the first `have` bytes."""
    headers = {
        "User-Agent": f"dreamer-engine/{__version__}",
        "Accept-Encoding": "identity",
    }
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": origin.validator}
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler,
        request.HTTPHandler,
        request.HTTPSHandler,
        request.FileHandler,  # no redirect leads here: they go to http and https alone
        request.UnknownHandler,
        request.HTTPDefaultErrorHandler,
        request.HTTPRedirectHandler,
        request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener.open(request.Request(origin.url, headers=headers), timeout=timeout)


def _continues(answer: Any, origin: Origin, have: int) -> bool:
    """Whether an answer is the rest of the very file that the first `have` bytes are of."""
    said = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if answer.status != 206 or said is None or int(said[1]) != have:
        return False
    total, now = said[2], _origin(answer, origin.url)
    return (
        (not origin.total or total in ("*", str(origin.total)))
        and (not now.etag or not origin.etag or now.etag == origin.etag)
        and (not now.modified or not origin.modified or now.modified == origin.modified)
    )


def _origin(answer: Any, url: str) -> Origin:
    length = answer.headers.get("Content-Length", "")
    return Origin(
        url,
        answer.headers.get("ETag", ""),
        answer.headers.get("Last-Modified", ""),
        int(length) if length.isdecimal() else 0,
    )


def _store_from_start(answer: Any, place: Source, part: Path, progress: Progress) -> None:
    if answer.status not in (None, 200):  # a file's address has no status
        raise Failed(f"answered {answer.status}, not with a file")
    origin = _origin(answer, place.url)
    try:
        start = answer.read(ENOUGH)
    except (OSError, HTTPException) as error:
        raise _Broken(_why(error)) from error
    if len(start) < min(ENOUGH, origin.total):
        raise _Broken("the connection broke")
    _look_at(start, place)
    if place.size and origin.total and origin.total != place.size:
        raise Failed(f"has {origin.total} bytes, expected {place.size}: another file")
    with storing(part):
        begin(part, origin)
    _store(answer, start, 0, origin, place, part, progress)


def _look_at(start: bytes, place: Source) -> None:
    """Refuse at its first bytes what cannot be weights.

    Raises:
        Failed: what it is.
    """
    if place.member and start.startswith(ARCHIVES):
        return
    try:
        recognised(start, "what came")
    except NetworkError as error:
        raise Failed(str(error)) from error


def _store(
    answer: Any,
    block: bytes,
    at: int,
    origin: Origin,
    place: Source,
    part: Path,
    progress: Progress,
) -> None:
    """Append `block` and what follows it in `answer` to the `at` bytes that are there."""
    total = origin.total or place.size
    with storing(part):
        free = shutil.disk_usage(part.parent).free
        file = part.open("ab", buffering=0)
    if total - at > free:
        file.close()
        raise NetworkError(
            f"no room in {part.parent} for {part.stem}: {megabytes(total - at)} to come, "
            f"{megabytes(free)} free; make room and fetch again"
        )
    progress.starts(at)
    with file:
        while True:
            with storing(part):
                append(file, block)
            at += len(block)
            progress.reached(at, total)
            if place.size and at > place.size:
                break
            try:
                block = answer.read1(BLOCK)
            except (OSError, HTTPException) as error:
                raise _Broken(_why(error)) from error
            if not block:
                break
    if place.size and at > place.size:
        forget(part)
        raise Failed(f"sends more than the {place.size} bytes expected: another file")
    if at < origin.total:
        raise _Broken(f"the connection broke at {megabytes(at)} of {megabytes(total)}")


def _why(error: Exception) -> str:
    """What went wrong on the way, in words."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return printable(reason.strerror)
    return printable(str(reason)) or type(reason).__name__
