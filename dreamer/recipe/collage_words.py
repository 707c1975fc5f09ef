"""The words of a collage recipe: pictures put together into one, or into a film."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from dreamer.recipe.collage import Collage, Print
from dreamer.recipe.dressing import Look, listed_looks
from dreamer.recipe.filming import MOST_FRAMES
from dreamer.recipe.numbers import Words, shown
from dreamer.recipe.output import Output
from dreamer.recipe.parts import MOST_PIXELS, MOST_SIDE, Classify
from dreamer.recipe.rates import Rate, parse_fps
from dreamer.recipe.schema import MOST_OUTPUTS
from dreamer.recipe.times import parse_length

DEFAULT_FPS = Fraction(24)


def _size_kind(value: Any) -> str:
    if isinstance(value, dict | Print):
        return Print.tag
    return "‹list›" if isinstance(value, list | tuple) else "‹value›"


Size = Annotated[
    Annotated[tuple[int, int], Tag("‹list›")]
    | Annotated[int, Tag("‹value›")]
    | Annotated[Print, Tag(Print.tag)],
    Discriminator(_size_kind),
]


class CollageRecipe(Words):
    """A collage recipe."""

    title: str = Field("", description="What to call it; a picture's `Title`.")
    seed: int = Field(0, ge=0, description="Decides all chance.")
    size: Size = Field(
        (1600, 1200),
        description="[width, height] in pixels; a width alone, as high as the layout gets; or "
        "{width: 60cm, height: 40cm, dpi: 300}.",
    )
    collage: Collage = Field(description="Which pictures, laid out and drawn how.")
    finish: list[Look] = Field([], description="Filters of the whole, in turn.")
    length: int | str | None = Field(
        None, description="A film's length: 20s or a number of frames. Without it, a picture."
    )
    fps: Rate = Field(None, description="A film's frames a second; 24.")
    output: list[Output] = Field(
        [Output()], description="What is made of a film's frames: a mapping, or a list of them."
    )
    classify: Classify | None = Field(Classify(), description="Label scores; `off` for none.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="What networks compute on.")

    @field_validator("size", mode="before")
    @classmethod
    def _size(cls, value: Any) -> Any:
        if isinstance(value, dict | Print):
            return value
        sides = value if isinstance(value, list | tuple) else [value, 1]
        if len(sides) != 2 or not all(isinstance(n, int) and n is not True for n in sides):
            raise ValueError(
                "expected [width, height] in pixels, a width, or {width: 60cm, height: 40cm, "
                f"dpi: 300}}, not {shown(value)}"
            )
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _bounded(self) -> CollageRecipe:
        width, height = self.sides
        sides = (width, 1 if height is None else height)
        if not all(1 <= side <= MOST_SIDE for side in sides):
            found = width if height is None else f"{width}×{height}"
            raise ValueError(f"size: sides must be 1 to {MOST_SIDE} pixels, not {found}")
        if math.prod(sides) > MOST_PIXELS:
            raise ValueError(f"size: more than {MOST_PIXELS // 10**6} megapixels")
        if self.length is None and (self.collage.moves is not None or self.fps is not None):
            what = "moves" if self.collage.moves is not None else "fps"
            raise ValueError(f"{what} belongs to a film; say length: 10s")
        if self.length is not None and height is None:
            raise ValueError("size: a film needs width and height")
        if (frames := self.frames) is not None and frames > MOST_FRAMES:
            what = f"{frames} frames are more than a film may have, {MOST_FRAMES}"
            raise ValueError(f"length: {what}")
        return self

    @field_validator("finish", mode="before")
    @classmethod
    def _finish(cls, value: Any) -> Any:
        return listed_looks(value)

    @field_validator("length", mode="before")
    @classmethod
    def _length(cls, value: Any) -> Any:
        try:
            time = None if value is None else parse_length(value)
        except ValueError:
            time = None
        if value is not None and (
            time is None or time.unit not in ("s", "frame") or not time.value > 0
        ):
            raise ValueError(f"expected 20s or a number of frames, not {shown(value)}")
        return value

    @field_validator("output", mode="before")
    @classmethod
    def _output(cls, value: Any) -> Any:
        listed = value if isinstance(value, list) else [value]
        if not 1 <= len(listed) <= MOST_OUTPUTS:
            raise ValueError(f"expected 1 to {MOST_OUTPUTS} outputs, not {len(listed)}")
        return listed

    @field_validator("classify", mode="before")
    @classmethod
    def _classify(cls, value: Any) -> Any:
        return None if value in ("off", False) else value

    @property
    def rate(self) -> Fraction:
        """A film's frames a second."""
        return DEFAULT_FPS if self.fps is None else parse_fps(self.fps)

    @property
    def frames(self) -> int | None:
        """How many frames a film has; None of a picture."""
        if self.length is None:
            return None
        return max(1, round(parse_length(self.length).frame(self.rate, None)))

    @property
    def sides(self) -> tuple[int, int | None]:
        """(width, height) in pixels; no height where the layout decides it."""
        if isinstance(self.size, Print):
            return self.size.pixels()
        return (self.size, None) if isinstance(self.size, int) else self.size
