"""The cells of walls and sheets: how large they are, and how many lie beside each other."""

from __future__ import annotations

import math
from fractions import Fraction

LEAST = 16  # pixels of a side


def cell_of(size: tuple[int, int], columns: int, rows: int, gutter: int) -> tuple[int, int]:
    """How large a cell is of so many on `size`."""
    across, down = size
    return (across - gutter * (columns - 1)) // columns, (down - gutter * (rows - 1)) // rows


def best_columns(count: int, aspect: Fraction, size: tuple[int, int], gutter: int) -> int:
    """How many columns make cells of `aspect` largest."""

    def width(columns: int) -> Fraction:
        across, down = cell_of(size, columns, math.ceil(count / columns), gutter)
        return min(Fraction(across), down * aspect)

    return max(range(1, min(count, 40) + 1), key=width)
