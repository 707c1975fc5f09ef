"""A collage whose pieces move about their places: where each lies at every frame of a film, all of
it known before any work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dreamer.dreaming.randomness import fractions
from dreamer.engine.collage_layout import Layout, Placed
from dreamer.errors import Problem, RecipeError
from dreamer.recipe.collage import Moves
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.marks import Path_
from dreamer.recipe.numbers import Expression, Keyframes
from dreamer.recipe.reckoning import Range
from dreamer.recipe.schedules import Clock, Values, values_of

RANGES = {
    ("move", 0): Range(-10, 10),
    ("move", 1): Range(-10, 10),
    ("turn",): Range(-36_000, 36_000),
    ("scale",): Range(0.001, 20),
    ("alpha",): Range(0, 1),
}


@dataclass(frozen=True)
class Course:
    """What moves of one piece: a value a frame of its way to the right and down in widths of the
    sheet, its turn in degrees, and what its size and opacity are multiplied by.
    """

    across: Values
    down: Values
    turn: Values
    scale: Values
    alpha: Values

    @property
    def moves(self) -> bool:
        """Whether it lies elsewhere, or otherwise, at one frame than at another."""
        ways = (self.across, self.down, self.turn, self.scale)
        return any(min(way) != max(way) for way in ways)


def courses(recipe: ParsedCollage, layout: Layout, frames: int) -> tuple[Course, ...]:
    """The courses of all that is placed, over so many frames.

    `piece` goes from 0 for the first piece to 1 for the last in the recipe's order, `chance` is a
    piece's own, by its number alone: one more piece changes no other's.

    Raises:
        RecipeError: an expression that cannot be reckoned, or a value out of range.
    """
    moves = recipe.words.collage.moves or Moves()
    numbers: dict[Path_, float | Keyframes | Expression] = {
        ("move", 0): moves.move[0],
        ("move", 1): moves.move[1],
        ("turn",): moves.turn,
        ("scale",): moves.scale,
        ("alpha",): moves.alpha,
    }
    clock = Clock(0, frames, frames, recipe.fps)
    shared: dict[Path_, Values] = {}
    problems: list[Problem] = []
    order = {number: k for k, number in enumerate(layout.sources)}
    found = []
    for one in layout.placed:
        own = {
            "piece": (order[one.place.number] / max(1, len(order) - 1),) * frames,
            "chance": (_chance(recipe.words.seed, one.place.number, one.place.layer),) * frames,
        }
        values: dict[Path_, Values] = {}
        for path, number in numbers.items():
            if path not in shared:
                try:
                    values[path] = _reckoned(number, clock, own, RANGES[path])
                except ValueError as error:
                    problems.append(recipe.problem(("moves", *path), str(error)))
                    values[path] = (0.0,) * frames
                if not isinstance(number, Expression) or problems:  # the same for all pieces
                    shared[path] = values[path]
            else:
                values[path] = shared[path]
        if problems:
            raise RecipeError(problems)
        found.append(Course(*(values[path] for path in RANGES)))
    return tuple(found)


def _chance(seed: int, number: int, layer: int) -> float:
    return fractions(1, seed, "moves", number, layer)[0]


def _reckoned(
    number: float | Keyframes | Expression,
    clock: Clock,
    own: dict[str, Values],
    known_range: Range,
) -> Values:
    values = values_of(number, clock, False, own)
    for frame, value in enumerate(values):
        if why := known_range.refusal(value):
            moment = "" if isinstance(number, float) else f" at frame {frame}"
            raise ValueError(f"{value:g}{moment} {why}")
    return values


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
