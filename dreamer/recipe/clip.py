"""One clip of a compilation: a file, a title, a wall of clips or a sheet of a film's frames, and
the words that each of them has.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dreamer.recipe.joins import Transition, a_length
from dreamer.recipe.lettered import Caption, Color, Height, Lasting, Letters, Style
from dreamer.recipe.numbers import Easing, Plain, Time, Words, shown

MOST_CELLS = 64
MOST_DECODED = 100_000_000  # pixels of films that a wall decodes at once
Fit = Literal["contain", "cover", "blur"]
Pair = tuple[Plain, Plain]
# The words that each kind of clip has beside those that all have.
OF_ALL = ("transition", "caption", "name", "length")
OF_KIND = {
    "file": ("start", "end", "speed", "rates", "fit", "zoom", "center", "ease", "volume"),
    "title": ("subtitle", "color", "background", "size", "style", "font", "fade"),
    "wall": ("columns", "ends", "gutter", "background", "fit", "sound_of"),
    "sheet": ("columns", "every", "gutter", "background", "start", "end"),
}


class Clip(Words):
    """One thing after another in a compilation: a file, a title, a wall of clips or a sheet."""

    file: str | None = Field(
        None,
        min_length=1,
        description="A film, a picture, a render's folder; or a folder or pattern (`*.mp4`) of "
        "them, each of which is a clip.",
    )
    title: Letters | None = Field(None, max_length=400, description="A card of words.")
    wall: list[Clip] | None = Field(
        None, min_length=1, description="Many clips at once, beside and below each other."
    )
    sheet: str | None = Field(
        None, min_length=1, description="A film's frames every so often, on one still."
    )
    name: str | None = Field(None, description="What its chapter is called; a title's own words.")
    transition: Transition | None = Field(
        None, description="How it takes the place of the clip before; as the film says for all."
    )
    caption: list[Caption] | None = Field(None, description="Words over it; one, or a list.")
    length: int | str | None = Field(
        None, description="How long: 3s, or frames. A film's own length; a still's by `still`."
    )
    start: Time = Field("0s", description="A film: where in it to begin.")
    end: Time = Field("end", description="A film: where in it to end.")
    speed: Plain = Field(1.0, ge=0.05, le=20, description="A film: how many times as fast.")
    rates: Literal["nearest", "blend"] | None = Field(
        None, description="A film of another rate; as the film says for all."
    )
    fit: Fit | None = Field(
        None, description="As the film says for all; a still that zooms covers."
    )
    zoom: Plain | Pair | None = Field(
        None, description="A still: it grows by this factor while it is seen, or from one to one."
    )
    center: Pair | tuple[Pair, Pair] | None = Field(
        None,
        description="A still: the place, in widths and heights, that it is seen around; or from "
        "one to another.",
    )
    ease: Easing = Field("in_out_sine", description="How zoom and center go.")
    volume: Plain = Field(1.0, ge=0, le=16, description="A film: how many times as loud.")
    subtitle: str | None = Field(None, max_length=400, description="A title: smaller, below it.")
    color: Color | None = Field(None, description="A title: of its letters.")
    background: Color | None = Field(
        None, description="A title, wall or sheet: what is behind, in a wall's cells too."
    )
    size: Height = Field("10%", description="A title: height of its letters.")
    style: Style = Field(
        "plain",
        description="A title: what sets it off: nothing, a soft shadow, or a dark box behind it.",
    )
    font: str | None = Field(None, description="A title: a font's file; the film's.")
    fade: Lasting = Field("0.5s", description="A title: how long its words come in and go out.")
    columns: int | None = Field(None, ge=1, le=40, description="A wall or sheet: how many.")
    gutter: int = Field(0, ge=0, le=200, description="A wall or sheet: pixels between cells.")
    ends: Literal["hold", "loop", "black"] = Field(
        "hold", description="A wall: what clips do that are shorter than it."
    )
    sound_of: int | Literal["all", "none"] = Field(
        "all",
        description="A wall: which of its clips is heard, 1 for its first; `all`, together as loud "
        "as one; or `none`.",
    )
    every: int | str | None = Field(None, description="A sheet: how far apart, 2s.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"file": value}
        if not isinstance(value, dict):
            raise ValueError(
                f"expected a file, or a mapping like {{title: Dreams}}, not {shown(value)}"
            )
        return value

    @field_validator("sound_of", mode="before")
    @classmethod
    def _heard(cls, value: Any) -> Any:
        if value in ("all", "none") or (type(value) is int and value >= 1):
            return value
        what = "the number of a clip, 1 for the first, or all, or none"
        raise ValueError(f"expected {what}, not {shown(value)}")

    @field_validator("length", "every", mode="before")
    @classmethod
    def _long(cls, value: Any) -> Any:
        return None if value is None else a_length(value)

    @field_validator("caption", mode="before")
    @classmethod
    def _captions(cls, value: Any) -> Any:
        return value if value is None or isinstance(value, list) else [value]

    @field_validator("zoom", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("zoom")
    @classmethod
    def _near(cls, value: float | Pair | None) -> float | Pair | None:
        factors = value if isinstance(value, tuple) else (1.0 if value is None else value,)
        if not all(1 <= factor <= 16 for factor in factors):
            raise ValueError("expected factors from 1 to 16; [1.3, 1] goes away from the picture")
        return value

    @field_validator("center", mode="before")
    @classmethod
    def _places(cls, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(tuple(one) if isinstance(one, list) else one for one in value)
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Clip:
        given = [kind for kind in OF_KIND if getattr(self, kind) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"expected one of {', '.join(OF_KIND)}; found {found}")
        mine = {given[0], *OF_ALL, *OF_KIND[given[0]]}
        for key in sorted(self.model_fields_set - mine):
            owners = " and ".join(kind for kind, keys in OF_KIND.items() if key in keys)
            raise ValueError(f"{key} is of {owners}, and this is a {given[0]}; leave it out")
        return self

    @property
    def kind(self) -> str:
        """`file`, `title`, `wall` or `sheet`."""
        return next(kind for kind in OF_KIND if getattr(self, kind) is not None)
