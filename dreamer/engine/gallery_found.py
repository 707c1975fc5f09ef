"""What there is to show below folders: renders and collages, atlases, films and pictures that carry
a recipe. Only names and a few first bytes are looked at; links to folders are not followed, nor is
what is hidden, nor other galleries.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dreamer.engine.layout import JOURNAL, PROVENANCE, RECIPE
from dreamer.errors import MediaError, UsageError
from dreamer.media.metadata import read_texts
from dreamer.media.probing import ENDINGS as FILM_ENDINGS

MARKER = ".dreamer-gallery.json"  # in a gallery's own folder
ATLAS = "atlas.json"
POSTER = "-poster.png"  # behind a film's name
CARRIERS = FILM_ENDINGS | {".png", ".apng", ".webp"}  # files that may have a recipe inside


@dataclass(frozen=True)
class Found:
    """A thing to show: what it is, where it lies, and how a person would name that."""

    kind: Literal["folder", "atlas", "file"]
    path: Path
    place: str
    texts: dict[str, str] = field(default_factory=dict)


def things(places: Sequence[Path], problems: list[str]) -> list[Found]:
    """All things below `places`, each once, in order; what cannot be read is added to `problems`.

    Raises:
        UsageError: a place that is not there.
    """
    found: dict[Path, Found] = {}
    for place in places:
        if not place.exists():
            raise UsageError(f"no such file or folder: {place}")
        whole = place.resolve()
        for one in _below(whole, whole.name or str(whole), problems):
            found.setdefault(one.path, one)
    return list(found.values())


def _below(path: Path, place: str, problems: list[str]) -> Iterator[Found]:
    if not path.is_dir():
        yield from _file(path, place, problems, named=True)
        return
    try:
        with os.scandir(path) as listing:
            entries = sorted((e.name, e.is_dir(follow_symlinks=False)) for e in listing)
    except OSError as error:
        problems.append(f"{path} cannot be read: {error.strerror}")
        return
    names = dict(entries)
    if MARKER in names:
        return
    if RECIPE in names and PROVENANCE in names:
        yield Found("folder", path, place)
        return
    if JOURNAL in names or {"frames", "state"} <= names.keys():
        lacks = next(name for name in (RECIPE, PROVENANCE) if name not in names)
        problems.append(f"{path} is no whole render: it has no {lacks}")
        return
    if ATLAS in names:
        yield Found("atlas", path, place)
    for name, is_folder in entries:
        if name.startswith(".") or (ATLAS in names and name == "tiles"):
            continue
        if is_folder:
            yield from _below(path / name, f"{place}/{name}", problems)
        elif ATLAS not in names and not _is_poster(name, names):
            yield from _file(path / name, f"{place}/{name}", problems)


def _is_poster(name: str, names: Container[str]) -> bool:
    """Whether the file `name` is the still beside a film, which shows it."""
    film = name.removesuffix(POSTER)
    return film != name and any(film + ending in names for ending in FILM_ENDINGS)


def _file(path: Path, place: str, problems: list[str], named: bool = False) -> Iterator[Found]:
    """The file at `path`, if it carries a recipe; of one that a person named it is said if not."""
    if path.suffix.lower() not in CARRIERS or not path.is_file():
        if named:
            problems.append(f"{path} is no folder, and no picture or film that carries a recipe")
        return
    try:
        texts = read_texts(path)
    except MediaError as error:
        if named:
            problems.append(str(error))
        return
    yield Found("file", path, place, texts)
