"""The pictures of one part, as a training reads them."""

from __future__ import annotations

from dreamer.learn.listed import Listed
from dreamer.learn.photographs import Parts, of_part, read_squares
from dreamer.learn.split import Part
from dreamer.learn.squares import Squares


def squares_of(found: Listed, side: int, part: Part) -> Squares:
    return read_squares(found, side, of_part(found, Parts(), part)).squares
