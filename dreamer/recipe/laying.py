"""A collage's layouts in words."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dreamer.errors import did_you_mean
from dreamer.recipe.colors import Color
from dreamer.recipe.dressing import Dressed
from dreamer.recipe.numbers import Plain, Words, shown

MOST_PASSES = 12
Range = tuple[Plain, Plain]


def _range(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = (value, value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"expected a number, or [least, most], not {shown(value)}")
    if not all(isinstance(n, int | float) and math.isfinite(n) for n in value):
        raise ValueError(f"expected two numbers, not [{value[0]}, {value[1]}]")
    if value[0] > value[1]:
        raise ValueError(f"expected the least first, not [{value[0]:g}, {value[1]:g}]")
    return tuple(value)


class Grid(Words):
    """Cells of one size, in rows."""

    columns: int | None = Field(None, ge=1, le=10_000, description="How many beside each other.")
    shape: Plain = Field(1.0, ge=0.05, le=20, description="A cell's width by its height, about.")
    last: Literal["left", "centre", "stretch"] = Field(
        "centre", description="Where an incomplete last row lies; `stretch` fills it."
    )


class Justified(Words):
    """Rows that fill the width, of pictures as they are."""

    row_height: Plain | None = Field(
        None, gt=0, le=1, description="About, as a part of the width; where `size` has no height."
    )
    crop: Plain = Field(
        0.12, ge=0, le=0.5, description="The most that is cut off a picture to fill the height."
    )


class Masonry(Words):
    """Columns of one width, each picture to the shortest."""

    columns: int | None = Field(None, ge=1, le=10_000, description="How many beside each other.")
    crop: Plain = Field(
        0.25, ge=0, le=0.5, description="The most that is cut off a picture to fill the height."
    )


class Treemap(Words):
    """Areas in proportion to `weights`, as square as may be, the heaviest at the top left."""

    shape: Plain = Field(1.0, ge=0.05, le=20, description="An area's width by its height, about.")


class Pass(Dressed):
    """Pieces strewn once over the sheet."""

    count: int | None = Field(
        None, ge=1, le=20_000, description="How many lie; as many as there are pictures."
    )
    placing: Literal["poisson", "random", "jittered"] = Field(
        "poisson",
        description="`poisson` keeps them apart, `jittered` is an even pattern a little disturbed, "
        "`random` lets chance decide.",
    )
    apart: Plain = Field(
        0.9,
        ge=0,
        le=4,
        description="Of `poisson`: how far, if there is room; at 1 squares of their areas touch.",
    )
    size: Range = Field(
        (0.06, 0.42),
        description="[least, most]: a side of a square of a piece's area, as a part of the "
        "sheet's shorter side.",
    )
    sizes: Literal["falling", "uniform", "log"] = Field(
        "falling",
        description="How they are spread: from few large to many small, evenly, or as many of half "
        "the size as of all.",
    )
    turn: Range = Field((-14.0, 14.0), description="Degrees, [least, most], counter-clockwise.")
    alpha: Range = Field((1.0, 1.0), description="How opaque, [least, most].")
    order: Literal["random", "small above", "large above", "given"] = Field(
        "random", description="What lies above."
    )
    where: Literal["everywhere", "middle", "ellipse", "edges"] = Field(
        "everywhere", description="Where in the box they are strewn."
    )
    box: tuple[Plain, Plain, Plain, Plain] = Field(
        (0.0, 0.0, 1.0, 1.0), description="Left, top, right, bottom of it, as parts of the sheet."
    )
    over: Plain = Field(
        0.35, ge=0, le=1, description="How much of a piece may hang over the box's edges."
    )

    _spans = field_validator("size", "turn", "alpha", mode="before")(_range)

    @field_validator("box", mode="before")
    @classmethod
    def _sides(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _bounded(self) -> Pass:
        for key, (least, most) in BOUNDS.items():
            low, high = getattr(self, key)
            if not least <= low <= high <= most:
                raise ValueError(f"{key}: must be {least:g} to {most:g}, not [{low:g}, {high:g}]")
        left, top, right, bottom = self.box
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("box: expected left, top, right, bottom as parts, 0 to 1")
        if self.placing != "poisson" and "apart" in self.said():
            raise ValueError("apart: belongs to placing: poisson")
        return self


BOUNDS = {"size": (0.001, 4), "turn": (-360, 360), "alpha": (0, 1)}


class Scatter(Pass):
    """Pieces strewn over the sheet, once or in several passes, each above the one before."""

    passes: list[Pass] | None = Field(None, description="Several, instead of the one said here.")

    @field_validator("passes", mode="before")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if isinstance(value, list) and not 1 <= len(value) <= MOST_PASSES:
            raise ValueError(f"expected 1 to {MOST_PASSES} of them, not {len(value)}")
        return value

    @model_validator(mode="after")
    def _either(self) -> Scatter:
        if self.passes is not None and self.model_fields_set - {"passes"}:
            said = ", ".join(sorted(self.model_fields_set - {"passes"}))
            raise ValueError(f"passes say it each for themselves; put {said} into them")
        return self

    def each(self) -> list[Pass]:
        """All passes, lowest first."""
        return [self] if self.passes is None else self.passes


class Polaroid(Words):
    """Prints in white frames, loosely on a table."""

    shape: Literal["square", "own"] = Field("square", description="Of the pictures in them.")
    size: Plain | None = Field(
        None,
        ge=0.01,
        le=2,
        description="A print's width, as a part of the sheet's shorter side; what covers it.",
    )
    cover: Plain = Field(
        1.7, ge=0.2, le=10, description="How many lie above each other, where no size is said."
    )
    turn: Plain = Field(9.0, ge=0, le=180, description="Degrees to either side, at most.")
    stray: Plain = Field(
        0.22, ge=0, le=1, description="How far off their rows they lie, as a part of a print."
    )
    color: Color = Field("#f6f4ee", description="The frames' colour.")

    @model_validator(mode="after")
    def _once(self) -> Polaroid:
        if self.size is not None and "cover" in self.said():
            raise ValueError("cover: prints are as large as size says; leave one of them out")
        return self


class Spiral(Words):
    """Pieces along a spiral, the first in the middle."""

    kind: Literal["sunflower", "ribbon"] = Field(
        "sunflower",
        description="Each a golden angle on from the last, or side by side along one arm.",
    )
    growth: Plain = Field(
        0.5, ge=-1.5, le=0.85, description="How they grow outwards; below 0 they shrink."
    )
    fill: Plain = Field(1.2, ge=0.1, le=4, description="Above 1 they overlap a little.")
    follow: bool = Field(True, description="Whether they turn with the spiral.")
    shape: Literal["square", "own"] = Field("own", description="Of the pieces.")


class Contact(Words):
    """Whole pictures on cards, with captions."""

    columns: int | None = Field(None, ge=1, le=10_000, description="How many beside each other.")
    color: Color = Field("white", description="The cards' colour.")


class Mosaic(Words):
    """A picture made of pictures."""

    target: str = Field(description="The picture that is seen from afar.")
    columns: int = Field(80, ge=1, le=2000, description="Pieces beside each other.")
    shape: Plain = Field(1.0, ge=0.05, le=20, description="A cell's width by its height, about.")
    repeat_distance: int | None = Field(
        None,
        ge=0,
        le=100,
        description="A picture is not there again within so many cells; 4, or what there are "
        "pictures enough for.",
    )
    fairness: Plain = Field(
        3.0,
        ge=0,
        le=100,
        description="How much pictures are spared that were shown often, in units of CIE Lab.",
    )
    tint: Plain = Field(
        10.0, ge=0, le=200, description="How far colours may be moved, in units of CIE Lab."
    )


class LayoutWords(Words):
    """Where pieces lie: one of these."""

    grid: Grid | None = Field(None, description="Cells of one size.")
    justified: Justified | None = Field(None, description="Rows of whole pictures.")
    masonry: Masonry | None = Field(None, description="Columns of one width.")
    treemap: Treemap | None = Field(None, description="Areas by `weights`.")
    scatter: Scatter | None = Field(None, description="Strewn over the sheet.")
    polaroid: Polaroid | None = Field(None, description="Prints on a table.")
    spiral: Spiral | None = Field(None, description="Along a spiral.")
    contact: Contact | None = Field(None, description="A contact sheet with captions.")
    mosaic: Mosaic | None = Field(None, description="A picture made of pictures.")

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) == 1:
            (name,) = value
            if name == "mosaic" and not value[name]:
                raise ValueError("mosaic needs the picture it shows: {mosaic: {target: FILE}}")
            if name not in cls.model_fields:
                names = ", ".join(cls.model_fields)
                near = did_you_mean(str(name), cls.model_fields)
                raise ValueError(f"expected one of {names}, not {shown(name)}{near}")
            return {name: {} if value[name] is None else value[name]}
        return value

    @model_validator(mode="after")
    def _one(self) -> LayoutWords:
        if len(self.model_fields_set) != 1:
            found = " and ".join(sorted(self.model_fields_set)) or "none"
            raise ValueError(f"expected one of {', '.join(type(self).model_fields)}; found {found}")
        return self

    @classmethod
    def called(cls, name: str) -> LayoutWords:
        """A layout by its name, all else as it comes."""
        return cls.model_validate({name: {}})

    @property
    def name(self) -> str:
        """Which layout it is."""
        (name,) = self.model_fields_set
        return name

    @property
    def words(self) -> Words:
        """What is said of it."""
        found: Words = getattr(self, self.name)
        return found
