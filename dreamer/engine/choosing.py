"""Which of a collage's pictures stay, and in which order they come."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from dreamer.engine.collage_inputs import Entry
from dreamer.engine.collage_kept import Look
from dreamer.engine.collage_looks import GREY
from dreamer.engine.collage_scores import Scores
from dreamer.errors import RecipeError, did_you_mean
from dreamer.media.picture_folder import naturally
from dreamer.recipe.collage import Only
from dreamer.recipe.collage_recipe import ParsedCollage

HIGHEST_FIRST = ("size", "score")
COLOURS = ("colour", "lightness")  # to sort by those, pictures are looked at


def chosen(
    entries: Sequence[Entry],
    recipe: ParsedCollage,
    looks: Callable[[Entry], Look],
    scores: Scores | None = None,
    first: Collection[int] = (),
) -> tuple[Entry, ...]:
    """Those of `entries` that a collage's `only` keeps, as its `sort` says, up to its `limit`:
    the first of `ordered`.
    """
    return ordered(entries, recipe, looks, scores, first)[: recipe.words.collage.limit]


def ordered(
    entries: Sequence[Entry],
    recipe: ParsedCollage,
    looks: Callable[[Entry], Look] | None = None,
    scores: Scores | None = None,
    first: Collection[int] = (),
) -> tuple[Entry, ...]:
    """Those of `entries` that a collage's `only` keeps, as its `sort` says, whatever its `limit`.

    Days are those of UTC, so that the same recipe keeps the same pictures everywhere. What is alike
    comes by name.

    Args:
        entries: pictures in the order they are named in.
        recipe: what is said of them.
        looks: of each of them, where colours decide.
        scores: of all of them, where scores do.
        first: numbers of those that an earlier collage has: they come first, as they stand.

    Raises:
        RecipeError: nothing stays.
    """
    assert scores is not None or not any(one.scored for one in recipe.words.collage.only or ())
    kept = _kept(entries, recipe, scores)
    old = [entry for entry in kept if entry.number in first]
    new = [entry for entry in kept if entry.number not in first]
    return (*old, *_sorted(new, recipe, looks, scores))


def by_headers(recipe: ParsedCollage) -> bool:
    """Whether names, dates and sizes alone decide which pictures stay, and their order."""
    words = recipe.words.collage
    return words.sort.by not in (*COLOURS, "score") and not any(
        one.scored for one in words.only or ()
    )


def _sorted(
    kept: Sequence[Entry],
    recipe: ParsedCollage,
    looks: Callable[[Entry], Look] | None,
    scores: Scores | None,
) -> list[Entry]:
    words = recipe.words.collage
    by, reverse = words.sort.by, words.sort.reverse
    if by == "given":
        return list(reversed(kept)) if reverse else list(kept)
    values: dict[int, Any]
    if by == "score":
        assert scores is not None
        of = scores.of(kept, words.sort.class_ or words.class_ or "")
        values = {entry.number: value for entry, value in zip(kept, of.tolist(), strict=True)}
    else:
        values = {entry.number: _value(entry, by, recipe.words.seed, looks) for entry in kept}
    found = sorted(kept, key=lambda entry: (naturally(entry.name), str(entry.file)))
    downwards = reverse != (by in HIGHEST_FIRST)
    found.sort(key=lambda entry: values[entry.number], reverse=downwards)
    return found


def possible(entries: Sequence[Entry], recipe: ParsedCollage) -> tuple[Entry, ...]:
    """Those of `entries` that a collage's `only` may keep, whatever networks see in them.

    Raises:
        RecipeError: none of them.
    """
    return tuple(_kept(entries, recipe, None))


def _value(entry: Entry, by: str, seed: int, looks: Callable[[Entry], Look] | None) -> Any:
    """What to sort a picture by."""
    if by == "name":
        return naturally(entry.name)
    if by == "date":
        return entry.modified
    if by == "size":
        return entry.size[0] * entry.size[1]
    if by == "chance":
        return hashlib.sha256(f"{seed}/{entry.number}".encode()).digest()
    assert looks is not None
    look = looks(entry)
    if by == "lightness":
        return look.lightness
    grey = look.chroma < GREY
    return not grey, look.lightness if grey else look.hue


def day_of(entry: Entry) -> datetime.date:
    """The day on which a picture's file was last changed, in UTC."""
    return datetime.datetime.fromtimestamp(entry.modified, datetime.timezone.utc).date()


def _kept(entries: Sequence[Entry], recipe: ParsedCollage, scores: Scores | None) -> list[Entry]:
    words = recipe.words.collage
    if not words.only:
        return list(entries)
    stays = np.zeros(len(entries), bool)
    why: list[str] = []
    for one in words.only:
        conditions = _conditions(entries, one, words.class_ or "", scores)
        every = np.ones(len(entries), bool)
        stays |= np.logical_and.reduce([every, *(condition.fits for condition in conditions)])
        alone = [condition.otherwise for condition in conditions if not condition.fits.any()]
        why += alone[:1] or ["each of its conditions keeps some of them, and none of them fits all"]
    if not stays.any():
        count = len(entries)
        what = "does not keep the only picture" if count == 1 else f"keeps none of {count} pictures"
        message = f"{what}; {'; '.join(dict.fromkeys(why))}"
        raise RecipeError([recipe.problem(("only",), message)])
    return [entry for entry, stay in zip(entries, stays, strict=True) if stay]


@dataclass(frozen=True)
class _Condition:
    """Which pictures fit it, `(N,)`, and what there is to say where none does."""

    fits: np.ndarray
    otherwise: str


def _conditions(
    entries: Sequence[Entry], one: Only, class_: str, scores: Scores | None
) -> list[_Condition]:
    found: list[_Condition] = []

    def add(fits: Sequence[bool] | np.ndarray, otherwise: str) -> None:
        found.append(_Condition(np.array(fits, bool), otherwise))

    if one.name is not None:
        pattern = one.name.casefold()
        names = [entry.name for entry in entries]
        add([fnmatchcase(name.casefold(), pattern) for name in names], _unnamed(one.name, names))
    days = [day_of(entry) for entry in entries]
    if one.newer is not None:
        least = datetime.date.fromisoformat(one.newer)
        add([day >= least for day in days], f"the newest is of {max(days)}")
    if one.older is not None:
        least = datetime.date.fromisoformat(one.older)
        add([day < least for day in days], f"the oldest is of {min(days)}")
    if one.larger is not None:
        sides = [min(entry.size) for entry in entries]
        most = max(sides)
        add([side >= one.larger for side in sides], f"the longest shorter side is {most} pixels")
    if one.scored and scores is not None:
        word = one.class_ or class_
        of, name = scores.of(entries, word), scores.name(word)
        if one.above is not None:
            add(of >= one.above, f"the highest score of {name} is {of.max():.2g}")
        if one.below is not None:
            add(of < one.below, f"the lowest score of {name} is {of.min():.2g}")
    return found


def _unnamed(pattern: str, names: Sequence[str]) -> str:
    return f"no name fits '{pattern}'{did_you_mean(pattern, names)}"
