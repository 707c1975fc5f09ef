"""A collage that a render dreams on: made first, as one of its own, whose picture is the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dreamer.recipe.collage import Collage
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.collage_words import CollageRecipe
from dreamer.recipe.marks import Path_, Tree
from dreamer.recipe.schema import Recipe
from dreamer.recipe.wanted import Place

AT: Path_ = ("source", "collage")
WIDTH = 1024  # of a collage where a recipe says no size, three quarters as high


def collage_of(words: Recipe, tree: Tree, name: str) -> ParsedCollage | None:
    """The collage whose words stand in a recipe's `source`; its size and seed are the recipe's."""
    said, size = words.source.collage, words.size
    if not isinstance(said, Collage):
        return None
    if size is None or isinstance(size, int):
        width = size or WIDTH
        size = (width, max(1, round(width * 3 / 4)))
    made = CollageRecipe(
        title=words.title,
        seed=words.seed,
        size=size,
        collage=said,
        classify=None,
        device=words.device,
    )
    return ParsedCollage(made, tree, f"{name}-collage", AT)


def collage_files(words: Recipe, tree: Tree) -> list[Place]:
    """What the collage in a recipe's `source` is made of, or the file of its recipe."""
    said = words.source.collage
    if isinstance(said, str):
        return [Place(AT, str(tree.mark(AT).folder / said))]
    found = collage_of(words, tree, "")
    return [] if found is None else found.files()


def dreaming_on(tree: Tree, source: Mapping[str, Any]) -> Tree:
    """`tree` with `source` (a picture, say) in the place of its collage, all else of its source as
    it was said.
    """
    said = {key: value for key, value in tree.value["source"].items() if key != "collage"}
    mark = tree.mark(AT)
    marks = {path: m for path, m in tree.marks.items() if path[: len(AT)] != AT}
    marks |= {("source", key): mark for key in source}
    return Tree({**tree.value, "source": {**said, **source}}, marks)
