"""Whether a picture may be dreamt tile by tile: what a recipe asks for must be the sum of what it
is in parts of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from dreamer.recipe.asking import OBJECTIVES
from dreamer.recipe.planned import AscentWords, PlannedTarget
from dreamer.recipe.reckoning import Reckoning


def undivided(
    targets: Sequence[PlannedTarget], ascent: AscentWords, seamless: bool
) -> tuple[str, ...]:
    """What of a recipe looks at the whole picture at once, in its words; nothing if it may be cut
    into tiles.
    """
    found = [why for target in targets if (why := _whole(target))]
    if ascent.redirect:
        found.append(f"ascent.redirect: {ascent.redirect}")
    found += [name for name, _ in ascent.transforms if name in ("crops", "maco")]
    if seamless:
        found.append("seamless")
    return tuple(dict.fromkeys(found))


def _whole(target: PlannedTarget) -> str:
    if OBJECTIVES[target.objective].whole:
        return f"objective: {target.objective.removeprefix('class_')}"
    if target.place is not None:
        return "place"
    if target.chosen is not None and target.chosen.renew:
        return "channels anew in every step"
    return ""


def refuse_tiles(here: Reckoning, targets: Sequence[PlannedTarget], ascent: AscentWords) -> None:
    """Refuse `tiles: N` where there can be none."""
    reasons = undivided(targets, ascent, here.words.seamless)
    if isinstance(here.words.tiles, int) and reasons:
        what = f"there are none where the whole picture is asked for {', '.join(reasons)}; say off"
        here.refuse(("tiles",), what)
