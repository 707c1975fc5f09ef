"""From a collage's words and pieces to where they lie: the one place where words of layouts meet
the functions that lay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

# contact
from dreamer.draw.layouts.grid import grid
from dreamer.draw.layouts.justified import justified
from dreamer.draw.layouts.masonry import masonry
from dreamer.draw.layouts.placement import Laid, Piece, Sheet
from dreamer.draw.layouts.polaroid import polaroid
from dreamer.draw.layouts.scatter import Pass, scatter
from dreamer.draw.layouts.spiral import spiral
from dreamer.draw.layouts.treemap import treemap
from dreamer.engine.collage_layout import Layout, Placed, Source
from dreamer.engine.dressed import worn
from dreamer.errors import RecipeError
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.dressing import Dressed
from dreamer.recipe.laying import Pass as PassWords
from dreamer.recipe.laying import Scatter
from dreamer.recipe.numbers import Words


def laid(recipe: ParsedCollage, pieces: Sequence[Piece], sources: Mapping[int, Source]) -> Layout:
    """Where `pieces` lie, in the order they come in, and how each is drawn; `sources` are their
    files by number.

    Raises:
        RecipeError: what the layout cannot do with them.
    """
    collage = recipe.words.collage
    try:
        found = arranged(recipe, pieces)
    except ValueError as error:
        raise RecipeError([recipe.problem(("layout",), str(error))]) from error
    own = Dressed(**{key: getattr(collage, key) for key in Dressed.model_fields})
    words = collage.layout.words
    dresses = [worn(one, own) for one in words.each()] if isinstance(words, Scatter) else [own]
    placed = tuple(Placed(place, dresses[place.layer]) for place in found.placements)
    return Layout(found.size, sources, placed)


def arranged(recipe: ParsedCollage, pieces: Sequence[Piece]) -> Laid:
    """Where `pieces` lie.

    Raises:
        ValueError: what the layout cannot do with them.
    """
    words, collage = recipe.words, recipe.words.collage
    (width, height), layout = words.sides, collage.layout
    sheet = Sheet(
        width, height, collage.margin, collage.gutter, words.seed, collage.crop == "whole"
    )
    return LAYING[layout.name](layout.words, pieces, sheet)


def _plainly(lay: Callable[..., Laid], words: Words, pieces: Sequence[Piece], sheet: Sheet) -> Laid:
    return lay(pieces, sheet, **words.model_dump())


def _justified(words: Any, pieces: Sequence[Piece], sheet: Sheet) -> Laid:
    high = None if words.row_height is None else words.row_height * sheet.width
    return justified(pieces, sheet, row_height=high, crop=words.crop)


def _scattered(words: Any, pieces: Sequence[Piece], sheet: Sheet) -> Laid:
    return scatter(pieces, sheet, passes=tuple(map(pass_of, words.each())))


def pass_of(words: PassWords) -> Pass:
    """A pass of a scatter as its function knows it."""
    own = {key: getattr(words, key) for key in Pass.__dataclass_fields__}
    return Pass(**{**own, "count": words.count or 0})


Lay = Callable[[Any, Sequence[Piece], Sheet], Laid]
LAYING: dict[str, Lay] = {
    "grid": partial(_plainly, grid),
    "justified": _justified,
    "masonry": partial(_plainly, masonry),
    "treemap": partial(_plainly, treemap),
    "scatter": _scattered,
    "polaroid": partial(_plainly, polaroid),
    "spiral": partial(_plainly, spiral),
    # "contact": partial(_plainly, contact),
}
