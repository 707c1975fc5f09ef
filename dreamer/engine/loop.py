"""The render loop: a generator whose state goes in and comes out, so that resuming is only
calling it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.engine.build import Dream, next_state
from dreamer.engine.folder import State
from dreamer.recipe.plan import FramePlan


class Frame(NamedTuple):
    """A rendered frame: its plan and the state after it."""

    plan: FramePlan
    state: State


def frames(
    made: Dream, plans: Iterable[FramePlan], source: Tensor, state: State | None
) -> Iterator[Frame]:
    """Render frame after frame.

    Args:
        made: the functions of the render.
        plans: the plans of the frames to come, the first being the one after `state`.
        source: the first picture `(1, 3, H, W)`, on the device of the render.
        state: where to go on from; None begins.

    Yields: each frame as soon as it is there.
    """
    for plan in plans:
        with torch.no_grad():  # not around the yield, where it would hold for the caller
            state = next_state(made, plan, state, source)
        yield Frame(plan, state)
