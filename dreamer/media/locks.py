"""A file that one process has at a time, until it ends, however it ends."""

from __future__ import annotations

from pathlib import Path
from typing import IO


def taken(path: Path) -> IO[str]:
    """The file at `path`, made if need be and had by this process alone until it is closed.

    Where the system knows no such locks, nothing is locked.

    Raises:
        BlockingIOError: another process has it.
        OSError: it cannot be made or locked.
    """
    file = path.open("a")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError:
        file.close()
        raise
    return file
