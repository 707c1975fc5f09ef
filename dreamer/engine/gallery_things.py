"""What a folder says of the thing in it, as values: nothing is decoded, nothing believed. Other
versions of dreamer wrote some of these folders, and people have changed them.
"""

from __future__ import annotations

import json
import math
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

from dreamer.draw.site.values import Score, Scores, Sweep
from dreamer.engine.collage_layout import LAYOUT
from dreamer.engine.gallery_found import ATLAS, POSTER, Found
from dreamer.engine.gallery_words import told
from dreamer.engine.layout import PROVENANCE, RECIPE, REPORT
from dreamer.errors import FolderError
from dreamer.media.metadata import RECIPE as RECIPE_TEXT
from dreamer.media.probing import ENDINGS as FILM_ENDINGS
from dreamer.recipe.kinds import kind_of
from dreamer.recipe.marks import read_yaml

# Of several films the first of these is shown: what browsers play comes first.
FILMS = (".mp4", ".webm", ".webp", ".gif", ".apng", ".mov", ".mkv")
SCORES, PREVIEW = "scores.json", "preview.jpg"
MOST_FRAMES = 10**9


@dataclass(frozen=True)
class Thing:
    """A thing to show.

    Attributes:
        look: the picture to show of it; None where only the film has one.
        film: its film.
        sheets: more pictures, by name.
        tree: its recipe as plain data, `recipe` as text.
        said: what provenance.json says.
        report: what report.json says.
        identity: SHA-256 of its recipe and all that is named there, or "".
        made_of: SHA-256 of the pictures it was made of.
        made: when it was finished, in seconds since 1970.
        unfinished: what makes the rest of it, where some is missing.
    """

    found: Found
    kind: str
    name: str
    look: Path | None = None
    film: Path | None = None
    sheets: tuple[Path, ...] = ()
    tree: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    scores: tuple[Scores, ...] = ()
    sweep: Sweep | None = None
    identity: str = ""
    made_of: tuple[str, ...] = ()
    made: float = 0.0
    unfinished: str = ""

    @property
    def frames(self) -> int:
        """How many frames it has, as far as its report tells."""
        count = self.report.get("frames")
        return count if isinstance(count, int) and 0 < count < MOST_FRAMES else 0


def thing(found: Found) -> Thing:
    """What lies where something was found.

    Raises:
        FolderError: it is damaged, or holds nothing to show.
        RecipeError: its recipe cannot be read.
    """
    try:
        if found.kind == "atlas":
            return _atlas(found)
        return _file(found) if found.kind == "file" else _folder(found)
    except OSError as error:
        raise FolderError(f"{error.filename or found.path}: {error.strerror or error}") from error


def _folder(found: Found) -> Thing:
    folder, said = found.path, _json(found.path / PROVENANCE)
    name = said.get("name")
    if not isinstance(name, str) or Path(name).name != name or name in ("", "..", "."):
        raise FolderError(f"{folder / PROVENANCE} is damaged: its name is no file's name")
    text = _text(folder / RECIPE)
    tree, verb = _recipe(text, folder / RECIPE)
    report = _json(folder / REPORT) if (folder / REPORT).is_file() else {}
    collage = verb == "collage"
    film, still = _film(folder, name), folder / f"{name}.png"
    frames = _frames(folder) if film is not None or not still.is_file() else []
    is_film = film is not None or len(frames) > 1
    look: Path | None = still
    if is_film or not still.is_file():
        look = _poster(folder, film, frames)
    whole = bool(report) and (film is not None or still.is_file() or is_film)
    if look is None and film is None:
        raise FolderError(f"{folder} has no picture yet: {_rest(folder)} makes it")
    return Thing(
        found,
        "collage" if collage else "film" if is_film else "still",
        name,
        look,
        film,
        tree=tree,
        recipe=text,
        said=said,
        report=report,
        scores=_scores(folder, collage),
        sweep=_sweep(said),
        identity=_word(said.get("recipe_sha256")),
        made_of=tuple(_sources(folder, said)),
        made=_time(folder / REPORT if report else folder / PROVENANCE),
        # On a page that others may get, where it lies is not said.
        unfinished="" if whole else f"`dreamer resume {shlex.quote(folder.name)}`",
    )


def _file(found: Found) -> Thing:
    path, text = found.path, found.texts[RECIPE_TEXT]
    tree, verb = _recipe(text, path)
    film = path.suffix.lower() in FILM_ENDINGS or path.suffix.lower() in (".apng", ".webp")
    kind = {"compile": "compilation", "collage": "collage"}.get(verb, "film" if film else "still")
    poster = path.with_name(path.stem + POSTER)
    look = poster if film and poster.is_file() else None if film else path
    sheet = path if film else None
    return Thing(found, kind, path.stem, look, sheet, tree=tree, recipe=text, made=_time(path))


def _atlas(found: Found) -> Thing:
    folder, said = found.path, _json(found.path / ATLAS)
    sheets = sorted(
        path for path in folder.iterdir() if path.suffix.lower() == ".jpg" and path.is_file()
    )
    if not sheets:
        raise FolderError(f"{folder} is an atlas without a sheet")
    return Thing(
        found,
        "atlas",
        _word(said.get("network")) or folder.name,
        sheets[0],
        sheets=tuple(sheets[1:]),
        said=said,
        made=max(map(_time, sheets)),
    )


def _recipe(text: str, path: Path) -> tuple[Mapping[str, Any], str]:
    tree = read_yaml(text, str(path), path.parent)
    if not isinstance(tree.value, dict):
        raise FolderError(f"{path} holds no recipe")
    return tree.value, kind_of(tree, "render")


def _film(folder: Path, name: str) -> Path | None:
    for ending in FILMS:
        named = sorted(folder.glob(f"{escape(name)}-*{ending}"))
        for film in (folder / f"{name}{ending}", *named):
            if film.is_file():
                return film
    return None


def _frames(folder: Path) -> list[Path]:
    frames = folder / "frames"
    return sorted(frames.glob("[0-9]*.png")) if frames.is_dir() else []


def _poster(folder: Path, film: Path | None, frames: list[Path]) -> Path | None:
    """What stands for a film: the still that was asked for beside it, or the frame in its middle;
    of one that is not done, its preview.
    """
    beside = [] if film is None else [film.with_name(film.stem + POSTER)]
    middle = frames[len(frames) // 2 :][:1]
    preview = [folder / PREVIEW] if film is None else []
    known = [*beside, *preview, *middle, folder / PREVIEW]
    return next((path for path in known if path.is_file()), None)


def _rest(folder: Path) -> str:
    """The command that makes what is missing, as it is typed in the working folder."""
    with suppress(ValueError):  # another drive
        folder = Path(os.path.relpath(folder))
    return f"`dreamer resume {shlex.quote(str(folder))}`"


def _scores(folder: Path, collage: bool) -> tuple[Scores, ...]:
    """What networks see in it; nothing where that file cannot be understood."""
    if not (folder / SCORES).is_file():
        return ()
    titles = ("in its pieces", "in the whole") if collage else ("before", "after")
    found = []
    for network, parts in _json(folder / SCORES).items():
        if isinstance(parts, dict):
            before, after = (dict(_ranking(parts.get(when))) for when in ("before", "after"))
            rows = [Score(name, before.get(name), p) for name, p in after.items()]
            rows += [Score(name, p, None) for name, p in before.items() if name not in after]
            least = (min(before.values(), default=None), min(after.values(), default=None))
            found.append(Scores(network, titles, tuple(rows), least))
    return tuple(found)


def _ranking(rows: Any) -> Iterator[tuple[str, float]]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) == 2 and isinstance(row[1], int | float):
            share = float(row[1])
            if math.isfinite(share):
                yield str(row[0]), min(1.0, max(0.0, share))


def _sweep(said: Mapping[str, Any]) -> Sweep | None:
    sweep = said.get("sweep")
    if not isinstance(sweep, dict) or not isinstance(sweep.get("coordinates"), dict):
        return None
    index = sweep.get("index")
    return Sweep(
        _word(sweep.get("sha256")) or _word(sweep.get("name")),
        _word(sweep.get("name")) or "a sweep",
        index if isinstance(index, int) else 0,
        tuple((str(key), told(value)) for key, value in sweep["coordinates"].items()),
    )


def _sources(folder: Path, said: Mapping[str, Any]) -> Iterator[str]:
    """SHA-256 of every picture that it was made of."""
    sources = said.get("sources")
    yield from map(_word, sources.values() if isinstance(sources, dict) else ())
    if (folder / LAYOUT).is_file():
        pieces = _json(folder / LAYOUT).get("pieces")
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                yield _word(piece.get("sha256"))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(path: Path) -> float:
    return path.stat().st_mtime


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(f"{path}: {error}") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{path} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise FolderError(f"{path} is damaged: it holds no mapping")
    return found
