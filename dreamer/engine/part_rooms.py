"""Where the parts of a job lie while they are made: in a hidden room of the folder that they are
for, so that nobody takes one for a render, each in a folder of its own with a lock of its own.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from dreamer.media import durable

PARTS = ".parts"
GONE = ".gone"


def rooms(home: Path) -> list[Path]:
    """The folders of all parts that lie in `home`, in the order of their names; what a killed
    process was letting go of is gone then.
    """
    place = home / PARTS
    if not place.is_dir():
        return []
    found = sorted(path for path in place.iterdir() if path.is_dir())
    for path in found:
        if path.name.endswith(GONE):
            shutil.rmtree(path, ignore_errors=True)
    return [path for path in found if not path.name.endswith(GONE)]


def let_go(room: Path) -> None:
    """Take away a part's folder, of which nothing is needed any more.

    It loses its name first: a process killed in the middle leaves no half of a part.
    """
    gone = room.with_name(f"{room.name}{GONE}")
    shutil.rmtree(gone, ignore_errors=True)
    room.replace(gone)
    durable.sync_folder(room.parent)
    shutil.rmtree(gone, ignore_errors=True)


def clear(home: Path) -> None:
    """Take away the room of parts in `home`, which is made, if none is left there."""
    if not rooms(home):
        with suppress(OSError):  # there is none, or something of a person's lies in it
            (home / PARTS).rmdir()
