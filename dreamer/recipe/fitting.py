"""Whether what a recipe wants to see fits: no picture smaller than its network needs, in any octave
of any frame, and none larger than can be held.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from dreamer.recipe.asking import OBJECTIVES
from dreamer.recipe.climbing import Climbing
from dreamer.recipe.facts import NetworkFacts, PictureFacts
from dreamer.recipe.numbers import Expression, Keyframes
from dreamer.recipe.parts import MOST_PIXELS
from dreamer.recipe.planned import PlannedTarget
from dreamer.recipe.reckoning import Reckoning
from dreamer.recipe.sizes import Size, frame_sizes, said_or, transformed, windowed

MEGAPIXELS = f"{MOST_PIXELS // 10**6} megapixels"


class Needs(NamedTuple):
    """What the networks of a recipe like to see, and what they need, in pixels a side; `names` are
    those that need most.
    """

    native: int
    smallest: int
    names: str


def needs_of(used: Sequence[NetworkFacts]) -> Needs:
    """What networks like and need; the largest of each counts."""
    native = max((facts.native for facts in used), default=1)
    smallest = max((facts.smallest for facts in used), default=1)
    names = dict.fromkeys(facts.name for facts in used if facts.smallest == smallest)
    return Needs(native, smallest, " and ".join(names))


def refuse_unfit(
    here: Reckoning,
    canvas: Size,
    climbing: Climbing,
    targets: Sequence[PlannedTarget],
    needs: Needs,
) -> None:
    """Refuse all that is too small for the networks or too large for anybody.

    Args:
        here: the recipe.
        canvas: (height, width).
        climbing: its ascent.
        targets: what it amplifies.
        needs: of its networks.
    """
    if min(canvas) < needs.smallest:
        what = f"{_shown(canvas)} is too small: {_needed(needs)}"
        here.refuse(("size",), what)
    frames = _frames(here, canvas, climbing, needs)
    largest = max((canvas, *(size for sizes in frames for size in sizes)), key=math.prod)
    if here.words.samples * math.prod(largest) > MOST_PIXELS:
        what = f"{here.words.samples} of {_shown(largest)} are more than {MEGAPIXELS}"
        here.refuse(("samples",), what)
    _listed(here, canvas, climbing, frames, needs)
    if targets:
        _looked_at(here, climbing, frames, needs)
    _octaves_of_targets(here, targets, frames)
    _references(here, canvas, targets)


def _shown(size: Size) -> str:
    return f"{size[1]}×{size[0]}"


def _needed(needs: Needs) -> str:
    return f"{needs.names} needs {needs.smallest} pixels a side"


def _frames(
    here: Reckoning, canvas: Size, climbing: Climbing, needs: Needs
) -> list[tuple[Size, ...]]:
    """Sizes of the octaves of all planned frames, each set of them once."""
    scales = here.tracks["ascent.scale"]
    counts: Sequence[float | None] = here.tracks.get("ascent.octaves") or [None] * len(scales)
    made = {
        frame_sizes(
            canvas,
            climbing.own,
            None if count is None else round(count),
            scale,
            needs.native,
            needs.smallest,
        )
        for scale, count in dict.fromkeys(zip(scales, counts, strict=True))
    }
    return sorted(made)


def _is_seen(here: Reckoning, climbing: Climbing, octave: int) -> bool:
    """Whether an octave has steps in any frame."""
    own = climbing.own[octave].steps if climbing.own else None
    first = here.words.ascent.first_steps or 0
    return said_or(own, max((first, *here.tracks["ascent.steps"]))) > 0


def _listed(
    here: Reckoning,
    canvas: Size,
    climbing: Climbing,
    frames: Sequence[tuple[Size, ...]],
    needs: Needs,
) -> None:
    """Refuse octaves of sizes of their own that are too small, or not the picture's."""
    last = len(climbing.own) - 1
    for octave in range(last):
        sizes = [sizes[octave] for sizes in frames]
        small = [size for size in sizes if min(size) < needs.smallest]
        if small and _is_seen(here, climbing, octave):
            what = f"{_shown(small[0])} is too small: {needs.smallest} pixels a side are needed"
            here.refuse(("ascent", "octaves", octave), what)
    size = climbing.own[last].size if climbing.own else None
    if size is not None and size != max(canvas):
        what = f"the last octave is the picture's size, {max(canvas)}, not {size}"
        here.refuse(("ascent", "octaves", last, "size"), what)


def _looked_at(
    here: Reckoning, climbing: Climbing, frames: Sequence[tuple[Size, ...]], needs: Needs
) -> None:
    """Refuse a window or transforms that leave too little of an octave."""
    for sizes in frames:
        for octave, size in enumerate(sizes):
            if min(size) < needs.smallest or not _is_seen(here, climbing, octave):
                continue
            part = windowed(size, climbing.words.window)
            _, left = transformed(part, climbing.words.transforms)
            if min(part) < needs.smallest:
                what = f"leaves {_shown(part)} of {_shown(size)}, and {_needed(needs)}"
                here.refuse(("ascent", "window"), what)
                return
            if min(left) < needs.smallest:
                least = "nothing" if min(left) < 1 else _shown(left)
                what = f"leave {least} of {_shown(part)}, and {_needed(needs)}"
                here.refuse(("ascent", "transforms"), what)
                return


def _octaves_of_targets(
    here: Reckoning, targets: Sequence[PlannedTarget], frames: Sequence[tuple[Size, ...]]
) -> None:
    """Refuse octaves of targets that no frame has, as far as the planned ones tell of all."""
    clock, ascent = here.clock, here.words.ascent
    moving = any(isinstance(n, Keyframes | Expression) for n in (ascent.octaves, ascent.scale))
    most = max(map(len, frames), default=0)
    if not most or (moving and (clock.start, clock.count) != (0, clock.frames)):
        return
    asked = {(t.number, octave) for t in targets for octave in t.octaves or ()}
    for number, octave in sorted(asked):
        if octave >= most:
            there = f"there are octaves 0 to {most - 1}" if most > 1 else "there is octave 0 only"
            here.refuse(("target", number, "octaves"), f"{there}, not {octave}")


def _references(here: Reckoning, canvas: Size, targets: Sequence[PlannedTarget]) -> None:
    """Refuse pictures that a network is to see by themselves and that are too small for it."""
    refused: set[int] = set()
    for target in targets:
        picture = here.facts.pictures.get(target.reference or "")
        network = here.facts.networks[target.network]
        if not isinstance(picture, PictureFacts) or not isinstance(network, NetworkFacts):
            continue
        if OBJECTIVES[target.objective].moved or target.number in refused:
            continue
        whole = (picture.height, picture.width)
        shrunk = min(1.0, max(canvas) / max(whole))  # none is seen larger than the dream
        size = (max(1, round(whole[0] * shrunk)), max(1, round(whole[1] * shrunk)))
        if min(size) < network.smallest:
            seen = "" if size == whole else f", beside this picture {_shown(size)}"
            what = f"is {_shown(whole)}{seen}, and {network.name} needs {network.smallest} pixels"
            here.refuse(("target", target.number, "reference"), f"{what} a side")
            refused.add(target.number)
