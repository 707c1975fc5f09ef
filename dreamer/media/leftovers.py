"""What a process that was killed left beside a file that it was writing: told from what another one
is writing at this moment, and removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from dreamer.media.durable import PARTIAL
from dreamer.media.locks import taken

# Of `durable.replacing` by process, and of what an encoder lays aside on its way.
_OF = r"\.{name}\.(\d+){end}(?:\.\w+{end})?"


def sweep(path: Path) -> None:
    """Remove what killed processes left of what was to be at `path`; nothing where the system
    cannot say who is still at work.
    """
    if os.name == "nt":
        return
    name = re.compile(_OF.format(name=re.escape(path.name), end=re.escape(PARTIAL)))
    for one in path.parent.glob(f".*{PARTIAL}"):
        owner = name.fullmatch(one.name)
        if owner is not None and not _runs(int(owner[1])) and not _is_had(one):
            with suppress(OSError):
                one.unlink()


@contextmanager
def had(path: Path) -> Iterator[None]:
    """Let others see, by a lock, that the file at `path` is being written, from other machines and
    containers too, where processes have other numbers; where nothing can be locked, nothing is.
    """
    with ExitStack() as held:
        if os.name != "nt":  # where what is open cannot be renamed
            with suppress(OSError):
                held.enter_context(taken(path))
        yield


def _runs(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # another person's
    return True


def _is_had(path: Path) -> bool:
    try:
        taken(path).close()
    except OSError:
        return True
    return False
