"""How pieces of a collage are drawn, in words: blend mode, mask, shadow, looks."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from dreamer.errors import did_you_mean
from dreamer.recipe.colors import Color
from dreamer.recipe.numbers import Plain, Words, shown

Mode = Literal[
    "normal", "multiply", "screen", "overlay", "soft-light", "difference", "lighten", "darken"
]
Shape = Literal["ellipse", "rounded", "polygon", "feather", "luminance"]
MOST_POINTS = 64
MOST_LOOKS = 8


class Blend(Words):
    """How a piece's colours meet what lies below it."""

    mode: Mode = Field("normal", description="By the formulas of W3C's Compositing and Blending.")
    light: Literal["srgb", "linear"] = Field(
        "srgb", description="Of levels as they are in files, as paint programs do, or of light."
    )


class Mask(Words):
    """Which part of a piece is seen."""

    shape: Shape = Field(
        description="What is cut out; `feather` is all of it with a soft edge, `luminance` what is "
        "light (or dark) in the picture itself."
    )
    feather: Plain = Field(
        0.0, ge=0, le=1, description="How far its edge falls off, as a part of the shorter side."
    )
    corner: Plain = Field(
        0.1, ge=0, le=0.5, description="Radius of `rounded` corners, as a part of that side."
    )
    sides: int = Field(6, ge=3, le=64, description="Of a polygon without points of its own.")
    points: list[tuple[Plain, Plain]] | None = Field(
        None, description="Corners of a polygon, [across, down] as parts of the piece."
    )
    falls: Literal["dark", "light"] = Field(
        "dark", description="Of `luminance`: what falls away, its dark or its light."
    )
    threshold: Plain = Field(
        0.5, ge=0, le=1, description="Of `luminance`: which level is half seen."
    )
    softness: Plain = Field(
        0.2, ge=0, le=1, description="Of `luminance`: levels between all of it and nothing."
    )
    invert: bool = Field(False, description="What would be seen is cut away instead.")

    @field_validator("points", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        if not 3 <= len(value) <= MOST_POINTS:
            raise ValueError(f"expected 3 to {MOST_POINTS} points, not {len(value)}")
        return [tuple(point) if isinstance(point, list) else point for point in value]

    @field_validator("points")
    @classmethod
    def _near(cls, value: list[tuple[float, float]] | None) -> list[tuple[float, float]] | None:
        for point in value or ():
            if not all(-1 <= part <= 2 for part in point):
                raise ValueError(f"corners must be -1 to 2, not [{point[0]:g}, {point[1]:g}]")
        return value

    @model_validator(mode="after")
    def _of_shapes(self) -> Mask:
        for key, shape in OF_SHAPES.items():
            if key in self.model_fields_set and self.shape != shape:
                raise ValueError(f"{key} belongs to shape: {shape}")
        if self.points is not None and "sides" in self.said():
            raise ValueError("sides: a polygon has those of its points; leave one of them out")
        return self


OF_SHAPES = {
    "sides": "polygon",
    "points": "polygon",
    "corner": "rounded",
    "falls": "luminance",
    "threshold": "luminance",
    "softness": "luminance",
}


class Shadow(Words):
    """What a piece casts on what lies below it; lengths are parts of the piece's shorter side."""

    blur: Plain = Field(0.06, ge=0, le=1, description="How soft it is.")
    offset: tuple[Plain, Plain] = Field((0.02, 0.03), description="To the right and down.")
    alpha: Plain = Field(0.5, ge=0, le=1, description="How dark it is.")
    color: Color = Field("black", description="Its colour.")

    @field_validator("offset", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ValueError(f"expected two numbers, not {shown(value)}")
        return tuple(value)

    @field_validator("offset")
    @classmethod
    def _near(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not all(-2 <= part <= 2 for part in value):
            raise ValueError(f"must be -2 to 2, not [{value[0]:g}, {value[1]:g}]")
        return value


class Look(Words):
    """A filter; one of these a mapping, and several in a list, one after the other."""

    kaleidoscope: int | None = Field(None, ge=2, le=64, description="Mirrors about the middle.")
    posterise: int | None = Field(None, ge=2, le=256, description="Levels a channel.")
    bloom: Plain | None = Field(None, ge=0, le=4, description="How much its lights bleed.")
    duotone: list[Color] | None = Field(
        None, description="Two or three colours, for its dark to its light."
    )
    threshold: Plain | Literal["local"] | None = Field(
        None, description="The level above which it is white, else black; or `local`: that around."
    )
    grain: Plain | None = Field(None, ge=0, le=1, description="How strong its grain is.")

    @field_validator("duotone")
    @classmethod
    def _few(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and not 2 <= len(value) <= 3:
            raise ValueError(f"expected two or three colours, not {len(value)}")
        return value

    @field_validator("threshold")
    @classmethod
    def _part(cls, value: float | str | None) -> float | str | None:
        if isinstance(value, float) and not 0 <= value <= 1:
            raise ValueError(f"must be 0 to 1, not {value:g}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value in cls.model_fields:
                raise ValueError(f"{value} needs what it takes: {{{value}: {LIKE[value]}}}")
            near = did_you_mean(value, cls.model_fields)
            raise ValueError(f"expected a mapping like {{posterise: 5}}, not {shown(value)}{near}")
        return value

    @model_validator(mode="after")
    def _one(self) -> Look:
        if len(self.said()) != 1:
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"expected one of {names} in each; a list has several")
        return self

    @property
    def name(self) -> str:
        """Which look it is."""
        (name,) = self.said()
        return name

    @property
    def value(self) -> Any:
        """Its number or words."""
        return getattr(self, self.name)


LIKE = {
    "kaleidoscope": "6",
    "posterise": "5",
    "bloom": "0.4",
    "duotone": "[navy, pink]",
    "threshold": "local",
    "grain": "0.2",
}


class Dressed(Words):
    """What collages and passes of a scatter both say of how pieces are drawn."""

    blend: Blend | None = Field(None, description="How colours meet: a mode's name or a mapping.")
    mask: Mask | None = Field(None, description="Which part is seen: a shape's name or a mapping.")
    shadow: Shadow | None = Field(None, description="What pieces cast: `on`, a mapping, or `off`.")
    looks: list[Look] | None = Field(None, description="Filters of each piece, in turn.")

    @field_validator("blend", mode="before")
    @classmethod
    def _mode(cls, value: Any) -> Any:
        return {"mode": value} if isinstance(value, str) else value

    @field_validator("mask", mode="before")
    @classmethod
    def _shape(cls, value: Any) -> Any:
        return {"shape": value} if isinstance(value, str) else value

    @field_validator("shadow", mode="before")
    @classmethod
    def _cast(cls, value: Any) -> Any:
        if value in ("off", "none", False):
            return Shadow(alpha=0.0)
        return {} if value in ("on", True) else value

    @field_validator("looks", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return listed_looks(value)


def listed_looks(value: Any) -> Any:
    """Looks as a list, where a lone one may stand for it.

    Raises:
        ValueError: too many.
    """
    listed = value if isinstance(value, list) or value is None else [value]
    if listed is not None and len(listed) > MOST_LOOKS:
        raise ValueError(f"expected at most {MOST_LOOKS} looks, not {len(listed)}")
    return listed


MODES: tuple[str, ...] = get_args(Mode)
SHAPES: tuple[str, ...] = get_args(Shape)
