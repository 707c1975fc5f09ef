"""How large a group renders fastest on this machine, by trying."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import torch

from dreamer.engine import sources
from dreamer.engine.build import build
from dreamer.engine.execution import decide, under
from dreamer.engine.likeness import likeness, most_together
from dreamer.engine.perceive import Through
from dreamer.engine.run import Ready
from dreamer.engine.together import together

log = logging.getLogger("dreamer")
CANDIDATES = (1, 2, 4, 8, 16)
GAIN = 1.03  # how much faster a larger group must be to be worth its memory
STEPS = 4  # of each octave: what lies between them is timed
Noted = list[tuple[int, float]]


def best_group(ready: Ready, candidates: Sequence[int] = CANDIDATES) -> int:
    """How many stills like `ready` this machine renders fastest as one group, by a few steps of
    each of `candidates` that may be, smallest first, until two were no faster.

    It is a measurement: who wants the same bytes again keeps what it said.

    Raises:
        NetworkError: weights that are not there or not right.
        UsageError: a device that is not here.
    """
    most = most_together(ready) if likeness(ready) else 1
    best, fastest, slower = 1, float("inf"), 0
    for count in sorted(n for n in candidates if n <= most):
        took = seconds_a_picture(ready, count)
        log.debug("%d together: %.3f s a picture", count, took)
        if took * GAIN < fastest:
            best, fastest, slower = count, took, 0
        else:
            slower += 1
        if slower == 2:
            break
    return best


def seconds_a_picture(ready: Ready, count: int, steps: int = STEPS) -> float:
    """What the ascent of one of `count` stills like `ready` takes in a group of that size, by the
    fastest of a few `steps` of each octave, opening and saving not counted. Nothing is written.
    """
    frame = ready.plan.at(0)
    tried = [replace(o, steps=min(steps, o.steps) and steps) for o in frame.octaves]
    execution = decide(ready.recipe.words.device, ready.recipe.words.precision)
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
                    noted.append((octave, time.perf_counter()))

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
