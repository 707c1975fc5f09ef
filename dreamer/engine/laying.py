"""From a collage's words and pieces to where they lie: the one place where words of layouts meet
the functions that lay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from dreamer.draw.layouts import named
from dreamer.draw.layouts.placement import Laid, Piece, Sheet
from dreamer.draw.layouts.scatter import Pass, closest
from dreamer.engine.collage_layout import Layout, Placed, Source, kept_place
from dreamer.engine.dressed import hexadecimal, worn
from dreamer.engine.layout_values import beyond
from dreamer.engine.mosaicking import features_of, mean_color, target_features
from dreamer.errors import RecipeError
from dreamer.media.opening import read_size
from dreamer.recipe.collage import Print
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
    if too_large := beyond(*found.size):
        message = f"{too_large}, as high as the layout gets; say a height, or a smaller width"
        raise RecipeError([recipe.tree.problem(("size",), message)])
    own = Dressed(**{key: getattr(collage, key) for key in Dressed.model_fields})
    words = collage.layout.words
    dresses = [worn(one, own) for one in words.each()] if isinstance(words, Scatter) else [own]
    placed = tuple(Placed(kept_place(place), dresses[place.layer]) for place in found.placements)
    size = recipe.words.size
    said = tuple(_of_crowds(words, found)) if isinstance(words, Scatter) else ()
    dpi = size.dpi if isinstance(size, Print) else None
    return Layout(found.size, sources, placed, dpi, said)


def _of_crowds(words: Scatter, found: Laid) -> Iterator[str]:
    """What to say where somebody asked for pieces to be kept apart, and there is no room."""
    passes = words.each()
    for layer, (one, count) in enumerate(zip(passes, found.crowded, strict=True)):
        if not count or not one.model_fields_set & {"apart", "placing"}:
            continue
        placed = [place for place in found.placements if place.layer == layer]
        which = f" of pass {layer + 1}" if len(passes) > 1 else ""
        yield (
            f"{count} of {len(placed)} pieces{which} have no room {one.apart:g} apart from the "
            f"others and lie where most is free, the closest two {closest(placed):.2f} apart; "
            f"fewer (count) or smaller ones (size), or a smaller apart, have room"
        )


def _arranged(
    recipe: ParsedCollage, pieces: Sequence[Piece], sources: Mapping[int, Source]
) -> Laid:
    words, collage = recipe.words, recipe.words.collage
    (width, height), layout = sides_of(recipe), collage.layout
    whole = collage.crop == "whole"
    sheet = Sheet(width, height, collage.margin, collage.gutter, words.seed, whole)
    said: dict[str, Any] = layout.words.model_dump()
    if isinstance(layout.words, Scatter):
        said = {"passes": tuple(map(pass_of, layout.words.each()))}
    elif isinstance(layout.words, Justified) and layout.words.row_height is not None:
        said["row_height"] = layout.words.row_height * width
    elif isinstance(layout.words, Mosaic):
        assert height is not None
        said = _of_mosaic(recipe, layout.words, (width, height), pieces, sources)
        pieces = said.pop("pieces")
    if "color" in said:
        said["color"] = hexadecimal(said["color"])
    return named.laid(layout.name, pieces, sheet, **said)


def sides_of(recipe: ParsedCollage) -> tuple[int, int | None]:
    """Width and height in pixels as far as they are known before anything is laid: a mosaic whose
    height nobody said has its target's shape.

    Raises:
        MediaError: a target that cannot be read.
    """
    (width, height), layout = recipe.words.sides, recipe.words.collage.layout
    if height is None and isinstance(layout.words, Mosaic):
        wide, high = read_size(_target(recipe, layout.words))
        height = max(1, round(width * high / wide))
    return width, height


def pass_of(words: PassWords) -> Pass:
    """A pass of a scatter as its function knows it."""
    own = {field.name: getattr(words, field.name) for field in fields(Pass)}
    return Pass(**{**own, "count": words.count or 0})


def _target(recipe: ParsedCollage, words: Mosaic) -> Path:
    return recipe.file(("layout", "mosaic", "target"), words.target)


def _of_mosaic(
    recipe: ParsedCollage,
    words: Mosaic,
    size: tuple[int, int],
    pieces: Sequence[Piece],
    sources: Mapping[int, Source],
) -> dict[str, Any]:
    width, height = size
    target = _target(recipe, words)
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
    said = recipe.words.collage.ground
    if said.image is not None:
        return mean_color(recipe.file(("background", "image"), said.image))
    red, green, blue = rgb("white" if said.transparent else str(said.color))
    return red, green, blue
