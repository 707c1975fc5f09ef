"""The pictures that a collage's recipe names: found, measured and hashed, all problems at once."""

from __future__ import annotations

import hashlib
import logging
import os
import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from dreamer.engine.collage_files import Made, listed, none_made
from dreamer.errors import DreamerError, FolderError, MediaError, Problem, RecipeError
from dreamer.file_names import written_name
from dreamer.media.kinds import PICTURE_ENDINGS, is_film
from dreamer.media.opening import read_size
from dreamer.networks.locate import sha256_of
from dreamer.recipe.collage import MOST_PIECES, Taken
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.marks import Path_

log = logging.getLogger("dreamer")
READERS = 4
TOLD = 8  # broken pictures that are named one by one


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of a collage.

    Args:
        number: its own for life, by what is in its file and how many copies came before it, so
            that one more picture changes nothing for the others.
        file: where it lies.
        name: what a person calls it, as UTF-8 can hold it.
        sha256: of the file.
        size: (width, height) in pixels, as shown.
        modified: when the file was last changed, seconds since 1970.
        weight: what the recipe gives it.
        caption: what the recipe calls it, or nothing.
        place: where in the collage's words it is named.
    """

    number: int
    file: Path
    name: str
    sha256: str
    size: tuple[int, int]
    modified: float
    weight: float
    caption: str
    place: Path_


@dataclass(frozen=True)
class Found:
    """The pictures of a collage in the order they are named in; those that cannot be read, with the
    reason; how many copies of others, films, other files and collages were left out.
    """

    entries: tuple[Entry, ...]
    failed: Mapping[str, str]
    copies: int = 0
    films: int = 0
    others: int = 0
    collages: int = 0


@dataclass(frozen=True)
class _Named:
    """A file that is to be looked at, and which of the recipe's words it comes from."""

    file: Path
    name: str
    taken: Taken
    place: Path_


@dataclass
class _Gathered:
    """What a recipe's words mean, before any of it is opened."""

    named: list[_Named] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    films: int = 0
    others: int = 0
    collages: int = 0

    def add(self, thing: Path, one: _Named, made: Made, itself: bool) -> None:
        """One more thing; `itself` was named and not found in a folder."""
        if one.taken.key == "render" or os.path.isdir(thing):  # noqa: PTH112 - which never raises
            # what renders are made of needs torch, which pictures do not
            from dreamer.engine.collage_renders import picture_made

            try:
                name, file = picture_made(thing, made)
            except FolderError as error:
                if itself:
                    raise
                self.failed[str(thing)] = str(error)
                return
            one = replace(one, name=name, file=file)
        elif itself and thing.suffix.lower() not in PICTURE_ENDINGS:
            _refuse_other(thing)
        self.named.append(one)


def found_pieces(recipe: ParsedCollage, made: Made = none_made) -> Found:
    """Every picture that `recipe` names, looked at by header and hash; none is decoded.

    A picture that cannot be read is left out, and told of in the log, as long as there are others.

    Args:
        recipe: a collage's.
        made: the picture of the collage whose folder or recipe a path is, or None where it is no
            collage's.

    Raises:
        RecipeError: all that is not there or means no pictures.
    """
    gathered = _gathered(recipe, made)
    named, problems = gathered.named, gathered.problems
    if not problems and len(named) > MOST_PIECES:
        message = f"means {len(named)} pictures; a collage takes {MOST_PIECES} at most"
        problems.append(recipe.problem(("pictures",), message))
    if problems:
        raise RecipeError(problems)
    with ThreadPoolExecutor(READERS, "hashing") as pool:
        looks = list(pool.map(_looked_at, named))
    entries = [look for look in looks if isinstance(look, Entry)]
    broken = [(one, look) for one, look in zip(named, looks, strict=True) if isinstance(look, str)]
    failed = {**gathered.failed, **{str(one.file): why for one, why in broken}}
    if not entries:
        first = [recipe.problem(one.place, why) for one, why in broken]
        raise RecipeError(first if 0 < len(first) <= TOLD else [none_whole(recipe, failed)])
    tell_of_broken(failed)
    whole, copies = _numbered(entries, recipe.words.collage.duplicates == "keep")
    films, others, collages = gathered.films, gathered.others, gathered.collages
    _tell(films, others, collages, copies)
    return Found(tuple(whole), failed, copies, films, others, collages)


def none_whole(recipe: ParsedCollage, failed: Mapping[str, str]) -> Problem:
    """That all pictures of a recipe `failed` to be read."""
    first = next(iter(failed.values()))
    message = f"none of {len(failed)} pictures can be read; the first: {first}"
    return recipe.problem(("pictures",), first if len(failed) == 1 else message)


def tell_of_broken(failed: Mapping[str, str]) -> None:
    """Say which pictures, and folders of them, are left out since they cannot be read."""
    if failed:
        reasons = list(failed.values())
        more = f"; and {len(reasons) - TOLD} more" if len(reasons) > TOLD else ""
        folders = sum(map(os.path.isdir, failed))
        counts = ((len(failed) - folders, "picture"), (folders, "folder"))
        what = " and ".join(f"{n} {name}{'s' * (n > 1)}" for n, name in counts if n)
        log.warning("%s left out: %s%s", what, "; ".join(reasons[:TOLD]), more)


def _gathered(recipe: ParsedCollage, made: Made) -> _Gathered:
    found = _Gathered()
    for k, (taken, place) in enumerate(recipe.inputs()):
        where: Path_ = ("pictures", k, taken.key)
        try:
            there = listed(place, taken.key, made)
            for thing in there.things:
                found.add(thing, _Named(thing, thing.name, taken, where), made, thing == place)
            found.films, found.others = found.films + there.films, found.others + there.others
            found.collages += there.collages
            found.failed |= there.closed
        except RecipeError as error:  # of a recipe that is named, and says itself where
            found.problems += error.problems
        except DreamerError as error:
            found.problems.append(recipe.problem(where, str(error)))
        except OSError as error:
            message = f"{place} cannot be read: {error.strerror}"
            found.problems.append(recipe.problem(where, message))
    return found


def _refuse_other(file: Path) -> None:
    """Refuse a file that was named itself and is no picture."""
    if is_film(file):
        stills = f"ffmpeg -i {shlex.quote(str(file))} -vf fps=1 still-%04d.png"
        raise MediaError(
            f"{file} is a film; `dreamer compile` puts films together, and a collage is of stills: "
            f"say render: FOLDER for one of a render's film, or take some by `{stills}`"
        )
    read_size(file)


def _looked_at(named: _Named) -> Entry | str:
    """A picture by its header and hash, or why it cannot be had."""
    try:
        size = read_size(named.file)
        sha256, modified = sha256_of(named.file), named.file.stat().st_mtime
    except DreamerError as error:
        return str(error)
    except OSError as error:
        return f"{named.file} cannot be read: {error.strerror}"
    number = _number(sha256, 0)
    taken = named.taken
    return Entry(
        number,
        named.file,
        written_name(named.name),
        sha256,
        size,
        modified,
        taken.weight,
        taken.caption or "",
        named.place,
    )


def _number(sha256: str, copy: int) -> int:
    """A piece's number, 48 bits, by what is in its file and how many copies came before it."""
    text = hashlib.sha256(f"{sha256}/{copy}".encode()).hexdigest() if copy else sha256
    return int(text[:12], 16)


def _numbered(entries: Sequence[Entry], keep: bool) -> tuple[list[Entry], int]:
    """`entries`, copies with numbers of their own or left out, and how many were. Of what is left
    out, a weight or caption is kept that the recipe says of it alone.
    """
    seen: dict[str, int] = {}
    whole: list[Entry] = []
    at: dict[str, int] = {}
    for entry in entries:
        copy = seen.get(entry.sha256, 0)
        seen[entry.sha256] = copy + 1
        if not copy or keep:
            at.setdefault(entry.sha256, len(whole))
            whole.append(replace(entry, number=_number(entry.sha256, copy)))
            continue
        first = whole[at[entry.sha256]]
        weight = entry.weight if entry.weight != 1.0 else first.weight
        caption = entry.caption or first.caption
        whole[at[entry.sha256]] = replace(first, weight=weight, caption=caption)
    return whole, len(entries) - len(whole)


def _tell(films: int, others: int, collages: int, copies: int) -> None:
    left = [
        f"{count} {what if count == 1 else what + 's'}"
        for count, what in ((films, "film"), (others, "other file"))
        if count
    ]
    if left:
        hint = "; dreamer compile puts films together" if films else ""
        log.info("%s left out%s", " and ".join(left), hint)
    if collages:
        many = "1 collage" if collages == 1 else f"{collages} collages"
        hint = "a collage is a piece where it is named itself"
        log.info("%s made here before left out; %s", many, hint)
    if copies:
        what = "1 picture is" if copies == 1 else f"{copies} pictures are"
        log.info("%s left out as copies of others; duplicates: keep keeps them", what)
