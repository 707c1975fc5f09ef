"""From a collage's words and pieces to where they lie: the one place where words of layouts meet
the functions that lay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from dreamer.draw.layouts.named import LAYOUTS
from dreamer.draw.layouts.placement import Laid, Piece, Sheet
from dreamer.draw.layouts.scatter import Pass
from dreamer.engine.collage_layout import Layout, Placed, Source, kept_place
from dreamer.engine.dressed import hexadecimal, worn
from dreamer.engine.mosaicking import features_of, mean_color, target_features
from dreamer.errors import RecipeError
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.colors import rgb
from dreamer.recipe.dressing import Dressed
from dreamer.recipe.laying import Justified, Mosaic, Scatter
from dreamer.recipe.laying import Pass as PassWords


def laid(recipe: ParsedCollage, pieces: Sequence[Piece], sources: Mapping[int, Source]) -> Layout:
    """Where `pieces` lie, in the order they come in, and how each is drawn; `sources` are their
    files by number.

    Raises:
        RecipeError: what the layout cannot do with them.
        MediaError: a picture that cannot be read.
    """
    collage = recipe.words.collage
    try:
        found = _arranged(recipe, pieces, sources)
    except ValueError as error:
        raise RecipeError([recipe.problem(("layout",), str(error))]) from error
    own = Dressed(**{key: getattr(collage, key) for key in Dressed.model_fields})
    words = collage.layout.words
    dresses = [worn(one, own) for one in words.each()] if isinstance(words, Scatter) else [own]
    placed = tuple(Placed(kept_place(place), dresses[place.layer]) for place in found.placements)
    return Layout(found.size, sources, placed)


def _arranged(
    recipe: ParsedCollage, pieces: Sequence[Piece], sources: Mapping[int, Source]
) -> Laid:
    words, collage = recipe.words, recipe.words.collage
    (width, height), layout = words.sides, collage.layout
    whole = collage.crop == "whole"
    sheet = Sheet(width, height, collage.margin, collage.gutter, words.seed, whole)
    said: dict[str, Any] = layout.words.model_dump()
    if isinstance(layout.words, Scatter):
        said = {"passes": tuple(map(pass_of, layout.words.each()))}
    elif isinstance(layout.words, Justified) and layout.words.row_height is not None:
        said["row_height"] = layout.words.row_height * width
    elif isinstance(layout.words, Mosaic):
        said = _of_mosaic(recipe, layout.words, pieces, sources)
        pieces = said.pop("pieces")
    if "color" in said:
        said["color"] = hexadecimal(said["color"])
    return LAYOUTS[layout.name].lay(pieces, sheet, **said)


def pass_of(words: PassWords) -> Pass:
    """A pass of a scatter as its function knows it."""
    own = {field.name: getattr(words, field.name) for field in fields(Pass)}
    return Pass(**{**own, "count": words.count or 0})


def _of_mosaic(
    recipe: ParsedCollage, words: Mosaic, pieces: Sequence[Piece], sources: Mapping[int, Source]
) -> dict[str, Any]:
    width, height = recipe.words.sides
    if height is None:
        raise ValueError("mosaic: expected a size with width and height")
    target = recipe.file(("layout", "mosaic", "target"), words.target)
    whole = recipe.words.collage.crop == "whole"
    cells = target_features(target, words.columns, (width, height), words.shape)
    files = [sources[piece.number].file for piece in pieces]
    shape = (width / cells.shape[1]) / (height / cells.shape[0])
    features = features_of(pieces, files, shape, whole, _ground(recipe))
    seen = np.isfinite(features).all((1, 2))
    if not seen.any():
        raise ValueError("mosaic: nothing is to be seen of any piece: all are transparent")
    return {
        "pieces": [piece for piece, any_of_it in zip(pieces, seen, strict=True) if any_of_it],
        "target": cells,
        "features": features[seen],
        "repeat_distance": words.repeat_distance,
        "fairness": words.fairness,
        "tint": words.tint,
    }


def _ground(recipe: ParsedCollage) -> tuple[float, float, float]:
    """What is seen through a mosaic's pieces, about: white, where nothing lies below them."""
    said = recipe.words.collage.background
    if said.image is not None:
        return mean_color(recipe.file(("background", "image"), said.image))
    red, green, blue = rgb("white" if said.transparent else str(said.color))
    return red, green, blue
