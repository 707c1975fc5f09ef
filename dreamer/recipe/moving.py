"""Motion planned: how the camera goes from frame to frame, and what is beyond the edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dreamer.recipe.expressions import smooth_noise
from dreamer.recipe.parts import MOST_PIXELS
from dreamer.recipe.plan import Closing
from dreamer.recipe.reckoning import RANGES, Reckoning
from dreamer.recipe.schedules import Values, values_of
from dreamer.recipe.schema import Recipe
from dreamer.recipe.times import parse_time

PAIRS = ("move", "center", "look_at")
SWAYS = ("move", "rotate", "zoom")
FINER, FINE = 2.7, 0.5  # how much faster a hand trembles than it sways, and how strongly
# Tracks of what zooms or turns, with their values where nothing does.
STILL = {
    "motion.zoom": 1.0,
    "motion.rotate": 0.0,
    "motion.wobble.rotate": 0.0,
    "motion.wobble.zoom": 0.0,
}


def planned_motion(here: Reckoning) -> None:
    """Evaluate all of a recipe's motion into tracks."""
    motion = here.words.motion
    for key in ("zoom", "rotate"):
        name = f"motion.{key}"
        number = getattr(motion, key)
        here.track(name, number, ("motion", key), RANGES[name], log=key == "zoom")
    for key in PAIRS:
        for k, number in enumerate(getattr(motion, key)):
            name = f"motion.{key}.{k}"
            here.track(name, number, ("motion", key, k), RANGES[name])
    for key in SWAYS:
        name = f"motion.wobble.{key}"
        here.track(name, getattr(motion.wobble, key), ("motion", "wobble", key), RANGES[name])
    for number, (name, key) in enumerate(
        (("move.0", "move"), ("move.1", "move"), ("rotate", "rotate"), ("zoom", "zoom"))
    ):
        before, *there = _held(here, key, number)
        here.tracks[f"swayed.{name}"] = tuple(there)
        here.tracks[f"sway.{name}"] = sways(there, before)


def sways(there: Sequence[float], before: float) -> Values:
    """How far a hand moves to each frame from the one before it, where `there` is how far it is off
    its place, and `before` how far it was before the first.
    """
    return tuple(here - last for last, here in pairwise((before, *there)))


def planned_closing(here: Reckoning) -> Closing | None:
    """How the film's end meets its beginning."""
    words, frames = here.words, here.clock.frames
    if words.close is None:
        return None

    def refuse(message: str, key: str = "over") -> None:
        here.refuse(("close", key), message)

    if here.recipe.still or frames is None:
        kind = "a still has" if here.recipe.still else "an endless film has"
        here.refuse(("close",), f"{kind} no end to come back from; say a length")
        return None
    if any(output.loop for output in words.output):
        refuse("the film goes there and back already; say output: {loop: false}", "by")
    if here.recipe.scenes and words.close.by == "crossfade":
        refuse("a film of scenes comes back by return", "by")
    if words.seamless and words.close.by == "return":
        refuse("a seamless picture has no edges for a copy to lie in; say crossfade", "by")
    time = parse_time(words.close.over)
    count = round(time.frame(here.clock.fps, None if time.unit != "%" else frames))
    film = frames - here.recipe.lead
    if time.unit == "%" and words.close.by == "crossfade":
        refuse("a crossfade makes the film longer, so say seconds or frames")
    elif film < 2:
        refuse("a film of one frame has nothing to come back from", "by")
    elif not 1 <= count < film or (words.close.by == "crossfade" and 2 * count > film):
        most = film - 1 if words.close.by == "return" else film // 2
        refuse(f"takes {count} frames; the film's {film} leave room for 1 to {most}")
    return Closing(words.close.by, count)


def _held(here: Reckoning, key: str, number: int) -> list[float]:
    """How far a hand is off its place, at the frame before the planned ones and at those."""
    wobble, path = here.words.motion.wobble, ("motion", "wobble", key)
    clock = here.clock_of(path)
    seed = 4.0 * wobble.seed + number
    sizes = list(here.tracks[f"motion.wobble.{key}"])
    if clock.start:  # of an endless film that goes on
        earlier = replace(clock, start=clock.start - 1, count=1)
        try:
            before = values_of(getattr(wobble, key), earlier, signals=here.signals_of(path))
        except ValueError:  # which was refused with its track
            before = tuple(sizes[:1])
        sizes = [*before, *sizes]
    else:
        sizes = [sizes[0], *sizes]
    found = []
    for frame, size in enumerate(sizes, clock.start - 1):
        x = frame / float(clock.fps) / wobble.period
        swayed = smooth_noise(x, seed) + FINE * smooth_noise(FINER * x, seed)
        found.append(size * swayed / (1 + FINE))
    return found


def edges_of(words: Recipe) -> str:
    """What is beyond the edges of what is dreamt."""
    if words.seamless:
        return "wrap"
    return "mirror" if words.motion.edges == "overscan" else words.motion.edges


def margin_of(here: Reckoning, size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns that are dreamt beyond each edge of a frame of (width, height) `size`."""
    motion = here.words.motion
    said = "overscan" in motion.model_fields_set
    if motion.edges != "overscan":
        if said:
            what = "is of edges: overscan; say that, or leave it out"
            here.refuse(("motion", "overscan"), what)
        return 0, 0
    if here.recipe.still:
        here.refuse(("motion", "edges"), "a still is not moved, and needs no overscan")
    masked = here.words.inpaint is not None or any(t.mask is not None for t in here.words.target)
    if masked:
        what = "masks lie over what frames show, and overscan dreams beyond; say mirror"
        here.refuse(("motion", "edges"), what)
    width, height = (round(n * motion.overscan) for n in size)
    if (size[0] + 2 * width) * (size[1] + 2 * height) > MOST_PIXELS:
        here.refuse(("motion", "overscan"), f"more than {MOST_PIXELS // 10**6} megapixels")
    return height, width
