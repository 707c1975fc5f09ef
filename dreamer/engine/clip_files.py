"""The files that a compilation's clips name: which they are, and what must be known of each before
a frame of the film is planned.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dreamer.engine.clips import clip_facts
from dreamer.engine.layout import RECIPE
from dreamer.errors import DreamerError, RecipeError, did_you_mean
from dreamer.media.kinds import PICTURE_ENDINGS, UNKNOWN, what_it_is
from dreamer.media.opening import is_animated
from dreamer.media.picture_folder import naturally
from dreamer.media.probing import ENDINGS as FILM_ENDINGS
from dreamer.media.small_pictures import read_thumbnail
from dreamer.recipe.compilation import ParsedCompilation
from dreamer.recipe.cutting import files_of
from dreamer.recipe.shots import FileFacts

PATTERN = frozenset("*?[")
MOST_FILES = 2000
EXPECTED = "a film, a picture, a render's folder, or a folder or pattern of them"


def found_files(recipe: ParsedCompilation) -> dict[Path, tuple[FileFacts, ...]]:
    """What each word of `recipe` that names files means; films are looked through, and what cannot
    be had says why.
    """
    found: dict[Path, tuple[FileFacts, ...]] = {}
    count = 0
    for number, clip in recipe.clips():
        for path, word in files_of(clip, ("clips", number)):
            place = recipe.place(path, word)
            if place not in found:
                found[place] = tuple(_meant(place))
            if (count := count + len(found[place])) > MOST_FILES:
                what = f"with these there are {count} clips; at most {MOST_FILES} are one film"
                raise RecipeError([recipe.tree.problem(path, what)])
    return found


def _meant(place: Path) -> Iterator[FileFacts]:
    try:
        listed = [place] if place.is_file() or _is_render(place) else _listed(place)
    except (DreamerError, OSError) as error:
        yield FileFacts(place.name, place, problem=str(error))
        return
    for path in listed:
        yield _facts(path)


def _is_render(place: Path) -> bool:
    return (place / RECIPE).is_file()


def _listed(place: Path) -> list[Path]:
    """The films, pictures and renders in a folder, or of a pattern, in the order a person counts
    in, without what is hidden.
    """
    if place.is_dir():
        found, none = list(place.iterdir()), f"{place} holds no films and no pictures"
    elif PATTERN & set(str(place)):
        base = Path(place.anchor) if place.is_absolute() else Path()
        pattern = str(place.relative_to(base))
        found, none = list(base.glob(pattern)), f"nothing is called {place}"
    else:
        near = [p.name for p in place.parent.iterdir()] if place.parent.is_dir() else []
        raise DreamerError(f"no such file or folder: {place}{did_you_mean(place.name, near)}")
    endings = FILM_ENDINGS | PICTURE_ENDINGS
    kept = [
        path
        for path in found
        if not path.name.startswith(".")
        and (_is_render(path) or (path.is_file() and path.suffix.lower() in endings))
    ]
    if not kept:
        raise DreamerError(f"{none}; expected {EXPECTED}")
    if len(kept) > MOST_FILES:
        raise DreamerError(f"{place} names {len(kept)} files; at most {MOST_FILES} are one film")
    return sorted(kept, key=lambda path: naturally(str(path)))


def _facts(path: Path) -> FileFacts:
    try:
        file = _product(path) if path.is_dir() else path
        what = what_it_is(file)
        if what.endswith(" film") or (what == "a GIF picture" and is_animated(file)):
            film = clip_facts(file, folder=False)
            return FileFacts(path.name, file, (film.width, film.height), film)
        if what.endswith(" picture"):
            _, size = read_thumbnail(file, 64)  # decoded whole: damage is told before any work
            return FileFacts(path.name, file, size)
        known = "no film and no picture of a kind known here" if what == UNKNOWN else what
        why = f"{file} is {known}; expected {EXPECTED}"
    except (DreamerError, OSError) as error:
        why = str(error)
    return FileFacts(path.name, path, problem=why)


def _product(folder: Path) -> Path:
    """The picture or film of a render."""
    from dreamer.engine.subjects import subjects  # which brings torch: only where a render is meant

    (one,) = subjects([folder])
    if one.problem:
        raise DreamerError(one.problem)
    return Path(one.file)
