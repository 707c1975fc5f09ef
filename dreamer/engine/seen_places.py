"""Where pictures and tables of scores go: known to be free before any work, so that an hour of it
does not end in a refusal.
"""

from __future__ import annotations

from pathlib import Path

from dreamer.errors import FolderError, UsageError
from dreamer.media.kinds import PICTURE_ENDINGS

ENDINGS = (".png", ".jpg", ".jpeg")
# Names that mean a file and no folder, of kinds that are not written.
OTHER_KINDS = (PICTURE_ENDINGS - {*ENDINGS}) | {
    *(".heic", ".heif", ".jfif", ".jpe", ".jxl", ".svg", ".pdf", ".eps", ".psd", ".tga", ".ico"),
    *(".html", ".csv", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi"),
}


def free_file(option: str, path: Path, force: bool) -> Path:
    """`path`, where `option` may put a file.

    Raises:
        UsageError: no folder to put it into, or it is a folder.
        FolderError: there is a file, and nobody said to replace it.
    """
    if path.is_dir():
        raise UsageError(f"{option}: {path} is a folder; expected a file's name")
    if not path.parent.is_dir():
        raise UsageError(f"{option}: there is no folder {path.parent}")
    if (path.exists() or path.is_symlink()) and not force:
        raise FolderError(f"{path} is there already; name another with {option}, or say --force")
    return path


def free_picture(option: str, path: Path, force: bool) -> Path:
    """`path`, where `option` may put a picture.

    Raises:
        UsageError: as `free_file`, or no picture's name.
        FolderError: as `free_file`.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"{option}: expected a name ending in .png or .jpg, not {path.name}")
    return free_file(option, path, force)


class Place:
    """Where pictures of things go: a file for one thing, or a folder for a file of each."""

    def __init__(self, option: str, path: Path, force: bool) -> None:
        """Raises:
        UsageError: nothing can be put there.
        FolderError: something is there, and nobody said to replace it.
        """
        self.option, self.path = option, path
        self.folder = path.suffix.lower() not in ENDINGS
        self._used: set[str] = set()
        if not self.folder:
            free_picture(option, path, force)
        elif path.suffix.lower() in OTHER_KINDS and not path.is_dir():
            raise UsageError(
                f"{option}: pictures are written as .png or .jpg, not as {path.suffix}: {path}; "
                "expected such a name, or a folder's"
            )
        elif path.exists() and not path.is_dir():
            raise UsageError(f"{option}: {path} is no folder, and no name of a picture")
        elif path.is_dir() and any(path.iterdir()) and not force:
            raise FolderError(
                f"{path} is not empty; name another folder with {option}, or say --force"
            )

    def require_room(self, count: int, what: str) -> None:
        """Refuse several things where one file was named.

        Raises:
            UsageError: there are several.
        """
        if count > 1 and not self.folder:
            raise UsageError(
                f"{self.option}: {self.path} is one file, and there are {count} {what}; name a "
                "folder for a file of each"
            )

    def of(self, name: str) -> Path:
        """Where the picture of the thing called `name` goes; each call is another thing."""
        if not self.folder:
            return self.path
        self.path.mkdir(parents=True, exist_ok=True)
        base = stem = Path(name).resolve().stem if name in (".", "..") else Path(name).stem
        number = 1
        while stem.lower() in self._used:  # some systems take A and a for one
            number += 1
            stem = f"{base}-{number}"
        self._used.add(stem.lower())
        return self.path / f"{stem}.png"

    def holds(self, file: str) -> bool:
        """Whether `file` is this place's own."""
        mine, other = self.path.absolute(), Path(file).absolute()
        return other == mine or (self.folder and mine in other.parents)
