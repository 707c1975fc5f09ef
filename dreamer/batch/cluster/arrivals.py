"""What was made of a job elsewhere, put into its place at home: all of it, or nothing.

What arrives goes on from what was taken away. So a folder that is there is added to, file by file
and frames before the journal that names them: whatever moment this is killed at, what the journal
names is there. One that somebody else went on in meanwhile is left as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from dreamer.batch.cluster.parcels import LEFT, Entry, names_in, require_whole
from dreamer.engine.atlas_folder import ATLAS, LOCK
from dreamer.engine.folder import Folder
from dreamer.engine.layout import EXECUTION, JOURNAL, PROVENANCE, RECIPE, REPORT
from dreamer.engine.part_rooms import PARTS, let_go
from dreamer.errors import BusyError
from dreamer.media import durable
from dreamer.media.locks import taken
from dreamer.networks.locate import sha256_of

LAST = (JOURNAL, EXECUTION, PROVENANCE, RECIPE, REPORT)  # in this order, after all the others


def is_begun(folder: Path) -> bool:
    """Whether something is being made in `folder`, or was."""
    return any((folder / name).is_file() for name in (RECIPE, ATLAS))


def journal_of(folder: Path) -> str:
    """How far the render in `folder` is, as a hash; empty where none was begun. Pictures of an
    atlas do not look at each other, and it has no journal.
    """
    if not is_begun(folder):
        return ""
    path = folder / JOURNAL
    return sha256_of(path) if path.is_file() else "nothing yet"


def came_home(parcel: Path, out: Path, entries: Sequence[Entry], journal: str) -> None:
    """Make `out` what is in `parcel`, which is a folder beside it.

    Args:
        parcel: what arrived.
        out: where it belongs.
        entries: what was sent.
        journal: how far `out` was when it was taken away (`journal_of`).

    Raises:
        FolderError: it did not arrive as it was sent.
        BusyError: somebody else went on in `out`.
        OSError: it cannot be written.
    """
    require_whole(parcel, entries)
    if not out.exists():
        parcel.rename(out)
        durable.sync_folder(out.parent)
        return
    with _locked(out):
        if journal_of(out) != journal:
            raise BusyError(f"another process went on in {out}")
        names = {entry.name for entry in entries}
        _move(parcel, out, names - {*LAST})
        for name in LAST:
            _move(parcel, out, names & {name})
        _let_go(out, names)


def part_came_home(parcel: Path, place: Path, entries: Sequence[Entry]) -> None:
    """Make `place`, where a part of a job is made, what is in `parcel`: all of that part.

    Raises:
        FolderError: it did not arrive as it was sent.
        BusyError: another process makes that part.
    """
    require_whole(parcel, entries)
    place.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for name in LEFT:
            if (place / name).is_file():
                held.enter_context(_of_nobody(place / name, f"making the part in {place}"))
        if place.exists():  # the same part, begun by somebody who was lost
            let_go(place)
        parcel.rename(place)
    durable.sync_folder(place.parent)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Have a folder for this process alone while the block runs."""
    if not (out / ATLAS).is_file():
        with Folder(out).locked():
            yield
        return
    with _of_nobody(out / LOCK, f"making the atlas in {out}"):
        yield


def _of_nobody(path: Path, what: str) -> IO[str]:
    try:
        return taken(path)
    except BlockingIOError as error:
        raise BusyError(f"another process is {what}") from error


def _let_go(out: Path, names: Set[str]) -> None:
    """Let go of states and parts that were let go of where the job went on."""
    for room in (out / "state", out / PARTS):
        for name in names_in(room):
            if f"{room.name}/{name}" not in {*names, *LEFT}:
                (room / name).unlink()
    if not names_in(out / PARTS):
        shutil.rmtree(out / PARTS, ignore_errors=True)


def _move(parcel: Path, out: Path, names: Set[str]) -> None:
    """Move files into their place, durably."""
    folders = set()
    for name in sorted(names):
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (parcel / name).replace(target)
        folders.add(target.parent)
    for folder in folders:
        durable.sync_folder(folder)
