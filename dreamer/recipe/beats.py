"""Beats as moments of a film: `beat 8` and `16 beats` become seconds, once, before a recipe is read
further. What is frozen beside the frames says seconds, so that no later hearing moves them.

Beats are counted from 0, the first one that is heard in the film; `beat 8.5` lies between two. In a
scene they count from its own first beat, and its `16 beats` end sixteen beats after that.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from dreamer.recipe.marks import Path_
from dreamer.recipe.times import Time, as_seconds, beats_in, parse_length

BEFORE = 0.03  # seconds that a beat may be heard before where a sound begins, and belong to it
EARLY = 0.05  # beats before a scene's beginning that its first one may lie
BEYOND = 4.0  # beats after the last one that may still be named

Refuse = Callable[[Path_, str], None]


@dataclass(frozen=True)
class Beats:
    """The beats of a sound in a film, in seconds of the film, and when the sound ends in it."""

    moments: tuple[float, ...]
    end: float

    @property
    def period(self) -> float:
        """Seconds from beat to beat."""
        return median(b - a for a, b in zip(self.moments, self.moments[1:], strict=False))

    def moment(self, position: float) -> float:
        """When beat `position` is, 0 being the first.

        Raises:
            ValueError: the sound has no such beat.
        """
        self._require()
        last = len(self.moments) - 1
        after = max(self.end - self.moments[-1], 0.0) / self.period
        if position > last + max(after, 0.0) + BEYOND:
            raise ValueError(f"the sound has beats 0 to {last}; there is no beat {position:g}")
        if position >= last:
            return self.moments[-1] + (position - last) * self.period
        if position < 0:
            return self.moments[0] + position * self.period
        k = math.floor(position)
        return self.moments[k] + (position - k) * (self.moments[k + 1] - self.moments[k])

    def position(self, moment: float) -> float:
        """Which beat is at `moment`, the inverse of `moment`; below 0 before the first."""
        if len(self.moments) < 2:
            return 0.0
        k = bisect.bisect_right(self.moments, moment) - 1
        if k < 0:
            return (moment - self.moments[0]) / self.period
        if k == len(self.moments) - 1:
            return k + (moment - self.moments[k]) / self.period
        return k + (moment - self.moments[k]) / (self.moments[k + 1] - self.moments[k])

    def lasting(self, count: float) -> float:
        """How many seconds `count` beats take as a rule.

        Raises:
            ValueError: the sound has none.
        """
        self._require()
        return count * self.period

    def _require(self) -> None:
        if len(self.moments) < 2:
            raise ValueError("no beats are heard in the sound; say seconds")

    def first(self, moment: float) -> float:
        """The first beat at or after `moment`."""
        return float(max(0, math.ceil(self.position(moment) - EARLY)))


def beats_in_film(heard: Sequence[float], seconds: float, start: float, offset: float) -> Beats:
    """The beats `heard` in a file of `seconds`, in a film in which it begins at `offset` with its
    second `start`.
    """
    there = (beat for beat in heard if beat >= start - BEFORE)
    return Beats(
        tuple(max(beat, start) - start + offset for beat in there), seconds - start + offset
    )


def counts_beats(value: Any) -> list[Path_]:
    """Where in plain words beats are counted."""
    return [path for path, _ in _counted(value, ())]


def _counted(value: Any, path: Path_) -> list[tuple[Path_, Time]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    found: list[tuple[Path_, Time]] = []
    for key, inner in items:
        time = beats_in(inner) if key in ("at", "blend", "length", "transition") else None
        found += [((*path, key), time)] if time else _counted(inner, (*path, key))
    return found


def in_seconds(
    tree: Mapping[str, Any], beats: Beats, fps: Fraction, refuse: Refuse
) -> dict[str, Any]:
    """`tree` with all that counts beats said in seconds.

    Args:
        tree: a recipe's plain words, checked.
        beats: of what the film shows.
        fps: its frames a second.
        refuse: told where a beat is named that there is none of.
    """

    def told(path: Path_, reckon: Callable[[float], float], number: float) -> float:
        try:
            return reckon(number)
        except ValueError as error:
            refuse(path, str(error))
            return 1.0

    def said(value: Any, path: Path_, begins: float, before: float) -> Any:
        """`value` with moments counted from the first beat after `begins`, of which `before` is
        the beginning.
        """
        if isinstance(value, list):
            return [said(inner, (*path, k), begins, before) for k, inner in enumerate(value)]
        if not isinstance(value, dict):
            return value
        made = {}
        for key, inner in value.items():
            here = (*path, key)
            time = beats_in(inner) if key in ("at", "blend", "transition") else None
            if time is None:
                made[key] = said(inner, here, begins, before)
            elif key == "at":
                moment = told(here, beats.moment, beats.first(begins) + time.value)
                made[key] = as_seconds(max(moment - before, 0.0))
            else:
                made[key] = as_seconds(told(here, beats.lasting, time.value))
        return made

    def ending(word: Any, path: Path_, begins: float) -> tuple[Any, float]:
        """A length that begins at a moment, without beats, and when it ends."""
        time = beats_in(word)
        if time is None:
            return word, begins + parse_length(word).frame(fps, None) / float(fps)
        ends = told(path, beats.moment, beats.first(begins) + time.value)
        return as_seconds(ends - begins), ends

    rest = {key: value for key, value in tree.items() if key not in ("scenes", "length")}
    made: dict[str, Any] = said(rest, (), 0.0, 0.0)
    if beats_in(tree.get("length")):
        made["length"], _ = ending(tree["length"], ("length",), 0.0)
    elif "length" in tree:
        made["length"] = tree["length"]
    begins, scenes = 0.0, []
    for k, scene in enumerate(tree.get("scenes") or ()):
        length, ends = ending(scene["length"], ("scenes", k, "length"), begins)
        scenes.append(said(scene, ("scenes", k), begins, begins) | {"length": length})
        begins = ends
    ordered = {key: made.get(key) for key in tree}
    return ordered | ({"scenes": scenes} if scenes else {})
