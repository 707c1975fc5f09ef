"""Files that are whole or not there: written beside their place, synced, then renamed into it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL = ".part"
COPIED_AT_ONCE = 1 << 20
FICLONE = 0x40049409
# Of these the system says which disk is full or broken, and not which file was being written.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


@contextmanager
def naming(path: Path, beside: Path | None = None) -> Iterator[None]:
    """Let the block's errors of writing say `path`, as a person knows it, where the system says
    nothing, or `beside`, which is written in its stead.
    """
    try:
        yield
    except OSError as error:
        theirs = {error.filename, error.filename2}
        nameless = error.errno in OF_THE_DISK and theirs == {None}
        if nameless or (beside is not None and {beside, str(beside)} & theirs):
            error.filename, error.filename2 = str(path), None
        raise


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make what another process wrote into a file survive a power cut."""
    with naming(path), path.open("rb+") as file:
        os.fsync(file.fileno())


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Put `data` at `path`, whole or not at all, replacing what was there."""
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` in UTF-8, whole or not at all."""
    write_bytes(path, text.encode())


@contextmanager
def replacing(path: Path, by_process: bool = False) -> Iterator[Path]:
    """A name beside `path` to write to; it takes the place of `path` when the block ends well,
    and goes when not.

    One name, so that what a killed process left is written over; `by_process` gives each process
    its own, for places that several may write to at once.
    """
    partial = beside(path, f".{os.getpid()}" if by_process else "")
    with naming(path, partial):
        try:
            yield partial
            partial.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):  # what went wrong is the news, not that it cannot be tidied
                partial.unlink(missing_ok=True)
            raise


def beside(path: Path, own: str = "") -> Path:
    """Where what is to be at `path` lies while it is written; a kill leaves it there."""
    return path.with_name(f".{path.name}{own}{PARTIAL}")


def append_line(path: Path, line: str) -> None:
    """Add one line to the end of a file, synced; a half-written last line of a killed writer is
    cut off first.
    """
    new = not path.exists()
    with naming(path), path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(max(0, end - 65536))
            tail = file.read()
            if not tail.endswith(b"\n"):
                file.truncate(end - len(tail) + tail.rfind(b"\n") + 1)
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if new:
        sync_folder(path.parent)


def copy_file(source: Path, target: Path) -> None:
    """Put a copy of the file `source` at `target`, whole or not at all; sharing its blocks until
    either is changed, where the disk can.
    """
    with (
        replacing(target) as beside,
        source.open("rb") as original,
        beside.open("wb") as copy,
    ):
        if not _shares(original.fileno(), copy.fileno()):
            shutil.copyfileobj(original, copy, COPIED_AT_ONCE)
        copy.flush()
        os.fsync(copy.fileno())


def share_or_copy(source: Path, target: Path) -> None:
    """Put what is in the file `source` into `target`, as `copy_file` does, where nothing is lost if
    that ends in the middle.
    """
    with source.open("rb") as original, target.open("wb") as copy:
        if not _shares(original.fileno(), copy.fileno()):
            shutil.copyfileobj(original, copy, COPIED_AT_ONCE)


def _shares(original: int, copy: int) -> bool:
    """Whether the file `copy` is now one with the blocks of `original` (FICLONE)."""
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        fcntl.ioctl(copy, FICLONE, original)
    except OSError:
        return False
    return True
