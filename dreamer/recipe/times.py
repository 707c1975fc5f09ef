"""Moments and lengths: `12` is a frame, `1.5s` seconds, `50%` and `end` parts of the film; `beat 8`
is a moment of its sound, and `8 beats` a length, which `beats` makes seconds of.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal, NamedTuple

_TIME = re.compile(r"^(\d{1,9}(?:\.\d{1,17})?)\s*(s|%)$", re.ASCII)
_BEATS = re.compile(
    r"^(?:beat\s+(\d{1,6}(?:\.\d{1,9})?)|(\d{1,6}(?:\.\d{1,9})?)\s*beats?)$", re.ASCII
)
_MOST_FRAMES = 10**9


class Time(NamedTuple):
    """A number and what it counts."""

    value: float
    unit: Literal["frame", "s", "%", "beat", "beats"]

    def frame(self, fps: Fraction, frames: int | None) -> float:
        """The frame this falls on, not rounded. A part of an endless film is a ValueError."""
        if self.unit == "frame":
            return self.value
        if self.unit == "s":
            return self.value * float(fps)
        if self.unit in ("beat", "beats"):
            raise ValueError("counts the beats of a sound that nobody has heard")
        if frames is None:
            raise ValueError("an endless film has no end to count from; use seconds or frames")
        return self.value / 100 * max(frames - 1, 0)


def parse_time(word: object) -> Time:
    """The time a recipe's value means.

    Raises:
        ValueError: none.
    """
    if isinstance(word, int) and not isinstance(word, bool) and 0 <= word <= _MOST_FRAMES:
        return Time(float(word), "frame")
    if word == "end":
        return Time(100.0, "%")
    if isinstance(word, str) and (match := _TIME.match(word.strip())):
        return Time(float(match[1]), "s" if match[2] == "s" else "%")
    if isinstance(word, float):
        raise ValueError(f"expected a frame (12), seconds ({word:g}s), 50% or end, not {word:g}")
    raise ValueError(f"expected a frame (12), seconds (1.5s), 50% or end, not {word!r}")


def beats_in(word: object) -> Time | None:
    """The beats that a recipe's value counts, if it does: `beat 8` a moment, `8 beats` a length."""
    match = _BEATS.match(word.strip()) if isinstance(word, str) else None
    if match is None:
        return None
    return Time(float(match[1]), "beat") if match[1] else Time(float(match[2]), "beats")


def parse_moment(word: object) -> Time:
    """As `parse_time`, or a beat: `beat 8`.

    Raises:
        ValueError: no moment.
    """
    counted = beats_in(word)
    if counted is not None and counted.unit == "beats":
        raise ValueError(f"expected a moment: beat {counted.value:g}, not {word!r}, a length")
    return counted or parse_time(word)


def parse_length(word: object) -> Time:
    """As `parse_time`, or so many beats: `8 beats`.

    Raises:
        ValueError: no length.
    """
    counted = beats_in(word)
    if counted is not None and counted.unit == "beat":
        raise ValueError(f"expected a length: {counted.value:g} beats, not {word!r}, a moment")
    return counted or parse_time(word)


def as_seconds(value: float) -> str:
    """Seconds as a recipe says them, to the microsecond."""
    return (f"{value:.6f}".rstrip("0").rstrip(".") or "0") + "s"


def is_too_long(word: object) -> bool:
    """Whether `word` is a time but for its length."""
    if isinstance(word, int) and not isinstance(word, bool):
        return word > _MOST_FRAMES
    return (
        isinstance(word, str) and re.fullmatch(r"\d{10,}(\.\d+)?\s*[s%]", word.strip()) is not None
    )


def in_seconds(word: int | str, fps: Fraction) -> int | str:
    """The same moment without counting frames, so that another rate does not move it."""
    if not isinstance(word, int) or not word:
        return word
    return f"{float(word / fps):.12f}".rstrip("0").rstrip(".") + "s"
