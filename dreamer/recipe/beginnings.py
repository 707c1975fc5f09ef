"""Where a film can be begun in its middle: frames that look at none before them, so that what
comes after one can be made elsewhere, at the same time, to the same bytes.

A dream that is fed its own frames has one beginning. A dream on a film or folder begins anew
wherever nothing is carried: at cuts, where `keep` is 0, everywhere without flow. So does an ascent
that begins with noise, unless something of the frames before is held, kept or referred to.
"""

from __future__ import annotations

from collections.abc import Iterator

from dreamer.recipe.plan import Plan


def begins_anew(plan: Plan, index: int) -> bool:
    """Whether frame `index` of `plan` looks at no frame before it."""
    if index == 0:
        return True
    if plan.clip is not None:
        return plan.carried_at(index) == 0
    if plan.ascent.begin != "noise" or plan.inpaint is not None:
        return False
    if any(plan.tracks["ascent.hold"]):  # all frames' colours are held to the first one's
        return False
    if any(one.reference == "frame" for one in plan.targets):
        return False
    return plan.tracks["colors.keep"][index - plan.start] == 0


def beginning_of(plan: Plan, index: int) -> int:
    """The last frame up to `index` that looks at none before it; 0 in a plan without an end."""
    if plan.frames is None:
        return 0
    return next(k for k in range(index, -1, -1) if begins_anew(plan, k))


def chains(plan: Plan) -> Iterator[range]:
    """The frames of a film in runs of which each begins anew, without those in which it comes back
    to its beginning: these look at its first frames. Nothing of a plan without an end.
    """
    if plan.frames is None:
        return
    end = plan.frames - (0 if plan.closing is None else plan.closing.frames)
    start = 0
    for index in range(1, end):
        if begins_anew(plan, index):
            yield range(start, index)
            start = index
    if start < end:
        yield range(start, end)
