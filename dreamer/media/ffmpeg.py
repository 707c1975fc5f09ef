"""Running ffmpeg: finding it, feeding it, and telling what it complained about. What to run is
said by those who write (`encoding`, `sound`) and read (`probing`, `decoding`, `survey`, `footage`,
`sound_probing`, `hearing`) films and sounds.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

from dreamer.errors import MediaError

TAIL_LINES = 12
FULL = "No space left on device"
# What ffmpeg only warns of when a film ends before its end.
BREAKS_OFF = re.compile("partial file|ended prematurely")


@cache
def ffmpeg_binary() -> str:
    """The ffmpeg on PATH, else the one imageio-ffmpeg brings.

    Raises:
        MediaError: neither is there.
    """
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise MediaError(
            f"no ffmpeg: none on PATH, and imageio-ffmpeg has none ({error})"
        ) from error


def ffmpeg_version() -> str:
    """`7.1`, or whatever the binary calls itself."""
    first = said(["-version"])[1].split("\n")[0]
    return first.removeprefix("ffmpeg version ").split(" ")[0] or "unknown"


class _Drain(threading.Thread):
    """Reads a pipe to its end and keeps the last lines that nobody `heard`, so that a talkative
    child never blocks.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        heard: Callable[[str], bool] = lambda line: False,
    ) -> None:
        super().__init__(daemon=True)
        self._pipe = process.stderr
        self._heard = heard
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self.start()

    def run(self) -> None:
        assert self._pipe is not None
        for raw in self._pipe:
            line = raw.decode(errors="replace").rstrip()
            if not self._heard(line):
                self._lines.append(line)

    def tail(self) -> str:
        self.join()
        return "\n".join(self._lines) or "it said nothing"


def _popen(arguments: list[str], stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    command = [ffmpeg_binary(), "-hide_banner", "-nostdin", "-nostats", "-v", "warning", *arguments]
    # A session of its own: Ctrl-C reaches us alone, and we decide what becomes of the film.
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"SVT_LOG": "1"},  # which has a page to say before each film
    )


class Fed:
    """A running ffmpeg that is given bytes on its standard input; `what` is what it makes."""

    def __init__(self, arguments: list[str], what: str) -> None:
        self._what = what
        self._process = _popen(arguments, subprocess.PIPE, subprocess.DEVNULL)
        self._drain = _Drain(self._process)

    def write(self, chunk: bytes | memoryview) -> None:
        """Hand `chunk` over; waits until ffmpeg has taken it.

        Raises:
            MediaError: it died, with the end of what it said.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(chunk)
        except BrokenPipeError:
            self.close()  # it ended early; its exit code and words say why
            raise MediaError(f"ffmpeg ended before it had all of {self._what}") from None

    def close(self) -> None:
        """Say that this was all, and wait until ffmpeg has made of it what it makes.

        Raises:
            MediaError: it failed.
        """
        code, tail = self._ended()
        if code:
            full = ": the disk is full" if FULL in tail else ""
            raise MediaError(
                f"ffmpeg could not make {self._what}{full} (exit code {code}):\n{tail}"
            )

    def interrupt(self) -> None:
        """End it at once, from any thread: whoever feeds it or waits for it sees it die."""
        self._process.kill()

    def kill(self) -> None:
        """End it at once, whatever it has made so far."""
        self._process.kill()
        self._ended()

    def _ended(self) -> tuple[int, str]:
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        code = self._process.wait()
        tail = self._drain.tail()
        self._process.stderr.close()
        return code, tail


class Piped:
    """A running ffmpeg that is given bytes on its standard input, by a thread of the caller's, and
    gives others back on its standard output; `what` is what it makes.
    """

    def __init__(self, arguments: list[str], what: str) -> None:
        self._what = what
        self._process = _popen(arguments, subprocess.PIPE, subprocess.PIPE)
        self._drain = _Drain(self._process)

    def __enter__(self) -> Piped:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._process.wait()
        self.end()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def write(self, chunk: bytes | memoryview) -> None:
        """Hand `chunk` over; BrokenPipeError where it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(chunk)

    def end(self) -> None:
        """Say that this was all."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def pieces(self, size: int) -> Generator[bytes, None, None]:
        """What comes back, in pieces of `size` bytes.

        Raises:
            MediaError: it failed.
        """
        assert self._process.stdout is not None
        while len(piece := self._process.stdout.read(size)) == size:
            yield piece
        code = self._process.wait()
        tail = self._drain.tail()
        if code or piece:
            raise MediaError(f"ffmpeg could not make {self._what} (exit code {code}):\n{tail}")

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


def run(arguments: list[str], what: str) -> None:
    """Let ffmpeg make `what` of files.

    Raises:
        MediaError: it failed.
    """
    Fed(arguments, what).close()


def pieces(
    arguments: list[str],
    size: int,
    what: str,
    heard: Callable[[str], bool] = lambda line: False,
    rest: bool = False,
) -> Generator[bytes, None, None]:
    """What ffmpeg writes to its standard output, in pieces of `size` bytes; closing the iterator
    ends ffmpeg. `heard` is told each line it says, from another thread, and says whether that was
    no complaint; all are told when the iterator ends. With
    `rest`, the last piece may be shorter.

    Raises:
        MediaError: it failed, or what it read breaks off; after the whole pieces before.
    """
    process = _popen(arguments, subprocess.DEVNULL, subprocess.PIPE)
    drain = _Drain(process, heard)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        while len(piece := process.stdout.read(size)) == size:
            yield piece
        if rest and piece:
            yield piece
            piece = b""
        code = process.wait()
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
        tail = drain.tail()
        process.stderr.close()
    if code:
        raise MediaError(f"ffmpeg could not read {what} (exit code {code}):\n{tail}")
    if piece or BREAKS_OFF.search(tail):
        raise MediaError(f"{what} breaks off:\n{tail}")


def said(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ffmpeg run with `arguments`."""
    done = subprocess.run(
        [ffmpeg_binary(), "-hide_banner", "-nostdin", *arguments],
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    return (
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )


def local(path: Path) -> str:
    """`path` as ffmpeg takes it for a local file, whatever characters its name has."""
    return f"file:{path}"
