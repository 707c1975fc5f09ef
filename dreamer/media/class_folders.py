"""Which pictures lie in class folders, and in which: one rule for what looks a data set over, what
divides it and what learns from it. Were there two, a picture could be tested on that was learnt
from. Nothing is read yet.

A folder that holds pictures is a class folder; pictures in folders below are of its class too. One
that holds none, but folders that have some, is a group of class folders (`flowers`, `train`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dreamer.media.kinds import PICTURE_ENDINGS


@dataclass(frozen=True)
class ClassPicture:
    """A picture's file, its name below the data set's folder (with `/`), its class, and the folder
    of the class folder (`train`), empty where that lies in the data set's own, called `root`.
    """

    path: Path
    name: str
    category: str
    folder: str
    root: str = ""

    @property
    def split_by(self) -> str:
        """The name whose hash decides its part: with a folder above that of its class, the data
        set's own where there is no other.
        """
        return self.name if self.folder else f"{self.root}/{self.name}"

    @property
    def inside(self) -> str:
        """Its name below the folder of the class folder: `rose/1.jpg`."""
        return self.name.removeprefix(f"{self.folder}/") if self.folder else self.name


@dataclass(frozen=True)
class ClassFolders:
    """What is in the data set `root`, by names below it: all pictures of its class folders in the
    order of their paths; pictures that lie outside of those; the topmost folders without any; and
    what cannot be read, with the reason.
    """

    root: Path
    pictures: tuple[ClassPicture, ...]
    unread: tuple[str, ...]
    empty: tuple[str, ...]
    unreadable: Mapping[str, str]


def class_folders(root: Path) -> ClassFolders:
    """What is in the class folders below the folder `root`; what is hidden is passed over.

    Links to class folders and to groups are followed, unless they lead to where they are; those to
    folders in a class folder are not.
    """
    walk = _Walk(root)
    found, empty = walk.group(root, (_identity(root),))
    unread = walk.entries(root)[0]
    return ClassFolders(
        root,
        tuple(sorted(found, key=lambda picture: picture.path)),
        tuple(path.name for path in unread),
        tuple(sorted(empty)),
        dict(sorted(walk.unreadable.items())),
    )


class _Walk:
    """Folders below `root`, each opened when asked for; what could not be is remembered."""

    def __init__(self, root: Path) -> None:
        self.root, self.own = root, root.resolve().name
        self.unreadable: dict[str, str] = {}

    def group(
        self, folder: Path, above: tuple[tuple[int, int], ...]
    ) -> tuple[list[ClassPicture], list[str]]:
        """The pictures in the class folders of `folder`, and its topmost folders without any;
        `above` are it and those it is in, which a link may lead back to.
        """
        found: list[ClassPicture] = []
        empty: list[str] = []
        for child in self.entries(folder)[1]:
            try:
                own = _identity(child)
            except OSError as error:
                self._remember(child, error)
                continue
            if own in above:
                continue
            if self.entries(child)[0]:
                inside = [self._picture(path, child) for path in self._below(child)]
                emptied: list[str] = []
            else:
                inside, emptied = self.group(child, (*above, own))
            found += inside
            empty += emptied if inside else [self._name(child)]
        return found, empty

    def entries(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """Pictures in `folder`, by their endings, and folders, in the order of their names."""
        pictures, folders = [], []
        try:
            with os.scandir(folder) as there:
                visible = sorted(
                    (entry for entry in there if not entry.name.startswith(".")),
                    key=lambda entry: entry.name,
                )
        except OSError as error:
            self._remember(folder, error)
            return [], []
        for entry in visible:
            path = folder / entry.name
            try:
                if entry.is_dir():
                    folders.append(path)
                elif path.suffix.lower() in PICTURE_ENDINGS and entry.is_file():
                    pictures.append(path)
            except OSError as error:
                if error.errno != errno.ELOOP:  # a link to itself leads nowhere, as a broken one
                    self._remember(path, error)
        return pictures, folders

    def _below(self, folder: Path) -> Iterator[Path]:
        pictures, folders = self.entries(folder)
        yield from pictures
        for child in folders:
            if not child.is_symlink():
                yield from self._below(child)

    def _picture(self, path: Path, own: Path) -> ClassPicture:
        folder = self._name(own.parent)
        return ClassPicture(
            path, self._name(path), own.name, "" if folder == "." else folder, self.own
        )

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _remember(self, path: Path, error: OSError) -> None:
        self.unreadable[self._name(path)] = error.strerror or str(error)


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino
