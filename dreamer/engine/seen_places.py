"""Where pictures and tables of scores go: known to be free before any work, so that an hour of it
does not end in a refusal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from dreamer.engine.asked_file import free_file
from dreamer.errors import FolderError, MediaError, UsageError
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.opening import read_comment
from dreamer.media.png import read_png_text

MARK, MADE_BY = "dreamer-made-by", "classify"  # inside every picture that is made of scores
FRAMES_BEGIN = ("frame", "seconds")  # of the table beside a picture of curves

ENDINGS = (".png", ".jpg", ".jpeg")
# Names that mean a file and no folder, of kinds that are not written.
OTHER_KINDS = (PICTURE_ENDINGS - {*ENDINGS}) | {
    *(".heic", ".heif", ".jfif", ".jpe", ".jxl", ".svg", ".pdf", ".eps", ".psd", ".tga", ".ico"),
    *(".html", ".csv", ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi"),
}


def made_here(path: Path) -> bool:
    """Whether `path` is a picture that `classify` made, by the mark inside it, or the table that it
    put beside one. What cannot be read is not.
    """
    if path.is_symlink() or not path.is_file():
        return False
    ending = path.suffix.lower()
    try:
        if ending == ".png":
            return read_png_text(path).get(MARK) == MADE_BY
        if ending == ".csv":
            begin = ",".join(FRAMES_BEGIN).encode()
            with path.open("rb") as file:
                alike = file.read(len(begin)) == begin
            return alike and any(made_here(path.with_suffix(picture)) for picture in ENDINGS)
        return ending in ENDINGS and read_comment(path) == f"{MARK}: {MADE_BY}"
    except (MediaError, OSError):
        return False


def place_of(path: Path) -> Path:
    """One name for each place in a folder, however it is reached; what links at its end is a place
    of its own.
    """
    return path.parent.resolve() / path.name


def free_beside(option: str, path: Path, force: bool) -> Path:
    """`path`, which nobody named but where `option` puts something too: `force` replaces there
    only what was made here.

    Raises:
        UsageError: as `free_file`.
        FolderError: as `free_file`, or something there that is not ours.
    """
    if (path.exists() or path.is_symlink()) and not path.is_dir() and not made_here(path):
        raise FolderError(
            f"{path} is there already and was not made by classify, so that not even --force "
            f"replaces it; name another place with {option}"
        )
    return free_file(option, path, force)


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
        self._stems: dict[str, deque[str]] = {}
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

    def reserve(self, names: Sequence[str], *also: str) -> None:
        """Say where the pictures of the things called `names` go, and beside each a file of each
        of the endings `also`.

        Raises:
            FolderError: there is something that was not made here, and no `--force` replaces that.
        """
        used: set[str] = set()
        for name in names if self.folder else ():
            base = stem = Path(name).resolve().stem if name in (".", "..") else Path(name).stem
            number = 1
            while stem.lower() in used:  # some systems take A and a for one
                number += 1
                stem = f"{base}-{number}"
            used.add(stem.lower())
            for ending in (".png", *also) if self.path.is_dir() else ():
                free_beside(self.option, self.path / f"{stem}{ending}", force=True)
            self._stems.setdefault(name, deque()).append(stem)

    def of(self, name: str) -> Path:
        """Where the picture of the thing called `name` goes, which was reserved; each call is
        another thing.
        """
        if not self.folder:
            return self.path
        self.path.mkdir(parents=True, exist_ok=True)
        return self.path / f"{self._stems[name].popleft()}.png"

    def planned(self, *also: str) -> list[Path]:
        """All files that are to come here, once they are reserved: pictures, and beside each a file
        of each of the endings `also`.
        """
        stems = (stem for stems in self._stems.values() for stem in stems)
        pictures = [self.path / f"{stem}.png" for stem in stems] if self.folder else [self.path]
        beside = [path.with_suffix(ending) for path in pictures for ending in also]
        return [*pictures, *beside]

    def holds(self, file: Path) -> bool:
        """Whether `file`, by `place_of`, lies in this place."""
        if not self.folder:
            return file == place_of(self.path)
        return self.path.resolve() in file.parents
