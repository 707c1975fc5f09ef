"""What a collage says, in its folder and in its pictures, of what it was made of."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamer import __version__
from dreamer.engine.collage_files import WILD
from dreamer.engine.collage_layout import reached
from dreamer.engine.facts import weights_of
from dreamer.errors import in_unicode
from dreamer.file_names import readable, written_name
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.dumping import as_yaml

if TYPE_CHECKING:
    from dreamer.engine.collage_ready import ReadyCollage

MOST_TITLE = 1000  # letters


def provenance(ready: ReadyCollage, home: Path, command: str | None) -> Mapping[str, Any]:
    """What provenance.json says of a new collage in the folder `home`."""
    versions = {"dreamer": __version__, "python": platform.python_version()}
    versions |= {n: metadata.version(n) for n in ("torch", "numpy", "pillow")}
    return {
        "name": ready.recipe.name,
        "recipe_sha256": ready.identity,
        "parent_sha256": None,
        "drawn_again": ready.layout is not None,
        "pieces": {reached(e.file, home): e.sha256 for e in ready.entries},
        "weights": {card.name: weights_of(card) for card in ready.networks},
        "versions": versions,
        "command": command and readable(command),
    }


def words_from(recipe: ParsedCollage, home: Path) -> dict[str, Any]:
    """The words of `recipe`, its files named as they are reached from the folder `home`."""
    return recipe.with_files(lambda file: reached(Path(file), home))


def words_inside(recipe: ParsedCollage) -> dict[str, Any]:
    """The words of `recipe` as they travel inside a picture, which say nothing of where its pieces
    lay: files by their own names, patterns from their first wildcard on.
    """

    def named(file: str) -> str:
        parts = Path(file).parts
        wild = [k for k, part in enumerate(parts) if any(sign in part for sign in WILD)]
        return written_name(Path(*parts[wild[0] :]).as_posix() if wild else Path(file).name)

    return recipe.with_files(named)


def texts_inside(recipe: ParsedCollage) -> dict[str, str]:
    """What travels inside a collage's picture, frames and films: enough to make it again."""
    title = in_unicode(recipe.words.title)[:MOST_TITLE]
    titled = {"Title": title} if title and recipe.still else {}
    return {
        **titled,  # as PNG calls it
        "dreamer:recipe": as_yaml(words_inside(recipe)),
        "dreamer:seed": str(recipe.words.seed),
        "dreamer:version": __version__,
    }
