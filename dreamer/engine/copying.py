"""Copies of what a render is made from, in its folder: going on needs nothing outside it, and what
a person does to the originals changes no frame.

A link would be no copy: a program that writes a film anew into the same file would change it too.
Where the disk can share blocks between files, a copy takes no room.
"""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.clips import keep_survey
from dreamer.engine.facts import Gathered
from dreamer.engine.folder import Folder
from dreamer.engine.provenance import copies
from dreamer.errors import FolderError
from dreamer.media import durable
from dreamer.media.picture_folder import pictures_in


def copy_sources(folder: Folder, gathered: Gathered) -> None:
    """Copy all that `gathered` names into `folder`, and what is known of a film beside it.

    Raises:
        FolderError: there is no room for it.
    """
    named = copies(gathered)
    files = [
        (file, folder.path / inner)
        for path, name in named.items()
        for file, inner in _files(Path(path), name)
    ]
    need, free = sum(file.stat().st_size for file, _ in files), folder.free_bytes()
    if need > free:
        raise FolderError(
            f"{folder.path}: {need / 1e6:.0f} MB are needed for copies of what it is made from, "
            f"{free / 1e6:.0f} MB are free"
        )
    for file, target in files:
        target.parent.mkdir(parents=True, exist_ok=True)
        durable.copy_file(file, target)
    if gathered.source is not None and (name := named.get(str(gathered.source))):
        keep_survey(folder.path / name, gathered.sources[str(gathered.source)])


def _files(path: Path, name: str) -> list[tuple[Path, str]]:
    """The files at `path`, and what each is called that is kept as `name`."""
    if path.is_dir():
        return [(picture, f"{name}/{picture.name}") for picture in pictures_in(path)]
    return [(path, name)]
