"""`collage`: many pictures become one, or a film of pieces that move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dreamer.engine.collage_layout import LAYOUT
from dreamer.engine.collage_ready import ReadyCollage, ready_again, ready_collage
from dreamer.engine.collaging import Collaged, make_collage
from dreamer.engine.opening import open_collage
from dreamer.engine.told import Watcher
from dreamer.errors import UsageError
from dreamer.media.metadata import RECIPE as RECIPE_TEXT
from dreamer.media.png import SIGNATURE, read_png_text
from dreamer.recipe.collage_recipe import collage_from_tree

SIZE = re.compile(r"([0-9]+)(?:\s*[x×X]\s*([0-9]+))?")
RECIPES = (".yaml", ".yml")


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
        places: a collage recipe, a picture that carries one, or the layout.json of a collage; or
            pictures, folders and patterns of names.
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
    ready = _ready([Path(place) for place in places], layout, sides, overrides, trust)
    return make_collage(ready, out, command, watch)


def _ready(
    places: Sequence[Path],
    layout: str | None,
    size: tuple[int, int | None] | None,
    overrides: Sequence[str],
    trust: bool,
) -> ReadyCollage:
    if not places:
        raise UsageError("expected a recipe, or pictures to put together")
    (first, *others) = places
    if _is_layout(first):
        if others or layout or overrides:
            raise UsageError(
                f"{first} is a collage that lies already: nothing but --size and --out goes with it"
            )
        return ready_again(first / LAYOUT if first.is_dir() else first, size)
    sized = [] if size is None else [f"size={list(size) if size[1] else size[0]}"]
    laid = [] if layout is None else [f"collage.layout={layout}"]
    said = [*laid, *sized, *overrides]
    if first.suffix.lower() in RECIPES or _carries_collage(first, others):
        if others:
            raise UsageError(f"{first} is a recipe; expected one recipe, or pictures alone")
        return ready_collage(open_collage(first, said, trust))
    tree: dict[str, Any] = {"collage": {"pictures": [str(place) for place in places]}}
    name = first.stem if len(places) == 1 and "*" not in first.name else first.parent.name
    return ready_collage(collage_from_tree(tree, Path.cwd(), name or "collage", said))


def _is_layout(place: Path) -> bool:
    return place.name == LAYOUT or (place.suffix == ".json" and place.is_file())


def _carries_collage(place: Path, others: Sequence[Path]) -> bool:
    """Whether a lone picture is named that a collage's recipe is inside of."""
    if others or not place.is_file():
        return False
    with place.open("rb") as file:
        if not file.read(8).startswith(SIGNATURE):
            return False
    return "\ncollage:" in "\n" + read_png_text(place).get(RECIPE_TEXT, "")


def _sides(text: str) -> tuple[int, int | None]:
    found = SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--size: expected 1600x1200, or a width alone, not {text}")
    return int(found[1]), None if found[2] is None else int(found[2])
