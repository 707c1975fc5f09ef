"""Folders carried from one machine to another in pieces: a list of what is in them, by hashes, and
bytes of so many files at a time, so that nothing has to fit into memory or lie packed on a disk.

What arrives comes from another machine: no name in it leads out of the folder that it is put in,
and nothing is believed whole before its hashes are right.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dreamer.errors import FolderError
from dreamer.media import durable
from dreamer.networks.locate import sha256_of

PIECE = 32 << 20  # bytes that are carried at once
LEFT = ("state/lock", ".lock")  # of processes, and not of what they make


class Entry(NamedTuple):
    """A file of a folder: its name there, with `/` between folders, its bytes, its SHA-256."""

    name: str
    size: int
    sha256: str


class Scrap(NamedTuple):
    """Bytes of the file `name`, from `offset` on."""

    name: str
    offset: int
    data: bytes


def names_in(folder: Path) -> list[str]:
    """The files below `folder`, in the order of their names: no links, nothing half written."""
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        whole = not path.name.endswith(durable.PARTIAL) and name not in LEFT
        if whole and path.is_file() and not path.is_symlink():
            found.append(name)
    return sorted(found)


def listing(folder: Path, names: Iterable[str] | None = None) -> list[Entry]:
    """What is in `folder`, or what of it is named."""
    asked = names_in(folder) if names is None else names
    return [Entry(name, (folder / name).stat().st_size, sha256_of(folder / name)) for name in asked]


def pieces(folder: Path, names: Sequence[str], most: int = PIECE) -> Iterator[list[Scrap]]:
    """The bytes of the files `names` of `folder`, at most so many at once; an empty file is a scrap
    without bytes.
    """
    scraps: list[Scrap] = []
    room = most
    for name in names:
        with (folder / name).open("rb") as file:
            offset = 0
            while True:
                data = file.read(room)
                if data or not offset:
                    scraps.append(Scrap(name, offset, data))
                offset += len(data)
                room -= len(data)
                if room > 0:
                    break  # the file is at its end
                yield scraps
                scraps, room = [], most
    if scraps:
        yield scraps


def put(scraps: Iterable[Scrap], folder: Path) -> None:
    """Write what arrived below `folder`, which is ours.

    Raises:
        FolderError: a name that would lead out of it.
        OSError: it cannot be written.
    """
    for scrap in scraps:
        path = folder / safe(scrap.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with durable.naming(path), path.open("r+b" if path.exists() else "wb") as file:
            file.seek(scrap.offset)
            file.write(scrap.data)


def safe(name: str) -> str:
    """`name`, if it is of a file below the folder that it is put in.

    Raises:
        FolderError: it is not.
    """
    parts = PurePosixPath(name).parts
    plain = "\\" not in name and "\0" not in name and name == "/".join(parts)
    if not parts or not plain or name.startswith("/") or {".", ".."} & {*parts}:
        raise FolderError(f"{name!r} arrived, which is no name of a file in a render's folder")
    if os.name == "nt" and ":" in name:
        raise FolderError(f"{name!r} arrived, which is no name of a file here")
    return name


def require_whole(folder: Path, entries: Sequence[Entry]) -> None:
    """See that `folder` has all `entries` as they were sent, and nothing else, and make them
    durable.

    Raises:
        FolderError: it has not.
    """
    there = {*names_in(folder)}
    if strange := there - {safe(entry.name) for entry in entries}:
        raise FolderError(f"{min(strange)} arrived, and was not announced")
    for entry in entries:
        path = folder / entry.name
        whole = path.is_file() and path.stat().st_size == entry.size
        if not whole or sha256_of(path) != entry.sha256:
            raise FolderError(f"{entry.name} did not arrive as it was sent")
        durable.sync_file(path)
    for inside in {folder, *(path.parent for path in folder.rglob("*"))}:
        durable.sync_folder(inside)
