"""The files that a compilation's clips name: which they are, and what must be known of each before
a frame of the film is planned.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from dreamer.engine.clips import clip_facts
from dreamer.engine.layout import RECIPE
from dreamer.errors import DreamerError, RecipeError, did_you_mean
from dreamer.media.kinds import PICTURE_ENDINGS, UNKNOWN, what_it_is
from dreamer.media.opening import is_animated, is_picture
from dreamer.media.picture_folder import naturally
from dreamer.media.probing import ENDINGS as FILM_ENDINGS
from dreamer.media.small_pictures import read_thumbnail
from dreamer.recipe.compilation import ParsedCompilation
from dreamer.recipe.cutting import named_files
from dreamer.recipe.shots import FileFacts

log = logging.getLogger("dreamer")
PATTERN = frozenset("*?[")
MOST_FILES = 2000
TOLD = 8  # broken files that are named one by one
EXPECTED = (
    "a film (mp4, mov, mkv, webm, avi, gif …), a picture (png, jpg, webp, tif, bmp …), a render's "
    "folder, or a folder or pattern of them"
)
# What may be a film all the same: not all containers have first bytes that are known here.
IN_DOUBT = (UNKNOWN, "an Ogg sound")
Found = dict[Path, tuple[FileFacts, ...]]


def found_files(recipe: ParsedCompilation, written: Collection[Path] = ()) -> Found:
    """What each word of `recipe` that names files means; films are looked through, and what cannot
    be had says why, or is left out and told of in the log where the recipe says so.

    Folders and patterns do not mean what is to be `written`, nor what an earlier run wrote there.

    Raises:
        RecipeError: more files than one film may have, or none that can be read.
    """
    found: Found = {}
    ended: set[Path] = set()  # of which a clip says where to stop
    own = {path.resolve() for path in written}
    count = 0
    for path, word, words in named_files(recipe):
        place = recipe.place(path, word)
        if words.end != "end":
            ended.add(place)
        if place not in found:
            found[place] = tuple(_meant(place, own))
        if (count := count + len(found[place])) > MOST_FILES:
            what = f"with these there are {count} clips; at most {MOST_FILES} are one film"
            raise RecipeError([recipe.tree.problem(path, what)])
    return _without_broken(recipe, found, ended) if recipe.words.broken == "leave" else found


def _without_broken(recipe: ParsedCompilation, found: Found, ended: Collection[Path]) -> Found:
    """`found` without what is there and cannot be read whole; a film that breaks off stays where a
    clip ends before that.
    """
    reasons: dict[Path, str] = {}
    for place, files in found.items():
        for file in files:
            if file.problem and not file.missing:
                reasons[file.file] = file.problem
            elif file.film is not None and file.film.damage and place not in ended:
                reasons[file.file] = f"{file.file} breaks off ({file.film.damage})"
    if not reasons:
        return found
    told = [reason.removesuffix(f"; expected {EXPECTED}") for reason in reasons.values()]
    kept = {p: tuple(f for f in files if f.file not in reasons) for p, files in found.items()}
    if not any(kept.values()):
        what = f"none of {len(told)} files can be read; the first: {told[0]}"
        raise RecipeError([recipe.tree.problem(("clips",), told[0] if len(told) == 1 else what)])
    more = f"; and {len(told) - TOLD} more" if len(told) > TOLD else ""
    what = "1 file" if len(told) == 1 else f"{len(told)} files"
    log.warning("%s left out: %s%s", what, "; ".join(told[:TOLD]), more)
    return kept


def _meant(place: Path, own: Collection[Path]) -> Iterator[FileFacts]:
    try:
        itself = place.is_file() or _is_render(place)
        listed = [place] if itself else _listed(place, own)
    except DreamerError as error:
        yield FileFacts(place.name, place, problem=str(error), missing=True)
        return
    except OSError as error:
        why = f"{place} cannot be read: {error.strerror}"
        yield FileFacts(place.name, place, problem=why, missing=True)
        return
    for path in listed:
        yield _facts(path)


def each_of(place: Path, own: Collection[Path]) -> list[Path]:
    """The files and renders that the folder or pattern `place` means but for its `own`; itself,
    where it is none, or means nothing, which is told where it is looked for.
    """
    try:
        return [place] if place.is_file() or _is_render(place) else _listed(place, own)
    except (DreamerError, OSError):
        return [place]


def _is_render(place: Path) -> bool:
    return (place / RECIPE).is_file()


def _listed(place: Path, own: Collection[Path]) -> list[Path]:
    """The films, pictures and renders in a folder, or of a pattern, in the order a person counts
    in, without what is hidden and what is our `own`.
    """
    if place.is_dir():
        found, none = list(place.iterdir()), f"{place} holds no films and no pictures"
    elif os.path.lexists(place):
        what = "a link to nothing" if place.is_symlink() else "neither a file nor a folder"
        raise DreamerError(f"{place} is {what}; expected {EXPECTED}")
    elif PATTERN & set(_beyond(place)[1]):
        folder, pattern = _beyond(place)
        found, none = list(folder.glob(pattern)), f"nothing is called {place}"
    else:
        near = [p.name for p in place.parent.iterdir()] if place.parent.is_dir() else []
        raise DreamerError(f"no such file or folder: {place}{did_you_mean(place.name, near)}")
    kept = [path for path in found if not path.name.startswith(".") and _may_be_clip(path)]
    if others := [path for path in kept if path.resolve() not in own]:
        kept = others
    if not kept:
        raise DreamerError(f"{none}; expected {EXPECTED}")
    if len(kept) > MOST_FILES:
        raise DreamerError(f"{place} names {len(kept)} files; at most {MOST_FILES} are one film")
    return sorted(kept, key=lambda path: naturally(str(path)))


def _beyond(place: Path) -> tuple[Path, str]:
    """The deepest folder on the way to `place` that is there, and the rest of the way: of folders
    with brackets in their names no pattern is meant.
    """
    folder = Path(place.anchor) if place.is_absolute() else Path()
    parts = place.relative_to(folder).parts
    for k, part in enumerate(parts):
        if not (folder / part).is_dir():
            return folder, "/".join(parts[k:])
        folder = folder / part
    return folder, ""


def _may_be_clip(path: Path) -> bool:
    try:
        named = path.suffix.lower() in FILM_ENDINGS | PICTURE_ENDINGS
        return _is_render(path) or (named and path.is_file())
    except PermissionError as error:
        log.warning("%s left out: %s", path, error.strerror)
        return False


def _facts(path: Path) -> FileFacts:
    try:
        file = _product(path) if path.is_dir() else path
        what = what_it_is(file)
        if is_picture(file) and not _moves(file, what):
            _, size = read_thumbnail(file, 64)  # decoded whole: damage is told before any work
            return _named(FileFacts(path.name, file, size))
        known = what.endswith(" film") or is_picture(file)
        if known or what in IN_DOUBT:
            try:
                film = clip_facts(file, folder=False)
                return _named(FileFacts(path.name, file, (film.width, film.height), film))
            except DreamerError:
                if known:
                    raise
        why = f"{file} is {'no film and no picture' if what == UNKNOWN else what}"
        why = f"{why}; expected {EXPECTED}"
    except DreamerError as error:
        why = str(error)
    except OSError as error:
        why = f"{path} cannot be read: {error.strerror}"
    return FileFacts(path.name, path, problem=why)


def _moves(file: Path, what: str) -> bool:
    """Whether a picture is a film, as GIFs and PNGs may be.

    Raises:
        DreamerError: a WebP that is, which ffmpeg does not read.
    """
    if not is_animated(file):
        return False
    if what == "a WebP picture":
        raise DreamerError(f"{file} is a WebP that moves, which is not read here; make it an mp4")
    return what in ("a GIF picture", "a PNG picture")


def _named(file: FileFacts) -> FileFacts:
    """`file`, unless it is called what neither a recipe nor ffmpeg can be told.

    Raises:
        DreamerError: it is.
    """
    try:
        str(file.file).encode()
    except UnicodeEncodeError:
        raise DreamerError(f"the name of {file.file} is not UTF-8; call it otherwise") from None
    return file


def _product(folder: Path) -> Path:
    """The picture or film of a render."""
    from dreamer.engine.subjects import subjects  # which brings torch: only where a render is meant

    (one,) = subjects([folder])
    if one.problem:
        raise DreamerError(one.problem)
    return Path(one.file)
