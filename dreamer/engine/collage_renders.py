"""The picture that another recipe made, to be a piece of a collage: a still's own, of a film the
frame in its middle.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from dreamer.engine.beats import heard_beats
from dreamer.engine.collage_files import Made
from dreamer.engine.collage_homes import is_render, picture_in
from dreamer.engine.collage_ready import ReadyCollage
from dreamer.engine.dreamt_collages import on_its_collage
from dreamer.engine.folder import Folder
from dreamer.engine.layout import REPORT
from dreamer.engine.preparing import checked, default_folder, kept_recipe
from dreamer.errors import FolderError
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.probing import ENDINGS as FILM_ENDINGS
from dreamer.recipe.kinds import kind_of
from dreamer.recipe.layering import read_layers
from dreamer.recipe.parse import parse_recipe


def picture_made(place: Path, made: Made) -> tuple[str, Path]:
    """What is called how, and the picture of it, that was made in the folder `place`, or by the
    recipe in the file `place`, if that is where its render goes by itself.

    Args:
        place: a render's or collage's folder, or a recipe's file.
        made: the picture of the collage whose folder or recipe a path is, or None.

    Raises:
        FolderError: nothing was made yet, or not all of it.
        RecipeError: a recipe that cannot be read.
    """
    collage = made(place)
    if collage is not None:
        return collage.stem, collage
    if place.is_dir():
        if not is_render(place):
            raise FolderError(f"{place} is not a render's folder; say folder: {place}")
        return _of_render(Folder(place))
    if place.suffix.lower() in PICTURE_ENDINGS | FILM_ENDINGS:
        raise FolderError(f"{place} is no recipe; say files: {place}")
    if kind_of(read_layers(place), "render") == "collage":
        command = f"dreamer collage {shlex.quote(str(place))}"
        raise FolderError(f"{place} is a collage that is not made yet; `{command}` makes it")

    def its_collage(ready: ReadyCollage) -> Path:
        return picture_in(_there(place, ready.default_folder))

    recipe = on_its_collage(parse_recipe(place, hear=heard_beats), its_collage, tell=False)
    return _of_render(Folder(_there(place, default_folder(checked(recipe)))))


def _there(recipe: Path, folder: Path) -> Path:
    """`folder`, if what `recipe` asks for was made in it.

    Raises:
        FolderError: it was not.
    """
    if not is_render(folder):
        command = f"dreamer render {shlex.quote(str(recipe))}"
        raise FolderError(
            f"{recipe} is not rendered yet, as there is no {folder}; run `{command}` first, or "
            "name the folder of its render"
        )
    return folder


def _of_render(folder: Folder) -> tuple[str, Path]:
    called, recipe = folder.name(), kept_recipe(folder)
    picture = folder.path / f"{called}.png"
    if recipe.still and picture.is_file():
        return called, picture
    if recipe.still or not (folder.path / REPORT).is_file():
        command = f"dreamer resume {shlex.quote(str(folder.path))}"
        raise FolderError(f"{folder.path} is not finished; `{command}` goes on there")
    count = len(folder.journal().entries)
    middle = folder.frame_path(recipe.lead + (count - recipe.lead) // 2)
    if not middle.is_file():
        raise FolderError(f"{folder.path} has lost its frame {middle.name}")
    return called, middle
