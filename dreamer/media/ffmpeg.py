"""Running ffmpeg: finding it, feeding it, and telling what it complained about. Only `video.py`
and `hearing.py` say what to run.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dreamer.errors import MediaError

TAIL_LINES = 12
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
    """Reads a pipe to its end and keeps the last lines, so that a talkative child never blocks."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = process.stderr
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self.start()

    def run(self) -> None:
        assert self._pipe is not None
        for line in self._pipe:
            self._lines.append(line.decode(errors="replace").rstrip())

    def tail(self) -> str:
        self.join()
        return "\n".join(self._lines) or "it said nothing"


def _popen(arguments: list[str], stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    command = [ffmpeg_binary(), "-hide_banner", "-nostdin", "-nostats", "-v", "warning", *arguments]
    # A session of its own: Ctrl-C reaches us alone, and we decide what becomes of the film.
    return subprocess.Popen(
        command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, start_new_session=True
    )


def feed(arguments: list[str], chunks: Iterable[bytes], what: str) -> None:
    """Run ffmpeg with `arguments` and `chunks` on its standard input.

    Raises:
        MediaError: it failed, with the end of what it said; `what` is what was being made.
    """
    process = _popen(arguments, subprocess.PIPE, subprocess.DEVNULL)
    drain = _Drain(process)
    assert process.stdin is not None
    assert process.stderr is not None
    try:
        for chunk in chunks:
            process.stdin.write(chunk)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it ended early; its exit code and words say why
    except BaseException:
        process.kill()
        raise
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        code = process.wait()
        tail = drain.tail()
        process.stderr.close()
    if code:
        raise MediaError(f"ffmpeg could not make {what} (exit code {code}):\n{tail}")


def pieces(arguments: list[str], size: int, what: str, rest: bool = False) -> Iterator[bytes]:
    """What ffmpeg writes to its standard output, in pieces of `size` bytes; closing the iterator
    ends ffmpeg. With `rest`, the last piece may be shorter.

    Raises:
        MediaError: it failed, or what it read breaks off; after the whole pieces before.
    """
    process = _popen(arguments, subprocess.DEVNULL, subprocess.PIPE)
    drain = _Drain(process)
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
