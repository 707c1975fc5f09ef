"""A recipe that can be rendered: it was read, what it names was found, and it was planned."""

from __future__ import annotations

from typing import NamedTuple

from dreamer.engine.facts import Gathered
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.plan import Plan


class Ready(NamedTuple):
    """A recipe with all that is known about what it names, checked and planned."""

    recipe: Parsed
    gathered: Gathered
    plan: Plan
