"""When the frames of a film or folder are, and which of them a film that dreams on it shows.

A film's frames are chosen by when they are shown, not by their number: frame n is dreamt on what a
viewer sees at n / fps, so that films whose rate varies, or is another, run as they did.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from dreamer.recipe.facts import ClipFacts, Facts
from dreamer.recipe.parsed import FPS, Parsed
from dreamer.recipe.parts import Source
from dreamer.recipe.rates import parse_fps
from dreamer.recipe.sound import OF_SOURCE, seconds_of
from dreamer.recipe.times import parse_time

# Times are rounded to their unit, in some containers to milliseconds: a frame counts as shown that
# is shown within half a unit, or within this, in seconds.
ROUNDED = Fraction(1, 1000)


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


def heard_from(recipe: Parsed, clip: ClipFacts | None) -> float:
    """The second of its file that the sound of `recipe` is heard from; what is of the film that is
    dreamt on, `clip`, begins with that film's part.

    Raises:
        ValueError: as `part_of`.
    """
    words, begins = recipe.words.sound, Fraction(0)
    if clip is not None and (words is None or words.file == OF_SOURCE):
        begins = clip.begins + part_of(recipe.words.source, clip, recipe.fps).start
    return float(begins) + (0.0 if words is None else seconds_of(words.start))
