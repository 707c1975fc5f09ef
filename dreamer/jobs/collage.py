"""`collage`: many pictures become one, or a film of pieces that move."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dreamer.engine.collage_again import begun, is_same, kept_collage
from dreamer.engine.collage_homes import is_collage
from dreamer.engine.collage_layout import LAYOUT, read_layout
from dreamer.engine.collage_ready import ReadyCollage, ready_again, ready_collage
from dreamer.engine.collaged import Collaged
from dreamer.engine.collaging import make_collage
from dreamer.engine.films import places_of
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE, RECIPE
from dreamer.engine.opening import carries_recipe, is_of_collage, open_collage
from dreamer.engine.told import Watcher
from dreamer.errors import FolderError, Problem, RecipeError, UsageError
from dreamer.file_names import readable, written_name
from dreamer.media.kinds import is_film
from dreamer.recipe.collage_recipe import collage_from_tree

log = logging.getLogger("dreamer")
SIZE = re.compile(r"([0-9]+)(?:\s*[x×X]\s*([0-9]+))?")
RECIPES = (".yaml", ".yml")
PLACE = re.compile(r"collage\.pictures\.([0-9]+)")
OPTIONS = {"collage.layout": "--layout", "size": "--size"}  # what they say for short


def collage(
    places: Sequence[Path | str],
    *,
    out: Path | None = None,
    layout: str | None = None,
    size: str | tuple[int, int | None] | None = None,
    overrides: Sequence[str] = (),
    trust: bool = False,
    command: str | None = None,
    watch: Watcher = lambda told: None,
) -> Collaged:
    """Make a collage into `out`, or go on there.

    Args:
        places: a collage recipe, a picture that carries one, the folder of a collage, to go on
            there, or its layout.json, to draw it again; or pictures, folders and patterns of names.
        out: the folder; collages/<name>-<hash8> unless given.
        layout: which layout, where pictures are named.
        size: `1600x1200`, a width alone, or both as numbers.
        overrides: `key=value` changes.
        trust: let a recipe found in a picture open files outside its folder.
        command: the command line this is, for the provenance.
        watch: told of progress.

    Raises:
        RecipeError: what cannot be made.
        FolderError: a folder that is taken, or pieces that are not what they were.
        MediaError: a picture that cannot be read.
        Stopped: a signal asked for it.
    """
    sides = _sides(size) if isinstance(size, str) else size
    paths, said = [Path(place) for place in places], _said(layout, sides, overrides)
    by_options = {"collage.layout": layout, "size": sides}
    options = {key: OPTIONS[key] for key, value in by_options.items() if value is not None}
    with _told_as_typed(places, options):
        home = _home(paths)
        if home is None:
            return make_collage(_ready(paths, sides, said, trust), out, command, watch)
        ready = _begun(home, sides, said)
        if out is None and is_same(home, ready):
            out = home.path
        elif out is None and not said:
            log.info("%s was made of other pictures; this is another collage", home.path)
        return make_collage(ready, out, command, watch)


@contextmanager
def _told_as_typed(places: Sequence[Path | str], options: Mapping[str, str]) -> Iterator[None]:
    """What is wrong with a key that nobody wrote is told of the option, or the one of `places`,
    that stands for it.
    """
    try:
        yield
    except RecipeError as error:
        raise RecipeError(_as_typed(one, places, options) for one in error.problems) from error


def _as_typed(
    problem: Problem, places: Sequence[Path | str], options: Mapping[str, str]
) -> Problem:
    whole = problem.file.removeprefix("--set ")
    if whole != problem.file and whole in options:
        inside = problem.key.removeprefix(whole).removeprefix(".")
        return replace(problem, file=options[whole], key=inside)
    place = PLACE.match(problem.key)
    if whole == problem.file and place is not None and not problem.line:
        return replace(problem, file=str(places[int(place[1])]), key="")
    return problem


def _home(places: Sequence[Path]) -> Folder | None:
    """The folder of the collage that a lone place is, or whose recipe, picture or film it is."""
    if len(places) != 1:
        return None
    (place,) = places
    folder = Folder(place if place.is_dir() else place.parent)
    if not folder.path.is_dir() or not is_collage(folder.path):
        return None
    if place.is_dir() or place.name in (RECIPE, f"{folder.name()}.png"):
        return folder
    return folder if is_film(place) and place in places_of(kept_collage(folder), folder) else None


def _begun(home: Folder, size: tuple[int, int | None] | None, said: Sequence[str]) -> ReadyCollage:
    """What was begun in the folder `home`, unless something else is `said`. What was drawn from a
    layout.json is drawn from its own again: its recipe does not know what a hand changed there.
    """
    if home.read_json(PROVENANCE).get("drawn_again"):
        _refuse_more(home.path, size, said)
        return ready_again(home.path / LAYOUT, size)
    return begun(home, said)


def _said(
    layout: str | None, size: tuple[int, int | None] | None, overrides: Sequence[str]
) -> list[str]:
    """All that options change, as overrides."""
    sized = [] if size is None else [f"size={size[0] if size[1] is None else list(size)}"]
    laid = [] if layout is None else [f"collage.layout={layout}"]
    return [*laid, *sized, *map(readable, overrides)]


def _ready(
    places: Sequence[Path],
    size: tuple[int, int | None] | None,
    said: Sequence[str],
    trust: bool,
) -> ReadyCollage:
    if not places:
        raise UsageError("expected a recipe, or pictures to put together")
    (first, *others) = places
    if _is_layout(first):
        _refuse_more(first, size, [*said, *map(str, others)])
        try:
            read_layout(first)
        except FolderError as error:  # which is a wrong argument here
            raise UsageError(str(error)) from error
        return ready_again(first, size)
    carried = not others and carries_recipe(first) and is_of_collage(first)
    if first.suffix.lower() in RECIPES or carried:
        if others:
            raise UsageError(f"{first} is a recipe; expected one recipe, or pictures alone")
        return ready_collage(open_collage(first, said, trust))
    tree: dict[str, Any] = {"collage": {"pictures": [written_name(str(place)) for place in places]}}
    return ready_collage(collage_from_tree(tree, Path.cwd(), _called(places), said))


def _refuse_more(place: Path, size: tuple[int, int | None] | None, said: Sequence[str]) -> None:
    """Refuse what goes with no collage that lies already."""
    if len(said) > (size is not None):
        raise UsageError(
            f"{place} is a collage that lies already: nothing but --size and --out goes with it"
        )


def _called(places: Sequence[Path]) -> str:
    """What a collage of `places` is called: as their folder, or as the only picture."""
    first = Path(os.path.normpath(Path.cwd() / places[0]))  # `..` has a name; a link keeps its own
    alone = len(places) == 1 and "*" not in first.name
    if not alone:
        first = first.parent
    return (first.name if first.is_dir() else first.stem) or "collage"


def _is_layout(place: Path) -> bool:
    return place.suffix == ".json" and place.is_file()


def _sides(text: str) -> tuple[int, int | None]:
    found = SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--size: expected 1600x1200, or a width alone, not {text}")
    return int(found[1]), None if found[2] is None else int(found[2])
