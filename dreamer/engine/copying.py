"""Copies of what a render is made from, in its folder: going on needs nothing outside it, and what
a person does to the originals changes no frame.

A link would be no copy: a program that writes a film anew into the same file would change it too.
Where the disk can share blocks between files, a copy takes no room.

What is to be copied is listed first, until the render is begun: so what a killed process left is
known as our own, and goes, should its original be gone when somebody begins again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from dreamer.engine.clips import beside, keep_survey
from dreamer.engine.facts import Gathered
from dreamer.engine.folder import Folder
from dreamer.engine.provenance import copies
from dreamer.errors import NoRoomError
from dreamer.media import durable
from dreamer.media.picture_folder import pictures_in

LISTED = ".copying.json"


def copy_sources(folder: Folder, gathered: Gathered) -> None:
    """Copy all that `gathered` names into `folder`, and what is known of a film beside it.

    Raises:
        NoRoomError: there is no room for it.
    """
    named = copies(gathered)
    files = [
        (file, inner) for path, name in named.items() for file, inner in _files(Path(path), name)
    ]
    listed = [inner for _, inner in files]
    if (name := named.get(str(gathered.source))) is not None:
        listed.append(str(beside(Path(name))))
    _drop_stale(folder, set(listed))
    need, free = sum(file.stat().st_size for file, _ in files), folder.free_bytes()
    if need > free:
        raise NoRoomError(
            f"{folder.path}: {need / 1e6:.0f} MB are needed for copies of what it is made from, "
            f"{free / 1e6:.0f} MB are free"
        )
    folder.sources.mkdir(parents=True, exist_ok=True)
    durable.write_text(folder.sources / LISTED, json.dumps(listed))
    for file, inner in files:
        target = folder.path / inner
        target.parent.mkdir(parents=True, exist_ok=True)
        durable.copy_file(file, target)
    if name is not None:
        keep_survey(folder.path / name, gathered.sources[str(gathered.source)])


def copied(folder: Folder) -> None:
    """The render is begun: what was copied is its own."""
    (folder.sources / LISTED).unlink(missing_ok=True)


def _drop_stale(folder: Folder, wanted: set[str]) -> None:
    """Take away what a killed process copied, by its own list, and is not `wanted` any more."""
    try:
        listed = json.loads((folder.sources / LISTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    inside = folder.sources.resolve()
    for name in listed if isinstance(listed, list) else ():
        path = folder.path / str(name)
        if name in wanted or not path.parent.resolve().is_relative_to(inside):
            continue
        for stale in (path, durable.beside(path)):
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                stale.unlink()
        if path.parent.resolve() != inside:
            with suppress(OSError):  # there is more in it
                path.parent.rmdir()


def _files(path: Path, name: str) -> list[tuple[Path, str]]:
    """The files at `path`, and what each is called that is kept as `name`."""
    if path.is_dir():
        return [(picture, f"{name}/{picture.name}") for picture in pictures_in(path)]
    return [(path, name)]
