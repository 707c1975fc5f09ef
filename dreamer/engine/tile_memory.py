"""What is done when memory runs out in the middle of a render: it goes on in tiles, or in smaller
ones.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from dreamer.engine.execution import Execution
from dreamer.engine.tile_size import STEP, whole_because
from dreamer.errors import DreamerError
from dreamer.networks.cards import Card
from dreamer.recipe.parts import LEAST_TILE
from dreamer.recipe.plan import Plan
from dreamer.recipe.tiling import seen_at_once

log = logging.getLogger("dreamer")
SAID = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "bad_alloc",
    "bad allocation",
)


def ran_out(error: BaseException) -> bool:
    """Whether `error` is that there was no memory: torch says so in several ways."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error).lower() for said in SAID)


def with_smaller_tiles(
    execution: Execution, plan: Plan, cards: Mapping[str, Card], error: Exception
) -> Execution:
    """`execution` with tiles of half the pixels that `plan` was just seen in, said once.

    Raises:
        DreamerError: it cannot be made smaller.
        Exception: `error`, where that is something else.
    """
    if not ran_out(error) or execution.rows > 1:  # a group's is for whoever made the group
        raise error
    side = _smaller(execution, plan)
    whole = whole_because(plan, cards)
    why = _why(plan, whole, side)
    if why:
        raise DreamerError(f"memory ran out, and {why}; every finished frame is kept") from error
    log.warning("memory ran out: it goes on in tiles of %d × %d pixels", side, side)
    return replace(execution, tile=side)


def free(device: str) -> None:
    """Give back what nobody needs any more, once the error that held it is gone."""
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def _smaller(execution: Execution, plan: Plan) -> int:
    longest = max(max(size) for size in plan.at(plan.start).sizes)
    now = min(execution.tile or longest, longest)
    return int(now / 2**0.5) // STEP * STEP


def _why(plan: Plan, whole: Sequence[str], side: int) -> str:
    """Why it cannot be cut smaller, if it cannot."""
    if whole:
        return f"the picture cannot be cut into tiles: all of it is asked for {', '.join(whole)}"
    if plan.tiles == 0:
        return "the recipe says `tiles: off`"
    if side < LEAST_TILE or plan.ascent.window is not None:
        return f"no smaller part of {seen_at_once(plan) / 1e6:.1f} megapixels can be seen at once"
    return ""
