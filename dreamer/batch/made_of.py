"""What a render's job is made of, by hashes, whether a collage that it dreams on is made yet or
not.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from dreamer.engine.dreamt_collages import identity_inside, planned_collage
from dreamer.engine.preparing import checked
from dreamer.engine.provenance import identity
from dreamer.engine.ready import Ready
from dreamer.recipe.parsed import Parsed


def hashed(value: Any) -> str:
    """SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def made_of(recipe: Parsed) -> tuple[str, Ready]:
    """The hash of `recipe` with all it names, and the recipe checked and planned; where it dreams
    on a collage, the hash is of that too, and the plan of a sheet in its place.

    Raises:
        RecipeError: all that cannot be rendered.
    """
    ready = checked(planned_collage(recipe))
    found = identity(ready)
    if recipe.words.source.collage is not None:
        found = hashed([found, identity_inside(recipe)])
    return found, ready
