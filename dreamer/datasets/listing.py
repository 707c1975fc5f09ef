"""The pictures in a folder of class folders, however deep those lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dreamer.errors import UsageError
from dreamer.media.kinds import PICTURE_ENDINGS


@dataclass(frozen=True)
class Listed:
    """A picture's file, its name below the data set's folder, its class (the folder it is in), and
    the folder of the class folder (`train`), empty where class folders lie in the data set's own,
    which is called `root`.
    """

    path: Path
    name: str
    category: str
    folder: str
    root: str = ""

    @property
    def split_by(self) -> str:
        """The name whose hash decides its part: with a folder above that of its class, as training
        has it, the data set's own where there is no other.
        """
        return self.name if self.folder else f"{self.root}/{self.name}"


@dataclass(frozen=True)
class Listing:
    """All pictures that training reads, by name; and the names of those outside class folders,
    which it does not.
    """

    root: Path
    pictures: tuple[Listed, ...]
    unread: tuple[str, ...]


def pictures_in(root: Path) -> Listing:
    """What is in the class folders below `root`; hidden files and folders are passed over.

    Raises:
        UsageError: no such folder, or no pictures in class folders.
    """
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder")
    found, unread, own = [], [], root.resolve().name
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if any(part.startswith(".") for part in relative.parts) or not path.is_file():
            continue
        if path.suffix.lower() not in PICTURE_ENDINGS:
            continue
        if len(relative.parts) < 2:
            unread.append(relative.as_posix())
        else:
            folder = relative.parent.parent.as_posix()
            name = relative.as_posix()
            above = "" if folder == "." else folder
            found.append(Listed(path, name, path.parent.name, above, own))
    if not found:
        raise UsageError(f"{root}: no pictures in class folders ({root}/<class>/<picture>.jpg)")
    return Listing(root, tuple(found), tuple(unread))
