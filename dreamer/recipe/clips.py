"""What of a film or folder a film that dreams on it is planned with; all else is refused here."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise

from dreamer.recipe.climbing import Climbing
from dreamer.recipe.clip_times import part_of, shown_at
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.follow import Follow
from dreamer.recipe.parts import Motion
from dreamer.recipe.plan import ClipPlan
from dreamer.recipe.reckoning import RANGES, Reckoning
from dreamer.recipe.times import parse_time

# Measured: so many times the steps of which a part is let go keep a dream as strong as it is.
LASTING = 1.5


def planned_clip(here: Reckoning, climbing: Climbing) -> ClipPlan | None:
    """What the planned frames are dreamt on, or None where that is no clip; refuses what cannot be
    had of it.
    """
    place, clip, words = here.recipe.clip(), here.facts.clip, here.words
    for key in ("keep", "strength"):
        name = f"follow.{key}"
        here.track(name, getattr(words.follow, key), ("follow", key), RANGES[name])
    if place is None:
        if words.follow != Follow():
            what = "follows a film or folder that is dreamt on; say source: {video: FILE}"
            here.refuse(("follow",), what)
        return None
    _together(here, climbing)
    if not isinstance(clip, ClipFacts):
        here.refuse(place.path, clip or "not looked at")
        return None
    if clip.damage and words.source.end == "end":
        whole = math.floor(float(clip.times[-1] * clip.unit) * 100) / 100
        what = f"the film breaks off after {len(clip.times)} frames ({clip.damage})"
        here.refuse(place.path, f"{what}; to dream on what is whole, say end: {whole:g}s")
    try:
        return _chosen(here, clip)
    except ValueError as error:
        key, _, why = str(error).rpartition(":")
        here.refuse(("source", key) if key else place.path, why)
        return None


def paced(here: Reckoning) -> int | None:
    """The steps that a shot begins with. Where a recipe says none, it begins with the preset's,
    and the frames after it take as many as make up for what is let go, so that the dream neither
    grows nor fades.
    """
    said, tracks = here.words.ascent, here.tracks
    if said.steps is not None or not here.words.follow.flow:
        return said.first_steps
    whole = tracks["ascent.steps"]
    tracks["ascent.steps"] = tuple(
        min(steps, max(1.0, round(LASTING * (1 - keep) * steps)))
        for steps, keep in zip(whole, tracks["follow.keep"], strict=True)
    )
    return round(whole[0]) if said.first_steps is None else said.first_steps


def _chosen(here: Reckoning, clip: ClipFacts) -> ClipPlan:
    source, clock, follow = here.words.source, here.clock, here.words.follow
    part = part_of(source, clip, clock.fps)
    most = part.frames(clock.fps)
    if clock.frames is None or clock.frames > most:
        long = "endless is" if clock.frames is None else f"{clock.frames} frames are"
        what = f"{long} more than the source has: {most} at {clock.fps} a second"
        here.refuse(("length",), what)
        return ClipPlan((0,) * clock.count, frozenset(), follow.flow)
    numbers = shown_at(source, clip, clock.fps, clock.start, clock.count)
    cuts = follow.cuts
    if isinstance(cuts, bool):
        shots = _cut(numbers, clip.cuts, clock.start) if cuts else frozenset()
    else:
        shots = frozenset(_said(here, list(cuts)))
    return ClipPlan(numbers, shots, follow.flow)


def _cut(numbers: tuple[int, ...], cuts: tuple[int, ...], start: int) -> frozenset[int]:
    """Which frames, the first being `start`, lie behind a cut that the one before does not."""
    found = (
        k
        for k, (before, here) in enumerate(pairwise(numbers), start + 1)
        if bisect_left(cuts, before + 1) != bisect_left(cuts, here + 1)
    )
    return frozenset(found)


def _said(here: Reckoning, cuts: list[int | str]) -> list[int]:
    """The first frames of shots that the recipe says."""
    found = []
    for number, word in enumerate(cuts):
        frame = parse_time(word).frame(here.clock.fps, here.clock.frames)
        if here.clock.frames is not None and frame >= here.clock.frames:
            what = f"is beyond the film's end; it has {here.clock.frames} frames"
            here.refuse(("follow", "cuts", number), what)
        found.append(math.ceil(frame - 1e-6))
    return found


def _together(here: Reckoning, climbing: Climbing) -> None:
    """Refuse what has no meaning on a film."""
    words = here.words
    for key in words.motion.model_fields_set:
        if getattr(words.motion, key) != getattr(Motion(), key):
            what = "a film that is dreamt on has its own camera; leave it out"
            here.refuse(("motion", key), what)
    if words.close is not None:
        what = "a film that is dreamt on ends as it does; leave it out, or loop an output"
        here.refuse(("close",), what)
    if words.seamless:
        here.refuse(("seamless",), "the frames of a film or folder are no tiles; leave it out")
    if climbing.words.begin == "noise":
        what = "a dream on a film begins with its frames; say begin: frame"
        here.refuse(("ascent", "begin"), what)
    if not words.follow.flow and "keep" in words.follow.model_fields_set:
        here.refuse(("follow", "keep"), "nothing is carried where flow is false; leave it out")
