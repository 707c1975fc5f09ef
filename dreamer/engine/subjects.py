"""What there is to be scored below files and folders: pictures, films, and renders, each of which
is one thing however many files its folder holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.layout import RECIPE, REPORT
from dreamer.errors import DreamerError, UsageError
from dreamer.media.kinds import PICTURE_ENDINGS, what_it_is
from dreamer.media.opening import is_animated
from dreamer.media.probing import ENDINGS as FILM_ENDINGS
from dreamer.recipe.marks import read_yaml

READABLE = (".mp4", ".mov", ".mkv", ".webm", ".apng", ".gif")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing: what a person calls it, the file to look at, whether that is a film, and how many
    pictures it shows side by side (`engine.laid`). `problem` says why there is nothing to look at.
    """

    name: str
    file: str
    film: bool = False
    samples: int = 1
    problem: str = ""


def subjects(places: Sequence[Path]) -> list[Subject]:
    """The pictures, films and renders that `places` name, in their order; folders are looked
    through, by name, without what is hidden and without following links to folders.

    Raises:
        UsageError: a place that is not there, or nothing to score in any.
    """
    for place in places:
        if not place.exists():
            raise UsageError(f"no such file or folder: {place}")
    found = [subject for place in places for subject in _below(place)]
    if not found:
        raise UsageError(f"no pictures or films in {', '.join(map(str, places))}")
    return found


def _below(place: Path) -> Iterator[Subject]:
    if not place.is_dir():
        yield _of_file(str(place), _is_film(place))
    elif Folder(place).exists():
        yield _of_render(Folder(place))
    else:
        yield from _inside(str(place))


def _inside(folder: str) -> Iterator[Subject]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in listing
                if entry.is_dir(follow_symlinks=False)
                or entry.is_file(follow_symlinks=False)  # no pipes, which would be waited for
                or entry.is_symlink()
            )
    except OSError as error:
        yield Subject(folder, folder, problem=f"{folder} cannot be read: {error.strerror}")
        return
    for name, is_folder in entries:
        path = Path(folder, name)
        ending = path.suffix.lower()
        if name.startswith("."):
            continue
        if is_folder:
            yield from _below(path)
        elif ending in PICTURE_ENDINGS | FILM_ENDINGS:
            animated = ending == ".gif" and is_animated(path)
            yield _of_file(str(path), animated or ending in FILM_ENDINGS - {".gif"})


def _of_file(path: str, film: bool) -> Subject:
    return Subject(path, path, film)


def _is_film(path: Path) -> bool:
    """Whether a file that a person named is a film, by what is in it, or else by its name."""
    try:
        what = what_it_is(path)
    except DreamerError:
        return False  # reading it says why
    if what == "a GIF picture":
        return is_animated(path)
    if what.endswith((" picture", " film")):
        return what.endswith(" film")
    return path.suffix.lower() in FILM_ENDINGS - {".gif"}


def _of_render(folder: Folder) -> Subject:
    """A render: its picture or film, made whole."""
    name = str(folder.path)
    try:
        called = folder.name()
        film, still = _film_in(folder.path, called), folder.path / f"{called}.png"
        if film is not None:
            return Subject(name, str(film), film=True)
        if still.is_file():
            return Subject(name, str(still), samples=_samples(folder))
    except DreamerError as error:
        return Subject(name, name, problem=str(error))
    if (folder.path / REPORT).is_file():
        why = f"has no film to look at: `dreamer encode {name} --video mp4` makes one"
    else:
        why = f"is not finished: `dreamer resume {name}` makes its picture"
    return Subject(name, name, problem=f"{name} {why}")


def _film_in(place: Path, called: str) -> Path | None:
    """The film of a render to look at: of several, one that loses little."""
    for ending in READABLE:
        named = sorted(place.glob(f"{escape(called)}-*{ending}"))
        for film in (place / f"{called}{ending}", *named):
            if film.is_file():
                return film
    return None


def _samples(folder: Folder) -> int:
    """How many pictures a still's recipe asks for."""
    tree = read_yaml(folder.recipe(), str(folder.path / RECIPE), folder.path).value
    said = tree.get("samples", 1) if isinstance(tree, dict) else 1
    return said if isinstance(said, int) and said > 0 else 1
