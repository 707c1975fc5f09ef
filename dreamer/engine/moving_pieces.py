"""A collage whose pieces move about their places: where each lies at every frame of a film.

What all pieces share is reckoned once, and what each has of its own a block of frames at a time, so
that neither a long film nor many pieces fill the memory. All of it is looked at before any work, or
blocks from beginning to end, where all of it would take minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload

from dreamer.dreaming.randomness import fractions
from dreamer.engine.collage_layout import Layout, Placed
from dreamer.errors import Problem, RecipeError
from dreamer.recipe.collage import Moves
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.marks import Path_
from dreamer.recipe.numbers import Expression, Keyframes
from dreamer.recipe.reckoning import Range
from dreamer.recipe.schedules import Clock, Values, values_of

BLOCK = 256  # frames that are reckoned at once, at most
MOST_KEPT = 500_000  # values of all pieces that are kept at once
MOST_CHECKED = 500_000  # values of pieces' own that are looked at before any work
Reckonable = float | Keyframes | Expression
Says = Callable[[str], Problem]
RANGES: dict[Path_, Range] = {
    ("move", 0): Range(-10, 10),
    ("move", 1): Range(-10, 10),
    ("turn",): Range(-36_000, 36_000),
    ("scale",): Range(0.001, 20),
    ("alpha",): Range(0, 1),
}


class Track(Sequence[float]):
    """A number's value at each of a film's frames, reckoned a block at a time as it is asked for.

    Asking raises a RecipeError where a value cannot be reckoned, or is out of range.
    """

    def __init__(
        self, number: Reckonable, film: Clock, known_range: Range, problem: Says, block: int
    ) -> None:
        self._number, self._film, self._range = number, film, known_range
        self._problem, self._block = problem, block
        self._at, self._values = -1, Values()

    def __len__(self) -> int:
        return self._film.count

    @overload
    def __getitem__(self, frame: int) -> float: ...
    @overload
    def __getitem__(self, frame: slice) -> Sequence[float]: ...
    def __getitem__(self, frame: int | slice) -> float | Sequence[float]:
        if isinstance(frame, slice):
            return [self[k] for k in range(*frame.indices(len(self)))]
        if frame < 0:
            frame += len(self)
        if not 0 <= frame < len(self):
            raise IndexError(frame)
        at, place = divmod(frame, self._block)
        if at != self._at:
            self._values, self._at = self._reckoned(at), at
        return self._values[place]

    def _reckoned(self, at: int) -> Values:
        start = at * self._block
        count = min(self._block, len(self) - start)
        try:
            values = values_of(self._number, replace(self._film, start=start, count=count))
            for frame, value in enumerate(values, start):
                if why := self._range.refusal(value):
                    moment = "" if isinstance(self._number, float) else f" at frame {frame}"
                    raise ValueError(f"{value:g}{moment} {why}")
        except ValueError as error:
            raise RecipeError([self._problem(str(error))]) from error
        return values

    @cached_property
    def changes(self) -> bool:
        """Whether it has another value at one frame than at another."""
        first = self[0]
        return not isinstance(self._number, float) and any(value != first for value in self)

    def check(self, every: int) -> None:
        """Reckon every so many blocks, and the last one."""
        for frame in (*range(0, len(self), self._block * every), len(self) - 1):
            self[frame]


@dataclass(frozen=True)
class Course:
    """What moves of one piece: a value a frame of its way to the right and down in widths of the
    sheet, its turn in degrees, and what its size and opacity are multiplied by.
    """

    across: Sequence[float]
    down: Sequence[float]
    turn: Sequence[float]
    scale: Sequence[float]
    alpha: Sequence[float]

    @property
    def moves(self) -> bool:
        """Whether it lies elsewhere, or otherwise, at one frame than at another."""
        return any(map(_changes, (self.across, self.down, self.turn, self.scale)))


def _changes(way: Sequence[float]) -> bool:
    return way.changes if isinstance(way, Track) else any(value != way[0] for value in way)


def courses(recipe: ParsedCollage, layout: Layout, frames: int) -> tuple[Course, ...]:
    """The courses of all that is placed, over so many frames.

    `piece` goes from 0 for the first piece to 1 for the last in the recipe's order, `chance` is a
    piece's own, by its number alone: one more piece changes no other's.

    Raises:
        RecipeError: an expression that cannot be reckoned, or a value out of range; where pieces
            have more values of their own than are looked at, it may come from a course as well.
    """
    moves = recipe.words.collage.moves or Moves()
    numbers: dict[Path_, Reckonable] = {
        ("move", 0): moves.move[0],
        ("move", 1): moves.move[1],
        ("turn",): moves.turn,
        ("scale",): moves.scale,
        ("alpha",): moves.alpha,
    }
    film = Clock(0, frames, frames, recipe.fps)
    own = {path for path, number in numbers.items() if _of_each(number)}
    pieces = max(1, len(layout.placed))
    block = max(1, min(BLOCK, MOST_KEPT // (pieces * max(1, len(own)))))

    def track(path: Path_, number: Reckonable) -> Track:
        def problem(message: str) -> Problem:
            return recipe.problem(("moves", *path), message)

        return Track(number, film, RANGES[path], problem, block if path in own else BLOCK)

    nobody = {"piece": 0.0, "chance": 0.0}  # names that may be meant, and are not said
    shared = {p: track(p, _knowing(n, nobody)) for p, n in numbers.items() if p not in own}
    _check(shared.values(), 1)
    every = -(-pieces * len(own) * frames // MOST_CHECKED)
    order = {number: k for k, number in enumerate(layout.sources)}
    found = []
    for one in layout.placed:
        known = {
            "piece": order[one.place.number] / max(1, len(order) - 1),
            "chance": _chance(recipe.words.seed, one.place.number, one.place.layer),
        }
        tracks = {path: track(path, _knowing(numbers[path], known)) for path in own}
        _check(tracks.values(), every)
        found.append(Course(*({**shared, **tracks}[path] for path in RANGES)))
    return tuple(found)


def _check(tracks: Iterable[Track], every: int) -> None:
    """Look at all of `tracks`, and say what is wrong with any."""
    problems: list[Problem] = []
    for one in tracks:
        try:
            one.check(every)
        except RecipeError as error:
            problems += error.problems
    if problems:
        raise RecipeError(problems)


def _of_each(number: Reckonable) -> bool:
    """Whether pieces may each have another value, at one frame."""
    names = re.findall(r"[A-Za-z_]\w*", number.expr) if isinstance(number, Expression) else ()
    return not {"piece", "chance"}.isdisjoint(names)


def _knowing(number: Reckonable, known: dict[str, float]) -> Reckonable:
    """A number that knows of a piece what is `known`, if it is an expression."""
    if not isinstance(number, Expression):
        return number
    return number.model_copy(update={"vars": known | number.vars})


def _chance(seed: int, number: int, layer: int) -> float:
    return fractions(1, seed, "moves", number, layer)[0]


def at_frame(layout: Layout, moving: Sequence[Course], frame: int) -> tuple[Placed, ...]:
    """What is placed in `layout`, where it is at `frame`."""
    width = layout.size[0]
    found = []
    for one, course in zip(layout.placed, moving, strict=True):
        place = one.place.scaled(course.scale[frame])
        moved = replace(
            place,
            x=one.place.x + course.across[frame] * width,
            y=one.place.y + course.down[frame] * width,
            turn=one.place.turn + course.turn[frame],
            alpha=one.place.alpha * course.alpha[frame],
        )
        found.append(replace(one, place=moved))
    return tuple(found)
