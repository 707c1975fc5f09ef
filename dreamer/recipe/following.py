"""How a film's numbers follow its sound: signals as values by the film's frame.

A signal at a frame is what is heard at that frame's moment, by the sound's own clock: other frames
a second, a longer film, a scene's own moments change nothing. Before the sound and after it all is
silence, and 0. Frames that are rendered before the first one that is shown, for the end to fade
into, hear what is heard at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

from dreamer.recipe.beats import Beats, beats_in_film
from dreamer.recipe.clip_times import heard_from
from dreamer.recipe.facts import ClipFacts, Facts, HeardFacts, SoundFacts
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sound import seconds_of


@dataclass(frozen=True)
class Following:
    """The sound of a film as its numbers follow it.

    Args:
        heard: what is heard in the file.
        seconds: how long that is.
        start: where in the file it begins.
        offset: when in the film.
        fps: the film's frames a second.
        lead: its frames before the first one that is shown.
        frames: how many there are, those included; None: endless.
    """

    heard: HeardFacts
    seconds: float
    start: float
    offset: float
    fps: Fraction
    lead: int
    frames: int | None

    @property
    def beats(self) -> Beats:
        """In seconds of what the film shows."""
        return beats_in_film(self.heard.beats, self.seconds, self.start, self.offset)

    def moment(self, frame: int) -> float:
        """The second of what the film shows that `frame` is at."""
        shown = frame - self.lead
        if shown < 0 and self.frames is not None:
            shown += self.frames - self.lead
        return float(shown / self.fps)

    def signals(self, shift: int = 0) -> dict[str, Sequence[float]]:
        """All signals by name, a value a frame; `shift` is the film's frame that the frames are
        counted from.
        """
        beats = self.beats
        found: dict[str, Sequence[float]] = {}
        for name, values in self.heard.envelopes.items():
            found[name] = _Signal(self._followed(values), shift)
        found["beat"] = _Signal(lambda frame: self._pulse(beats, frame), shift)
        found["beats"] = _Signal(lambda frame: self._count(beats, frame), shift)
        return found

    def _in_file(self, frame: int) -> float | None:
        """The second of the file that is heard at a frame, if any is."""
        since = self.moment(frame) - self.offset
        inside = since >= 0 and self.start + since < self.seconds
        return self.start + since if inside else None

    def _followed(self, values: Sequence[float]) -> Callable[[int], float]:
        def at(frame: int) -> float:
            second = self._in_file(frame)
            if second is None:
                return 0.0
            place = min(second * self.heard.rate, len(values) - 1.0)
            k = math.floor(place)
            after = values[min(k + 1, len(values) - 1)]
            return float(values[k] + (after - values[k]) * (place - k))

        return at

    def _pulse(self, beats: Beats, frame: int) -> float:
        """What falls from 1 to 0 from each beat to the next, fast at first."""
        if self._in_file(frame) is None or len(beats.moments) < 2:
            return 0.0
        position = beats.position(self.moment(frame))
        if position < 0 or position >= len(beats.moments):
            return 0.0
        return (1 - position % 1) ** 2

    def _count(self, beats: Beats, frame: int) -> float:
        if len(beats.moments) < 2:
            return 0.0
        return min(max(beats.position(self.moment(frame)), 0.0), float(len(beats.moments)))


class _Signal(Sequence[float]):
    """A signal by frame, reckoned when it is asked for: an endless film has no last one."""

    def __init__(self, value: Callable[[int], float], shift: int) -> None:
        self._value, self._shift = value, shift

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[float]: ...
    def __getitem__(self, index: int | slice) -> float | Sequence[float]:
        if isinstance(index, slice):
            raise TypeError("a signal is asked for frame by frame")
        return self._value(index + self._shift)

    def __len__(self) -> int:
        return 2**31  # frames that nobody counts


def following(recipe: Parsed, facts: Facts, frames: int | None, lead: int = 0) -> Following | None:
    """What numbers of `recipe` follow, where it has a sound that was listened to."""
    words, path = recipe.words.sound, recipe.sound()
    found = None if path is None else facts.sounds.get(path)
    if words is None or not isinstance(found, SoundFacts) or found.heard is None:
        return None
    try:
        start = heard_from(recipe, facts.clip if isinstance(facts.clip, ClipFacts) else None)
    except ValueError:  # which planning refuses
        return None
    offset = seconds_of(words.offset)
    return Following(found.heard, found.seconds, start, offset, recipe.fps, lead, frames)


def beats_of(
    recipe: Parsed, heard: Sequence[float], seconds: float, clip: ClipFacts | None = None
) -> Beats:
    """The beats `heard` in the file of `seconds` that is the sound of `recipe`, in its film; `clip`
    is what that is dreamt on.

    Raises:
        ValueError: its part of `clip` is none.
    """
    words = recipe.words.sound
    offset = 0.0 if words is None else seconds_of(words.offset)
    return beats_in_film(heard, seconds, heard_from(recipe, clip), offset)


def drawn_signals(found: Following, frames: int) -> Mapping[str, tuple[float, ...]]:
    """The envelopes over `frames` frames, to be looked at."""
    signals = found.signals()
    return {name: tuple(signals[name][k] for k in range(frames)) for name in found.heard.envelopes}
