"""Which frames of a film or folder a film that dreams on it is made of.

A film's frames are chosen by when they are shown, not by their number: frame n is dreamt on what a
viewer sees at n / fps, so that films whose rate varies, or is another, run as they did.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from dreamer.recipe.climbing import Climbing
from dreamer.recipe.facts import ClipFacts, Facts
from dreamer.recipe.follow import Follow
from dreamer.recipe.parsed import FPS, Parsed
from dreamer.recipe.parts import Motion, Source
from dreamer.recipe.plan import ClipPlan
from dreamer.recipe.rates import parse_fps
from dreamer.recipe.reckoning import RANGES, Reckoning
from dreamer.recipe.times import parse_time

# Times are rounded to their unit, in some containers to milliseconds: a frame counts as shown that
# is shown within half a unit, or within this, in seconds.
ROUNDED = Fraction(1, 1000)
# Measured: so many times the steps of which a part is let go keep a dream as strong as it is.
LASTING = 1.5


class Part(NamedTuple):
    """The part of a clip that is asked for, and the slack of its times, in seconds after its first
    frame.
    """

    start: Fraction
    end: Fraction
    slack: Fraction

    def frames(self, fps: Fraction) -> int:
        """How many frames of a film at `fps` it lasts."""
        return max(1, math.ceil((self.end - self.start - self.slack) * fps))


def settled(recipe: Parsed, facts: Facts) -> Parsed:
    """`recipe` with the rate and the length of the clip it dreams on, where it says none."""
    clip, words = facts.clip, recipe.words
    if recipe.clip() is None or not isinstance(clip, ClipFacts):
        return recipe
    fps = parse_fps(_first(words.fps, words.source.fps, clip.fps, FPS))
    length = words.length
    if length is None:
        try:
            length = part_of(words.source, clip, recipe.fps).frames(fps)
        except ValueError:  # which planning refuses
            length = 1
    changes = {"fps": str(fps), "length": length}
    return replace(recipe, words=words.model_copy(update=changes))


def _first(*said: object) -> object:
    return next(one for one in said if one is not None)


def part_of(source: Source, clip: ClipFacts, fps: Fraction) -> Part:
    """The part of `clip` that `source` asks for; a folder's pictures follow each other at the
    source's rate, or at `fps`.

    Raises:
        ValueError: it begins or ends where the clip does not, with the key that says so before `:`.
    """
    unit = _unit(source, clip, fps)
    ends = clip.ends * unit
    start, end = (_moment(word, clip, unit) for word in (source.start, source.end))
    what = f"it has {_seconds(ends)} ({len(clip.times)} frames)"
    if end is None or end > ends + unit:
        raise ValueError(f"end:is beyond the end; {what}")
    if start is None or start >= ends:
        raise ValueError(f"start:is beyond the end; {what}")
    if end <= start:
        raise ValueError(f"end:is not after the start, {_seconds(start)}")
    return Part(start, end, min(unit / 2, ROUNDED))


def _unit(source: Source, clip: ClipFacts, fps: Fraction) -> Fraction:
    if clip.fps is not None:
        return clip.unit
    return 1 / (fps if source.fps is None else parse_fps(source.fps))


def _seconds(time: Fraction) -> str:
    return f"{float(time):.6g} s"


def _moment(word: int | str, clip: ClipFacts, unit: Fraction) -> Fraction | None:
    """When `word` is, in seconds; None beyond the last frame."""
    time = parse_time(word)
    value = Fraction(time.value).limit_denominator(10**6)
    if time.unit == "%":
        return value / 100 * clip.ends * unit
    if time.unit == "s":
        return value
    if value > len(clip.times):
        return None
    return (clip.ends if value == len(clip.times) else clip.times[int(value)]) * unit


def shown_at(
    source: Source, clip: ClipFacts, fps: Fraction, start: int, count: int
) -> tuple[int, ...]:
    """The numbers of the frames of `clip` that frames `start` to `start + count` are dreamt on: the
    last ones shown by then.

    Where the source says a rate and the clip is a film, only frames at that rate are looked at.

    Raises:
        ValueError: as `part_of`.
    """
    part, unit = part_of(source, clip, fps), _unit(source, clip, fps)
    every = parse_fps(source.fps) if source.fps is not None and clip.fps is not None else fps
    looks = every / fps
    first, pace = (part.start + part.slack) / unit, 1 / (every * unit)
    least = math.lcm(first.denominator, pace.denominator)
    # Whole numbers from here on: a film may have a million frames.
    begins, step = int(first * least), int(pace * least)
    found = []
    for n in range(start, start + count):
        look = n * looks.numerator // looks.denominator
        found.append(max(0, bisect_right(clip.times, (begins + look * step) // least) - 1))
    return tuple(found)


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
    sound = clip.begins + part.start if clip.has_audio else None
    return ClipPlan(numbers, shots, follow.flow, sound)


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
