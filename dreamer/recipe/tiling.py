"""Whether a picture may be dreamt tile by tile: what a recipe asks for must be the sum of what it
is in parts of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from dreamer.recipe.asking import OBJECTIVES
from dreamer.recipe.plan import Plan
from dreamer.recipe.planned import AscentWords, PlannedTarget
from dreamer.recipe.reckoning import Reckoning

SURELY = 2**20  # pixels that fit anywhere, whatever the network


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


def seen_at_once(plan: Plan) -> int:
    """The most pixels that networks see in one pass."""
    most = 0
    for index in (plan.start, plan.start + plan.count - 1):
        for height, width in plan.at(index).sizes:
            side = plan.ascent.window or max(height, width)
            most = max(most, min(height, side) * min(width, side))
    return most * plan.samples
