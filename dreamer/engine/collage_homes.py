"""Folders in which collages were made, as far as can be told without torch."""

from __future__ import annotations

import os
from pathlib import Path

from dreamer.engine.layout import PROVENANCE, RECIPE
from dreamer.errors import FolderError, RecipeError
from dreamer.recipe.kinds import kind_of
from dreamer.recipe.marks import read_yaml


def is_render(folder: Path) -> bool:
    """Whether a render or collage lives in `folder`; of a closed one nobody knows."""
    return all(os.path.isfile(folder / name) for name in (RECIPE, PROVENANCE))  # noqa: PTH113


def is_collage(folder: Path) -> bool:
    """Whether a collage was made in `folder`, or begun."""
    if not is_render(folder):
        return False
    path = folder / RECIPE
    try:
        tree = read_yaml(path.read_text(encoding="utf-8"), str(path), folder)
    except (OSError, UnicodeDecodeError, RecipeError):
        return False
    return isinstance(tree.value, dict) and kind_of(tree, "render") == "collage"


def picture_in(place: Path) -> Path:
    """The picture of the collage in the folder `place`; of one that moves its middle frame.

    Raises:
        FolderError: it is not finished.
    """
    from dreamer.engine.folder import Folder  # which knows tensors, too

    folder = Folder(place)
    still = place / f"{folder.name()}.png"
    if still.is_file():
        return still
    count = folder.whole_frames()
    if not count:
        raise FolderError(f"{place} is not finished; `dreamer collage {place}` goes on there")
    return folder.frame_path(count // 2)
