"""A collage's layouts in words."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dreamer.errors import did_you_mean
from dreamer.recipe.dressing import Dressed
from dreamer.recipe.numbers import Plain, Words, shown

Range = tuple[Plain, Plain]


def _range(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (value, value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"expected a number, or [least, most], not {shown(value)}")
    if all(isinstance(n, int | float) for n in value) and value[0] > value[1]:
        raise ValueError(f"expected the least first, not [{value[0]:g}, {value[1]:g}]")
    return tuple(value)


class Grid(Words):
    """Cells of one size, in rows."""

    columns: int | None = Field(None, ge=1, le=1000, description="How many beside each other.")
    last: Literal["left", "centre", "stretch"] = Field(
        "centre", description="Where an incomplete last row lies; `stretch` fills it."
    )


class Justified(Words):
    """Rows of whole pictures that fill the width."""

    row: Plain | None = Field(
        None, gt=0, le=1, description="How high a row is, as a part of the sheet's width."
    )


class Masonry(Words):
    """Columns of one width, each picture to the shortest."""

    columns: int | None = Field(None, ge=1, le=1000, description="How many beside each other.")


class Treemap(Words):
    """Areas in proportion to `weights`, as square as may be."""


class Pass(Dressed):
    """Pieces strewn once over the sheet."""

    count: int | None = Field(
        None, ge=1, le=20_000, description="How many lie; as many as there are pictures."
    )
    placing: Literal["poisson", "random", "jittered"] = Field(
        "poisson",
        description="`poisson` keeps them apart, `jittered` in cells, `random` lets chance decide.",
    )
    scale: tuple[Plain, Plain] | None = Field(
        None, description="Their longer side, [least, most], as parts of the sheet's shorter side."
    )
    turn: tuple[Plain, Plain] = Field((-25.0, 25.0), description="Degrees, [least, most].")
    alpha: tuple[Plain, Plain] = Field((1.0, 1.0), description="How opaque, [least, most].")
    z: Literal["random", "size", "number"] = Field(
        "random", description="What lies above: chance, smaller on larger, or later on earlier."
    )
    where: Literal["whole", "middle", "around", "ellipse", "band"] = Field(
        "whole", description="Which part of the sheet they are strewn on."
    )
    over: Plain = Field(
        0.3, ge=0, le=1, description="How much of a piece may hang over the sheet's edge."
    )

    _ranges = field_validator("scale", "turn", "alpha", mode="before")(
        lambda value: None if value is None else _range(value)
    )

    @field_validator("alpha")
    @classmethod
    def _part(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 <= value[0] <= value[1] <= 1:
            raise ValueError(f"must be 0 to 1, not [{value[0]:g}, {value[1]:g}]")
        return value

    @field_validator("scale")
    @classmethod
    def _size(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 0 < value[0] <= value[1] <= 4:
            raise ValueError(f"must be above 0 to 4, not [{value[0]:g}, {value[1]:g}]")
        return value


class Scatter(Pass):
    """Pieces strewn over the sheet, once or in several passes, each above the one before."""

    passes: list[Pass] | None = Field(
        None, min_length=1, max_length=12, description="Several, instead of the one said here."
    )

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

    side: Plain | None = Field(
        None, gt=0, le=1, description="A print's width, as a part of the sheet's shorter side."
    )
    turn: Plain = Field(9.0, ge=0, le=180, description="Degrees to either side.")


class Spiral(Words):
    """Pieces along a spiral from the middle."""

    kind: Literal["golden", "archimedean"] = Field(
        "golden", description="By the golden angle, as seeds in a sunflower, or along one arm."
    )
    grow: Plain = Field(
        1.0, ge=-3, le=3, description="How much larger outside than inside; below 0, smaller."
    )
    turn: bool = Field(False, description="Whether pieces turn with the spiral.")


class Contact(Words):
    """Whole pictures with captions, in cells."""

    columns: int | None = Field(None, ge=1, le=1000, description="How many beside each other.")


class Mosaic(Words):
    """A picture made of pictures."""

    target: str = Field(description="The picture that is seen from afar.")
    columns: int = Field(80, ge=1, le=1000, description="Pieces beside each other.")
    aspect: Plain = Field(1.0, gt=0.1, le=10, description="A piece's width by its height.")
    repeat_distance: int = Field(
        3, ge=0, le=100, description="No picture is there twice within so many pieces."
    )
    fairness: Plain = Field(
        0.2, ge=0, le=10, description="How much pictures are spared that were used already."
    )
    tint: Plain = Field(
        12.0, ge=0, le=100, description="How far colours may be changed, in units of CIE Lab."
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
