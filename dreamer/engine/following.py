"""A dream that follows a film: what a frame of it begins with, and what of it is shown."""

from __future__ import annotations

from torch import Tensor

from dreamer.dreaming.carrying import carried, motion_of
from dreamer.engine.showing import Shown
from dreamer.engine.states import State
from dreamer.recipe.plan import FramePlan


def begun(frame: FramePlan, state: State | None, shown: Shown) -> Tensor:
    """What the ascent of `frame` begins with, `(1, 3, H, W)` in [0, 1]: the film's own frame, and
    on it what was dreamt on the one before, as far as it is carried.
    """
    source, before = shown
    if state is None or before is None or not frame.carried:
        return source
    added = state.image.to(source.device) - before
    moved = carried(added, motion_of(source, before))
    return (source + frame.carried * moved).clamp(0, 1)


def over(source: Tensor, dreamt: Tensor, part: float) -> Tensor | None:
    """What is seen where only a `part` of the dream is shown over the film; None where all is."""
    return None if part == 1 else source + part * (dreamt - source)
