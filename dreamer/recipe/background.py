"""What lies below all pieces of a collage: what is said, or else what suits the way in which they
are mixed, for on some colours some ways of mixing leave nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field, model_validator

from dreamer.recipe.colors import Color
from dreamer.recipe.dressing import Blend
from dreamer.recipe.numbers import Words

# On these a piece looks as it is, or (soft-light) loses least: white takes nothing from what is
# multiplied, black adds nothing to what is screened. Of all else black is what one expects.
LEAVES_ALL = {"multiply": "white", "darken": "white", "overlay": "grey", "soft-light": "grey"}
HALF_LIGHT = "#bbbbbb"  # grey of light; a level more would lighten all that is dark


class Background(Words):
    """What lies below all pieces."""

    color: Color | None = Field(None, description="One colour.")
    image: str | None = Field(None, description="A picture, cropped to the sheet's shape.")
    transparent: bool = Field(False, description="Nothing: what no piece covers is see-through.")

    @model_validator(mode="after")
    def _one(self) -> Background:
        if (self.color is not None) + (self.image is not None) + self.transparent != 1:
            raise ValueError("expected one of color, image, transparent")
        return self


def background_of(blends: Iterable[Blend]) -> Background:
    """The background of pieces that are mixed so, lowest first: the first that is not `normal`
    decides.
    """
    mixed = next((one for one in blends if one.mode != "normal"), Blend())
    color = LEAVES_ALL.get(mixed.mode, "black")
    return Background(color=HALF_LIGHT if (color, mixed.light) == ("grey", "linear") else color)
