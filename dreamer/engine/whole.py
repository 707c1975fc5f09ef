"""Whether a render is there, whole, so that nothing of it need be made again."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.films import places_of
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE, REPORT
from dreamer.engine.missing import missing_in
from dreamer.recipe.parsed import Parsed


def whole(folder: Folder, recipe: Parsed) -> list[Path] | None:
    """What the render of `recipe` made in `folder`, if all of it is there as it was written: every
    frame, films, the still, posters, and scores; None where something is missing.
    """
    products = _products(folder, recipe)
    wanted = [folder.path / REPORT, *products]
    if recipe.words.classify is not None:
        wanted.append(folder.path / "scores.json")
    if not all(path.is_file() for path in wanted):
        return None
    if "extending" in folder.read_json(PROVENANCE) or not missing_in(folder, recipe.frames).none:
        return None
    if recipe.still and products[0].read_bytes() != folder.frame_path(0).read_bytes():
        return None
    return products


def _products(folder: Folder, recipe: Parsed) -> list[Path]:
    if recipe.still:
        return [folder.path / f"{folder.name()}.png"]
    films = places_of(recipe, folder)
    posters = [
        place.with_name(f"{place.stem}-poster.png")
        for place, output in films.items()
        if output.poster is not None
    ]
    return [*films, *posters]
