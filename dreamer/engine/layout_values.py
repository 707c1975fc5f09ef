"""Values of a layout.json, which anybody may have changed: each held to what can be drawn, so that
nothing in it ends a drawing half way, or takes all the memory there is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dreamer.draw.layouts.placement import Box, Frame
from dreamer.errors import did_you_mean
from dreamer.recipe.colors import rgb
from dreamer.recipe.numbers import shown
from dreamer.recipe.parts import MOST_PIXELS, MOST_SIDE

MOST_FAR = 1e7  # pixels from the sheet's corner
MOST_LONG = 1e6  # pixels of a piece's side
LEAST_LONG = 1e-4
LEAST_PART = 1e-6  # of a picture that is shown
DPI = (10.0, 2400.0)  # as of a recipe's size
MOST_TURN = 1e6  # degrees
MOST_TINT = 300.0  # in units of CIE Lab
MOST_LETTERS = 1000
MOST_WHOLE = 2**63 - 1
RANGES = {
    "x": (-MOST_FAR, MOST_FAR),
    "y": (-MOST_FAR, MOST_FAR),
    "width": (LEAST_LONG, MOST_LONG),
    "height": (LEAST_LONG, MOST_LONG),
    "turn": (-MOST_TURN, MOST_TURN),
    "alpha": (0.0, 1.0),
}
BORDERS = ("left", "top", "right", "bottom")
HIGH = 10000  # times its width, at most, the lowest part of a frame that words stand in


def number(key: str, value: Any, least: float, most: float) -> float:
    """`value` as a number from `least` to `most`.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key}: expected a number, not {shown(value)}")
    if not least <= value <= most:  # which NaN is not
        raise ValueError(f"{key}: must be {least:g} to {most:g}, not {shown(value)}")
    return float(value)


def whole(key: str, value: Any, least: int, most: int = MOST_WHOLE) -> int:
    """`value` as a whole number from `least` to `most`.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{key}: expected a whole number, not {shown(value)}")
    if not least <= value <= most:
        range_ = f"at least {least}" if most == MOST_WHOLE > value else f"{least} to {most}"
        raise ValueError(f"{key}: must be {range_}, not {shown(value)}")
    return value


def text(key: str, value: Any, most: int = MOST_LETTERS) -> str:
    """`value` as at most so many letters.

    Raises:
        ValueError: it is none, too long, or has letters that no file's name has.
    """
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected words, not {shown(value)}")
    if len(value) > most:
        raise ValueError(f"{key}: has {len(value)} letters; at most {most}")
    if "\0" in value:
        raise ValueError(f"{key}: has a letter that nothing is called by")
    return value


def listed(key: str, value: Any, count: int, least: float, most: float) -> tuple[float, ...]:
    """`value` as so many numbers from `least` to `most`.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{key}: expected {count} numbers, not {shown(value)}")
    return tuple(number(key, one, least, most) for one in value)


def size(value: Any) -> tuple[int, int]:
    """A sheet's (width, height) in pixels.

    Raises:
        ValueError: none that can be drawn.
    """
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"expected [width, height] in pixels, not {shown(value)}")
    width, height = (whole(key, n, 1) for key, n in zip(("width", "height"), value, strict=True))
    if too_large := beyond(width, height):
        raise ValueError(too_large)
    return width, height


def beyond(width: int, height: int) -> str:
    """Why a sheet cannot be so large, or nothing."""
    if max(width, height) > MOST_SIDE:
        return f"sides must be 1 to {MOST_SIDE} pixels, not {shown(width)}×{shown(height)}"
    if width * height > MOST_PIXELS:
        return f"{width}×{height} is more than {MOST_PIXELS // 10**6} megapixels"
    return ""


def crop(value: Any) -> Box:
    """Left, top, right, bottom of what is shown of a picture, as parts of it.

    Raises:
        ValueError: nothing is, or more than there is.
    """
    left, top, right, bottom = listed("crop", value, 4, 0, 1)
    if not (right - left > LEAST_PART / 2 and bottom - top > LEAST_PART / 2):
        raise ValueError(f"crop: expected left, top, right, bottom as parts, not {value}")
    return left, top, right, bottom


def frame(value: Any, width: float, height: float, caption: str) -> Frame:
    """The border of a piece of `width` × `height` pixels that has a `caption`.

    Raises:
        ValueError: none that fits.
    """
    if not isinstance(value, dict):
        raise ValueError(f"frame: expected a mapping, not {shown(value)}")
    known = [field.name for field in fields(Frame)]
    for key in value:
        if key not in known:
            raise ValueError(f"frame: unknown key '{key}'{did_you_mean(key, known)}")
    sides = {key: _border(key, value, width, height) for key in BORDERS}
    foot = None if value.get("foot") is None else _border("foot", value, width, height)
    if caption and (sides["bottom"] if foot is None else foot) > HIGH * width:
        key = "bottom" if foot is None else "foot"
        raise ValueError(f"frame.{key}: at most {HIGH} widths of the piece, as it has a caption")
    return Frame(**sides, color=_color(value.get("color", "white")), foot=foot)


def _border(key: str, said: Mapping[str, Any], width: float, height: float) -> float:
    if key not in said:
        raise ValueError(f"frame.{key} is missing")
    side = width if key in ("left", "right") else height
    return number(f"frame.{key}", said[key], 0, math.ceil(side))


def _color(value: Any) -> str:
    try:
        rgb(text("frame.color", value))
    except ValueError as error:
        raise ValueError(f"frame.color: {str(error).removeprefix('frame.color: ')}") from None
    return str(value)
