"""What a recipe names that lies outside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.marks import Path_


class Place(NamedTuple):
    """A file a recipe names, by its whole path, and where in the recipe it stands."""

    path: Path_
    file: str


@dataclass(frozen=True)
class Wants:
    """What a recipe names that lies outside it: networks by their key, picture files and the sound
    by whole path, and the film or folder of pictures that is dreamt on; `follows` says whether its
    numbers follow the sound.
    """

    networks: Mapping[str, NetworkRef]
    pictures: tuple[str, ...]
    clip: Place | None = None
    sound: str | None = None
    follows: bool = False
