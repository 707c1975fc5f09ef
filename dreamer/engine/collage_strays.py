"""Pictures that a collage names from its folder, which was moved since: looked for where the same
way leads from a folder above, or from here.

Files are named as they are reached from the folder, by no path of a machine. Of a folder that was
moved alone the beginning of that way (`../..`) is another, its end is not.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from dreamer.engine.collage_files import unpatterned
from dreamer.file_names import written_name
from dreamer.networks.locate import sha256_of
from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_tree

log = logging.getLogger("dreamer")


def with_strays(recipe: ParsedCollage, home: Path) -> ParsedCollage:
    """`recipe`, which lies in the folder `home`, with all that is not where it says named where it
    is, if that can be found.
    """
    found: dict[str, str] = {}
    for place in recipe.files():
        for other in _elsewhere(Path(place.file), home):
            log.info("%s is not there any more; taking %s", place.file, other)
            found[place.file] = str(other)
            break
    if not found:
        return recipe
    tree = recipe.with_files(lambda file: written_name(found.get(file, file)))
    return collage_from_tree(tree, home, recipe.name)


def stray(file: Path, home: Path, sha256: str) -> Path | None:
    """Where `file` is, that a collage in the folder `home` names, by what is in it; None where
    nobody knows.
    """
    for other in _elsewhere(file, home):
        if other.is_file() and sha256_of(other) == sha256:
            return other
    return None


def _elsewhere(place: Path, home: Path) -> Iterator[Path]:
    """Where else the file, folder or pattern `place` may be: nowhere, if it is where it was."""
    if os.path.lexists(unpatterned(place)):
        return
    way = Path(os.path.relpath(place, home)).parts
    up = next((k for k, part in enumerate(way) if part != os.pardir), len(way))
    if not 0 < up < len(way):  # inside of the folder, with which it would have moved
        return
    here = Path.cwd()
    for above in dict.fromkeys((*home.resolve().parents, here, *here.parents)):
        other = above.joinpath(*way[up:])
        if os.path.lexists(unpatterned(other)):
            yield other
