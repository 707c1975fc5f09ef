"""Which segments of a film are to be made, so that several processes can make it at once; and the
end of what they left, where one process goes on alone.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise

from dreamer.engine.folder import Folder
from dreamer.engine.missing import missing_in
from dreamer.engine.part_rooms import clear, rooms
from dreamer.engine.ready import Ready
from dreamer.engine.segments import gather_segments, render_segment, segments
from dreamer.engine.stopping import Stop
from dreamer.engine.told import Told, Watcher
from dreamer.recipe.beginnings import chains
from dreamer.recipe.plan import Plan

LITTLE = 1e-9  # megapixel-steps of a frame that takes no step


def spans_of(plan: Plan, wanted: Collection[int], most: int, least: float) -> list[range]:
    """Segments with all frames of `wanted` that can be made beside others: at most `most` of about
    the same work, each at least `least` megapixel-steps, and more only where frames lie apart. Each
    begins anew, so that a run of frames that look at each other is in one of them, all of it.
    Nothing where fewer than two would come of it, but for a `least` of 0.
    """
    found = [chain for chain in chains(plan) if any(index in wanted for index in chain)]
    shares = shared_out([_work(plan, chain) for chain in found], most, least)
    spans: list[range] = []
    for chain, begins in zip(found, shares, strict=False):
        if begins or spans[-1].stop != chain.start:
            spans.append(chain)
        else:
            spans[-1] = range(spans[-1].start, chain.stop)
    return spans


def shared_out(works: Sequence[float], most: int, least: float) -> list[bool]:
    """Whether each of some works, in their order, begins another part than the one before, so that
    at most `most` parts have about the same work, and at least `least` in the mean. Nothing where
    fewer than two parts would come of it, but for a `least` of 0.
    """
    total = sum(works)
    count = min(most, len(works), math.floor(total / least) if least else most)
    if count < (2 if least else 1):
        return []
    done = [0.0, *accumulate(works)]
    numbers = [
        int((before + work / 2) / total * count) for before, work in zip(done, works, strict=False)
    ]
    return [True, *(here != before for before, here in pairwise(numbers))]


def _work(plan: Plan, chain: range) -> float:
    return sum(max(LITTLE, plan.megapixel_steps_of(index)) for index in chain)


def spans_left(folder: Folder, ready: Ready, most: int, least: float) -> list[range]:
    """The segments that are still to be made of the film in `folder`: those that were begun, as
    they were, then new ones. Where frames wait for what is missing before them, however little that
    is, it is a segment too.
    """
    frames = ready.plan.frames
    if ready.recipe.still or frames is None:
        return []
    begun, whole = segments(folder, ready)
    known = {index for span in (*begun, *whole) for index in span}
    missing = missing_in(folder, frames)
    wanted = {*missing.among, *range(missing.have, frames)} - known
    others = max(1, most - len(begun))
    return [*begun, *spans_of(ready.plan, wanted, others, 0 if whole else least)]


def finish_segments(folder: Folder, ready: Ready, watch: Watcher, stop: Stop) -> None:
    """Gather what segments of the film in `folder` there are, making here what was begun and what
    others wait for. The folder must be this process's.

    Raises:
        Stopped: `stop` asked for it; what is finished is kept.
        BusyError: another process makes a segment.
    """
    while rooms(folder.path):
        gather_segments(folder, ready)
        begun, whole = segments(folder, ready)
        last = max((span.start for span in (*begun, *whole)), default=-1)
        spans = [s for s in spans_left(folder, ready, 1, math.inf) if s.start <= last]
        for span in spans:
            render_segment(folder, ready, span, _counting(watch, ready, span), stop)
        if not spans:
            break
    clear(folder.path)


def _counting(watch: Watcher, ready: Ready, span: range) -> Watcher:
    """`watch`, told of the film's frames instead of the segment's."""

    def told(one: Told) -> None:
        watch(one._replace(done=span.start + one.done, of=ready.plan.frames))

    return told
