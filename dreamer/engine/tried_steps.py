"""How long stills take on this machine, by trying a few of their steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import torch

from dreamer.engine import sources
from dreamer.engine.build import build
from dreamer.engine.execution import under
from dreamer.engine.perceive import Through
from dreamer.engine.ready import Ready
from dreamer.engine.tile_size import decided
from dreamer.engine.together import together

STEPS = 4  # of each octave: what lies between them is timed
Noted = list[tuple[int, float]]


def seconds_a_picture(
    ready: Ready,
    count: int,
    steps: int = STEPS,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """What the ascent of one of `count` stills like `ready` takes in a group of that size, by the
    fastest of a few `steps` of each octave and by `clock`, opening and saving not counted. Nothing
    is written.
    """
    frame = ready.plan.at(0)
    tried = [replace(o, steps=min(steps, o.steps) and steps) for o in frame.octaves]
    execution = decided(ready)
    size, path, number = (
        (ready.plan.height, ready.plan.width),
        ready.gathered.source,
        ready.plan.first_source,
    )
    source = sources.first_pictures(ready.recipe, size, path, number, ready.plan.margin)
    source = source.to(execution.device)

    def act(member: int) -> Callable[[Through], Noted]:
        def climbed(through: Through) -> Noted:
            noted: Noted = []

            def on_step(octave: int, step: int) -> None:
                if member == 0:
                    if execution.device.startswith("cuda"):
                        torch.cuda.synchronize()
                    noted.append((octave, clock()))

            with under(execution), torch.no_grad():
                seed, cards = ready.recipe.words.seed, ready.gathered.cards
                made = build(ready.plan, cards, seed, execution, source, on_step, through=through)
                made.dream(source, replace(frame, octaves=tuple(tried)), source)
            return noted

        return climbed

    noted = together([act(member) for member in range(count)])[0]
    if isinstance(noted, BaseException):
        raise noted
    assert noted is not None
    fastest: dict[int, float] = {}
    for (octave, begun), (after, ended) in pairwise(noted):
        if octave == after:
            fastest[octave] = min(ended - begun, fastest.get(octave, float("inf")))
    return sum(fastest[k] * frame.octaves[k].steps for k in fastest) / count
