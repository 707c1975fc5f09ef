"""Which files a collage's words mean: a picture, a folder of them, a pattern of names. Listed and
not opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from dreamer.engine.collage_homes import is_collage, is_render
from dreamer.errors import MediaError, did_you_mean
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.picture_folder import naturally
from dreamer.media.probing import ENDINGS as FILM_ENDINGS

FILMS = FILM_ENDINGS - {".gif"}
WILD = "*?["
Made = Callable[[Path], Path | None]


def none_made(place: Path) -> Path | None:
    """That no collage was made at `place`."""
    return None


@dataclass
class Listed:
    """What is in a place: pictures by their endings, and folders of renders, each of which is one
    picture, in natural order; how many films, other files and collages lie there too, and which
    folders inside cannot be read, and why.
    """

    things: list[Path] = field(default_factory=list)
    films: int = 0
    others: int = 0
    collages: int = 0
    closed: dict[str, str] = field(default_factory=dict)

    def add(self, file: Path) -> None:
        """One more file, by its ending."""
        ending = file.suffix.lower()
        if ending in PICTURE_ENDINGS:
            self.things.append(file)
        elif ending in FILMS:
            self.films += 1
        else:
            self.others += 1


def listed(place: Path, kind: Literal["folder", "files", "render"], made: Made) -> Listed:
    """The files that `place` means as that `kind` of word. What is named itself stands there
    whatever it is called; what is hidden is passed over in folders, and links to folders are not
    followed.

    Args:
        place: a file, a folder or a pattern.
        kind: which key names it.
        made: the picture of the collage whose folder a path is, or None.

    Raises:
        MediaError: nothing is there, or nothing that could be meant.
    """
    if os.path.lexists(place):
        if not place.is_dir():
            if kind == "folder":
                raise MediaError(f"{place} is a file; expected a folder, or say files: {place}")
            if place.exists() and not place.is_file():  # a pipe, which would be waited for
                raise MediaError(f"{place} is neither a file nor a folder")
            return Listed([place])
        return Listed([place]) if kind == "render" else _some(_in_folder(place, made), place)
    if not any(sign in str(place) for sign in WILD):
        raise MediaError(_missing(place))
    if kind != "files":
        raise MediaError(f"no such {kind}: {place}; a pattern of names is said as files: {place}")
    return _matching(place)


def _some(found: Listed, place: Path) -> Listed:
    """`found`, if there are pictures among it."""
    if found.things:
        return found
    if found.closed:
        raise MediaError(next(iter(found.closed.values())))
    if found.collages:
        many = "a collage" if found.collages == 1 else f"{found.collages} collages"
        hint = "a collage is taken where it is named itself, or its picture by a pattern"
        raise MediaError(f"{place} holds no pictures, but {many}; {hint}")
    if found.films:
        many = "a film" if found.films == 1 else f"{found.films} films"
        hint = "`dreamer compile` puts films together"
        raise MediaError(f"{place} holds no pictures, but {many}; {hint}")
    raise MediaError(f"{place} holds no pictures")


def _in_folder(folder: Path, made: Made) -> Listed:
    """What lies in `folder` and below. Collages inside are left out: where pictures and what was
    made of them lie together, the next collage would else be of the last one.
    """
    if is_render(folder) or made(folder) is not None:
        return Listed([folder])
    found = Listed()
    for name, is_folder in _entries(folder):
        path = folder / name
        if not is_folder:
            found.add(path)
            continue
        if is_collage(path):
            found.collages += 1
            continue
        try:
            inside = _in_folder(path, made)
        except MediaError as error:
            found.closed[str(path)] = str(error)
            continue
        found.things += inside.things
        found.films += inside.films
        found.others += inside.others
        found.collages += inside.collages
        found.closed |= inside.closed
    return found


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """What lies in `folder` and which of it are folders, which come last, in natural order; no
    pipes, which would be waited for.
    """
    try:
        with os.scandir(folder) as there:
            found = [
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in there
                if not entry.name.startswith(".")
                and (
                    entry.is_dir(follow_symlinks=False)
                    or entry.is_file()
                    or not Path(entry.path).exists()  # a link to nothing is told of by who reads it
                )
            ]
    except OSError as error:
        raise MediaError(f"{folder} cannot be read: {error.strerror}") from error
    return sorted(found, key=lambda entry: (entry[1], naturally(entry[0])))


def unpatterned(place: Path) -> Path:
    """The folder that a pattern is looked for in; `place` itself where that is there, or is no
    pattern.
    """
    if os.path.lexists(place):
        return place
    parts = place.parts
    return Path(*parts[: _wild(parts)])


def _wild(parts: Sequence[str]) -> int:
    """How many of `parts` stand before the first that is a pattern."""
    wild = (k for k, part in enumerate(parts) if any(sign in part for sign in WILD))
    return next(wild, len(parts))


def _matching(pattern: Path) -> Listed:
    parts = pattern.parts
    folder, rest = Path(*parts[: _wild(parts)]), _without_twins(parts[_wild(parts) :])
    if ".." in rest:
        raise MediaError(f"{pattern}: '..' cannot stand behind a pattern")
    if not folder.is_dir():
        raise MediaError(_missing(folder))
    found = Listed()
    walked = set(_walked(folder, rest, found.closed))
    for path in sorted(walked, key=lambda path: _in_order(path, folder)):
        found.add(path)
    if found.films or found.others or found.things or found.closed:
        return _some(found, pattern)
    if any(fnmatch(name, rest[0]) for name, is_folder in _entries(folder) if is_folder):
        raise MediaError(f"{pattern} fits folders and no files; their pictures are {pattern}/*")
    raise MediaError(f"no file fits {pattern}")


def _without_twins(parts: Sequence[str]) -> list[str]:
    """`parts` with one `**` where several follow each other, which mean no more."""
    return [*parts[:1], *(b for a, b in pairwise(parts) if not a == b == "**")]


def _in_order(path: Path, folder: Path) -> list[tuple[bool, Any]]:
    """What to sort files below `folder` by, so that they come as its listing has them."""
    *above, name = path.relative_to(folder).parts
    return [*((True, naturally(part)) for part in above), (False, naturally(name))]


def _walked(folder: Path, parts: Sequence[str], closed: dict[str, str]) -> Iterator[Path]:
    """The files below `folder` whose path fits `parts`; `**` is any number of folders, and as the
    last part all that is in them. Folders that cannot be read are put into `closed`.
    """
    first, rest = parts[0], parts[1:]
    try:
        entries = _entries(folder)
    except MediaError as error:
        closed[str(folder)] = str(error)
        return
    for name, is_folder in entries:
        path = folder / name
        if first == "**":
            if is_folder:
                yield from _walked(path, parts, closed)
            elif not rest:
                yield path
        elif fnmatch(name, first):
            if is_folder and rest:
                yield from _walked(path, rest, closed)
            elif not is_folder and not rest:
                yield path
    if first == "**" and rest:
        yield from _walked(folder, rest, closed)


def _missing(place: Path) -> str:
    """That nothing is at `place`, with the nearest name where it should be."""
    while place.parent != place and not place.parent.is_dir():
        place = place.parent
    try:
        near = did_you_mean(place.name, [path.name for path in place.parent.iterdir()])
    except OSError:
        near = ""
    return f"no such file or folder: {place}{near}"
