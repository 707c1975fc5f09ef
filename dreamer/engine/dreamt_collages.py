"""A render's source that is a collage: made first, as any other, and then the picture that is
dreamt on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from dreamer.engine.collage_ready import ReadyCollage, is_collage, made_collage, ready_collage
from dreamer.engine.folder import Folder
from dreamer.engine.opening import open_collage
from dreamer.errors import DreamerError, RecipeError
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.dreamt_collage import AT, collage_of, dreaming_on
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.parsed import Parsed

log = logging.getLogger("dreamer")


def on_its_collage(recipe: Parsed, make: Callable[[ReadyCollage], Path]) -> Parsed:
    """`recipe` with the picture of its collage as its source, which `make` makes, or finds made; as
    it is where it dreams on none.

    Raises:
        RecipeError: a collage that cannot be made.
    """
    if recipe.words.source.collage is None:
        return recipe
    picture = _made_in(recipe)
    if picture is None:
        picture = make(ready_collage(_collage(recipe)))
        log.info("dreaming on the collage %s", picture)
    return _with(recipe, {"image": str(picture.resolve())})


def planned_collage(recipe: Parsed) -> Parsed:
    """`recipe` for a plan: what its collage is made of was looked at, and nothing is made.

    Raises:
        RecipeError: a collage that could not be made.
    """
    if recipe.words.source.collage is None:
        return recipe
    picture = _made_in(recipe)
    if picture is not None:
        return _with(recipe, {"image": str(picture.resolve())})
    collage = _collage(recipe)
    ready_collage(collage)
    width, height = collage.words.sides
    size = [width, height or max(1, round(width * 3 / 4))]
    tree = dreaming_on(recipe.tree, {"color": "black"})
    said = tree.value if recipe.words.size is not None else {**tree.value, "size": size}
    return recipe_from_tree(said, recipe.tree.mark(()).folder, recipe.name, tree.marks)


def _made_in(recipe: Parsed) -> Path | None:
    """The picture of a collage's folder, where the source names one."""
    said = recipe.words.source.collage
    if not isinstance(said, str):
        return None
    place = recipe.tree.mark(AT).folder / said
    if not place.is_dir():
        return None
    if not is_collage(Folder(place)):
        raise RecipeError([recipe.problem(AT, f"{place} is no collage's folder")])
    try:
        return made_collage(place)
    except DreamerError as error:
        raise RecipeError([recipe.problem(AT, str(error))]) from error


def _collage(recipe: Parsed) -> ParsedCollage:
    said = recipe.words.source.collage
    if isinstance(said, str):
        collage = open_collage(recipe.tree.mark(AT).folder / said)
    else:
        found = collage_of(recipe.words, recipe.tree, recipe.name)
        assert found is not None
        collage = found
    if collage.frames is not None:
        message = "moves; make its film first, and say source: {video: FILE}"
        raise RecipeError([recipe.problem(AT, message)])
    return collage


def _with(recipe: Parsed, source: dict[str, str]) -> Parsed:
    tree = dreaming_on(recipe.tree, source)
    return recipe_from_tree(tree.value, recipe.tree.mark(()).folder, recipe.name, tree.marks)
