"""The render loop: a generator whose state goes in and comes out, so that resuming is only
calling it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch

from dreamer.engine.build import Dream, next_state
from dreamer.engine.folder import State
from dreamer.engine.showing import Shown
from dreamer.recipe.plan import FramePlan


class Frame(NamedTuple):
    """A rendered frame: its plan and the state after it."""

    plan: FramePlan
    state: State


def frames(
    made: Dream, plans: Iterable[FramePlan], sources: Iterable[Shown], state: State | None
) -> Iterator[Frame]:
    """Render frame after frame.

    Args:
        made: the functions of the render.
        plans: the plans of the frames to come, the first being the one after `state`.
        sources: what each of them is dreamt on, on the device of the render; as many at least.
        state: where to go on from; None begins.

    Yields: each frame as soon as it is there.
    """
    for plan, shown in zip(plans, sources, strict=False):
        with torch.no_grad():  # not around the yield, where it would hold for the caller
            state = next_state(made, plan, state, *shown)
        yield Frame(plan, state)
