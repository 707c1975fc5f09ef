"""Colours as recipes write them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from dreamer.errors import did_you_mean
from dreamer.recipe.numbers import shown

NAMED = {
    "black": "#000000",
    "white": "#ffffff",
    "grey": "#808080",
    "gray": "#808080",
    "red": "#ff0000",
    "green": "#008000",
    "blue": "#0000ff",
    "yellow": "#ffff00",
    "cyan": "#00ffff",
    "magenta": "#ff00ff",
    "orange": "#ffa500",
    "purple": "#800080",
    "brown": "#a52a2a",
    "pink": "#ffc0cb",
    "navy": "#000080",
    "teal": "#008080",
}


def rgb(color: str) -> tuple[float, float, float]:
    """Red, green and blue in [0, 1] of `#203040`, `#234` or a name.

    Raises:
        ValueError: none of these.
    """
    text = NAMED.get(color.lower(), color)
    if re.fullmatch(r"#[0-9a-fA-F]{3}", text):
        text = "#" + "".join(2 * digit for digit in text[1:])
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(
            f"expected a colour like '#203040', not '{color}'{did_you_mean(color, NAMED)}"
        )
    red, green, blue = (int(text[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def _color(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a colour like '#203040', not {shown(value)}")
    rgb(value)
    return value


Color = Annotated[str, BeforeValidator(_color)]
