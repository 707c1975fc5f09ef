"""What a layout's words may be, and the one place where they are checked: each layout says its own
in a table, so that whoever reads recipes can be held to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Number:
    """From `least` to `most`; a `whole` one; `optional`: or None, and the layout chooses."""

    least: float
    most: float
    whole: bool = False
    optional: bool = False

    def expected(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.least:g} to {self.most:g}"

    def fits(self, value: Any) -> bool:
        if value is None:
            return self.optional
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return math.isfinite(value) and self.least <= value <= self.most


@dataclass(frozen=True)
class Span:
    """Two numbers from `least` to `most`, the lower one first."""

    least: float
    most: float

    def expected(self) -> str:
        return f"two numbers from {self.least:g} to {self.most:g}, the lower first"

    def fits(self, value: Any) -> bool:
        number = Number(self.least, self.most)
        pair = isinstance(value, tuple | list) and len(value) == 2
        return pair and all(map(number.fits, value)) and value[0] <= value[1]


@dataclass(frozen=True)
class OneOf:
    """One of some words."""

    names: tuple[str, ...]

    def expected(self) -> str:
        return " or ".join(self.names)

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.names


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def expected(self) -> str:
        return "true or false"

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True)
class Text:
    """Any words that are not empty."""

    def expected(self) -> str:
        return "words"

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and bool(value)


@dataclass(frozen=True)
class Part:
    """A part of the sheet: left, top, right, bottom as parts of its width and height."""

    def expected(self) -> str:
        return "left, top, right, bottom from 0 to 1, each smaller than its other side"

    def fits(self, value: Any) -> bool:
        number = Number(0, 1)
        if not isinstance(value, tuple | list) or len(value) != 4:
            return False
        return all(map(number.fits, value)) and value[0] < value[2] and value[1] < value[3]


Word = Number | Span | OneOf | Flag | Text | Part
Words = Mapping[str, Word]


def check(layout: str, words: Words, given: Mapping[str, Any]) -> None:
    """Nothing, if every word that is given fits.

    Raises:
        ValueError: one that does not; says what was expected.
    """
    for name, value in given.items():
        if not words[name].fits(value):
            raise ValueError(f"{layout}: {name}: expected {words[name].expected()}, not {value!r}")
