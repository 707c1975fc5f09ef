"""The numbers of a recipe evaluated for all frames, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dreamer.errors import Problem
from dreamer.recipe.expressions import follows
from dreamer.recipe.facts import Facts
from dreamer.recipe.following import following
from dreamer.recipe.marks import Path_
from dreamer.recipe.numbers import Expression, Keyframes
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.schedules import Clock, Values, values_of


class Range(NamedTuple):
    """What a number may be at any frame; `above` leaves the least value itself out."""

    least: float
    most: float
    above: bool = False

    def refusal(self, value: float) -> str:
        """Why not, or nothing."""
        if value > self.most:
            return f"is above {self.most:g}"
        if value < self.least or (self.above and value == self.least):
            return f"is not above {self.least:g}" if self.above else f"is below {self.least:g}"
        return ""


RANGES: dict[str, Range] = {
    "ascent.octaves": Range(1, 20),
    "ascent.scale": Range(1, 4, above=True),
    "ascent.steps": Range(0, 10_000),
    "ascent.step": Range(0, 1000),
    "ascent.step_end": Range(0, 1000),
    "ascent.persistence": Range(0, 2, above=True),
    "ascent.jitter": Range(0, 512),
    "ascent.falloff": Range(0, 2),
    "ascent.hold": Range(0, 1),
    "ascent.blur": Range(0, 64),
    "ascent.blur_end": Range(0, 64),
    "ascent.variation": Range(0, 1e6),
    "ascent.l1": Range(0, 1e6),
    "ascent.l2": Range(0, 1e6),
    "colors.keep": Range(0, 1),
    "colors.strength": Range(0, 1),
    "follow.keep": Range(0, 1),
    "follow.strength": Range(0, 1),
    "motion.zoom": Range(0, 100, above=True),
    "motion.rotate": Range(-36_000, 36_000),
    "motion.move.0": Range(-100, 100),
    "motion.move.1": Range(-100, 100),
    "motion.center.0": Range(-1, 2),
    "motion.center.1": Range(-1, 2),
    "motion.look_at.0": Range(-10, 10),
    "motion.look_at.1": Range(-10, 10),
    "motion.wobble.move": Range(0, 1),
    "motion.wobble.rotate": Range(0, 180),
    "motion.wobble.zoom": Range(0, 1),
    "weight": Range(-1e6, 1e6),
}


class Reckoning:
    """A recipe being planned: its tracks by name, a value a frame, and what is wrong with it.

    A scene has two clocks: its own, and the `film`'s for what is said for all scenes.
    """

    def __init__(
        self, recipe: Parsed, facts: Facts, clock: Clock, film: Clock | None = None
    ) -> None:
        self.recipe, self.words, self.facts, self.clock = recipe, recipe.words, facts, clock
        self.film = film or clock
        frames = self.film.frames
        lead = recipe.lead if film is None else 0
        self._following = following(recipe, facts, frames, lead)
        # A sound that was said, and that is refused itself: what would follow it is not to blame.
        self._unheard = self._following is None and recipe.sounds
        self.problems: list[Problem] = []
        self.tracks: dict[str, Values] = {}

    def refuse(self, path: Path_, message: str) -> None:
        """Note what is wrong with what was written at `path`."""
        self.problems.append(self.recipe.problem(path, message))

    def clock_of(self, path: Path_) -> Clock:
        """The clock of what stands at `path`."""
        return self.clock if self.recipe.says(path) else self.film

    def signals_of(self, path: Path_) -> Mapping[str, Sequence[float]]:
        """What is heard by the frames of the clock of what stands at `path`: the film's sound goes
        by the film's clock, always.
        """
        if self._following is None:
            return {}
        return self._following.signals(self.film.start - self.clock_of(path).start)

    def track(
        self, name: str, number: Any, path: Path_, known_range: Range, log: bool = False
    ) -> None:
        """Evaluate a number for all frames into `tracks`, refusing what it may not be."""
        self.tracks[name] = (1.0,) * self.clock.count
        if self._unheard and isinstance(number, Expression) and follows(number.expr):
            return
        try:
            found = values_of(number, self.clock_of(path), log, self.signals_of(path))
        except ValueError as error:
            part = "keys" if isinstance(number, Keyframes) else "expr"
            constant = not isinstance(number, Keyframes | Expression)
            self.refuse(path if constant else (*path, part), str(error))
            return
        for offset, value in enumerate(found):
            if why := known_range.refusal(value):
                changing = isinstance(number, Keyframes | Expression)
                frame = self.clock_of(path).frames_since()[offset]
                moment = f" at frame {frame}" if changing else ""
                self.refuse(path, f"{value:g}{moment} {why}")
                return
        self.tracks[name] = found
