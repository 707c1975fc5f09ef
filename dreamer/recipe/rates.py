"""Frames a second."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator

from dreamer.recipe.numbers import shown

_FPS = re.compile(r"\d{1,9}(?:\.\d{1,17})?|\d{1,9}/\d{1,9}", re.ASCII)


def parse_fps(value: Any) -> Fraction:
    """Frames a second as a fraction: 24, 23.976, "24000/1001".

    Raises:
        ValueError: none of these, or outside 1 to 240.
    """
    # Not every word goes to Fraction: it would unfold '1e999999999' into that many digits.
    if isinstance(value, bool) or not _FPS.fullmatch(str(value)) or str(value).endswith("/0"):
        raise ValueError(f"expected frames a second like 24 or 24000/1001, not {shown(value)}")
    fps = Fraction(str(value)).limit_denominator(100_000)
    if not 1 <= fps <= 240:
        raise ValueError(f"expected 1 to 240 frames a second, not {shown(value)}")
    return fps


def _checked(value: Any) -> Any:
    if value is not None:
        parse_fps(value)
    return value


# Frames a second as a recipe writes them, kept as they were written.
Rate = Annotated[int | float | str | None, BeforeValidator(_checked)]
