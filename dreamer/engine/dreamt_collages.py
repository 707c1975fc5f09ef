"""A render's source that is a collage: made first, as any other, and then the picture that is
dreamt on. Few renders dream on one, so that what collages are made by is imported where one does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dreamer.errors import DreamerError, RecipeError
from dreamer.networks.locate import sha256_of
from dreamer.recipe.dreamt_collage import AT, collage_of, dreaming_on
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.parsed import Parsed

if TYPE_CHECKING:
    from dreamer.engine.collage_ready import ReadyCollage
    from dreamer.recipe.collage_recipe import ParsedCollage

MOVES = "moves; make its film first, and say source: {video: FILE}"
log = logging.getLogger("dreamer")


def on_its_collage(
    recipe: Parsed, make: Callable[[ReadyCollage], Path], tell: bool = True
) -> Parsed:
    """`recipe` with the picture of its collage as its source, which `make` makes, or finds made; as
    it is where it dreams on none. `tell` says which.

    Raises:
        RecipeError: a collage that cannot be made.
    """
    if recipe.words.source.collage is None:
        return recipe
    picture = _made_in(recipe)
    if picture is None:
        picture = make(_ready(recipe))
        if tell:
            log.info("dreaming on the collage %s", picture)
    return _with(recipe, {"image": str(picture.resolve())})


def identity_inside(recipe: Parsed) -> str:
    """What the collage that `recipe` dreams on is made of, whether it is made yet or not: SHA-256.

    Raises:
        RecipeError: a collage that cannot be made.
    """
    picture = _made_in(recipe)
    return sha256_of(picture) if picture is not None else _ready(recipe).identity


def planned_collage(recipe: Parsed) -> Parsed:
    """`recipe` for a plan: what its collage is made of was looked at, and nothing is made.

    Raises:
        RecipeError: a collage that could not be made.
    """
    if recipe.words.source.collage is None:
        return recipe
    from dreamer.engine.collage_ready import ready_collage

    picture = _made_in(recipe)
    if picture is not None:
        return _with(recipe, {"image": str(picture.resolve())})
    collage = _collage(recipe)
    ready_collage(collage)
    width, height = collage.words.sides
    if height is None:
        height = max(1, round(width * 3 / 4))
        log.info(
            "how high %s is, its layout decides; it is planned as %d×%d",
            *(collage.name, width, height),
        )
    tree = dreaming_on(recipe.tree, {"color": "black"})
    # of a picture a width is the one that it is fitted to; a colour has no shape of its own
    own = recipe.words.size
    if own is None:
        own = (width, height)
    elif isinstance(own, int):
        own = (own, max(1, round(own * height / width)))
    said = {**tree.value, "size": list(own)}
    return recipe_from_tree(said, recipe.tree.mark(()).folder, recipe.name, tree.marks)


def _ready(recipe: Parsed) -> ReadyCollage:
    from dreamer.engine.collage_ready import ready_collage

    return ready_collage(_collage(recipe))


def _made_in(recipe: Parsed) -> Path | None:
    """The picture of a collage's folder, where the source names one."""
    from dreamer.engine.collage_homes import is_collage, picture_in

    said = recipe.words.source.collage
    if not isinstance(said, str):
        return None
    place = recipe.tree.mark(AT).folder / said
    if not place.is_dir():
        return None
    if not is_collage(place):
        raise RecipeError([recipe.problem(AT, f"{place} is no collage's folder")])
    try:
        picture = picture_in(place)
    except DreamerError as error:
        raise RecipeError([recipe.problem(AT, str(error))]) from error
    if picture.parent != place:
        raise RecipeError([recipe.problem(AT, MOVES)])
    return picture


def _collage(recipe: Parsed) -> ParsedCollage:
    from dreamer.engine.opening import open_collage

    said = recipe.words.source.collage
    if isinstance(said, str):
        place = recipe.tree.mark(AT).folder / said
        try:
            collage = open_collage(place)
        except RecipeError as error:
            if place.exists():
                raise
            raise RecipeError([recipe.problem(AT, str(error))]) from error
    else:
        found = collage_of(recipe.words, recipe.tree, recipe.name)
        assert found is not None
        collage = found
    if collage.frames is not None:
        raise RecipeError([recipe.problem(AT, MOVES)])
    return collage


def _with(recipe: Parsed, source: dict[str, str]) -> Parsed:
    tree = dreaming_on(recipe.tree, source)
    return recipe_from_tree(tree.value, recipe.tree.mark(()).folder, recipe.name, tree.marks)
