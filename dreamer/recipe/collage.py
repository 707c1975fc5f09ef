"""A collage's words: which pictures, in which order, laid out how and drawn how."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from dreamer.recipe.background import Background, background_of
from dreamer.recipe.dressing import Blend, Dressed
from dreamer.recipe.laying import LayoutWords, Scatter
from dreamer.recipe.numbers import Number, Plain, Words, shown
from dreamer.recipe.targets import NetworkWord

MOST_INPUTS = 10_000
MOST_PIECES = 20_000
Key = Literal["given", "name", "date", "colour", "lightness", "size", "score", "chance"]


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a date like 2024-12-31, not {shown(value)}")
    try:
        same = datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        same = False
    if not same:
        raise ValueError(f"expected a date like 2024-12-31, not {shown(value)}")
    return value


def _day(word: str) -> datetime.date:
    return datetime.date.fromisoformat(word)


Date = Annotated[str, BeforeValidator(_date)]


class Taken(Words):
    """Pictures that a collage takes."""

    folder: str | None = Field(None, description="All pictures in a folder and those inside it.")
    files: str | None = Field(None, description="A picture, or a pattern of names: `art/*.png`.")
    render: str | None = Field(
        None,
        description="What another recipe made: its file, if its render is in its default place, or "
        "the render's folder; of a film its middle frame.",
    )
    weight: Plain = Field(1.0, ge=0, le=1e9, description="Its share, for `weights: given`.")
    caption: str | None = Field(None, max_length=200, description="Words for it.")

    @model_validator(mode="after")
    def _one(self) -> Taken:
        if sum(one is not None for one in (self.folder, self.files, self.render)) != 1:
            raise ValueError("expected one of folder, files, render")
        return self

    @property
    def key(self) -> Literal["folder", "files", "render"]:
        """Which of the keys names it."""
        if self.folder is not None:
            return "folder"
        return "files" if self.files is not None else "render"

    @property
    def place(self) -> str:
        """What was named."""
        return str(getattr(self, self.key))


class Only(Words):
    """What of them stays: whatever fits all of this."""

    name: str | None = Field(None, description="A pattern of file names: `*cat*`.")
    newer: Date | None = Field(None, description="Changed on this day or later: 2024-12-31.")
    older: Date | None = Field(None, description="Changed before this day.")
    larger: int | None = Field(None, ge=1, description="Its shorter side in pixels, or more.")
    class_: str | None = Field(
        None, alias="class", description="A class, group or sum; the collage's own."
    )
    above: Plain | None = Field(None, ge=0, le=1, description="Its score, or more.")
    below: Plain | None = Field(None, ge=0, le=1, description="Less than this score.")

    @model_validator(mode="after")
    def _something(self) -> Only:
        if not self.said():
            raise ValueError("expected what stays, as in {class: daisy, above: 0.3}")
        if self.class_ is not None and self.above is None and self.below is None:
            raise ValueError("class needs above or below, a score of 0 to 1")
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise ValueError(f"above: no score is {self.above:g} or more and below {self.below:g}")
        if (
            self.newer is not None
            and self.older is not None
            and _day(self.newer) >= _day(self.older)
        ):
            raise ValueError(f"newer: no day is {self.newer} or later and before {self.older}")
        return self

    @property
    def scored(self) -> bool:
        """Whether scores decide it."""
        return self.above is not None or self.below is not None


class Sort(Words):
    """In which order pictures come."""

    by: Key = Field(
        description="What decides it; `colour` goes by hue, greys first, `chance` by the seed."
    )
    class_: str | None = Field(
        None, alias="class", description="Of `score`: which; the collage's own."
    )
    reverse: bool = Field(
        False, description="The other way round; scores and sizes begin with the highest."
    )

    @model_validator(mode="after")
    def _of_scores(self) -> Sort:
        if self.class_ is not None and self.by != "score":
            raise ValueError("class belongs to by: score")
        return self


class Moves(Words):
    """How pieces move about their places, in a film. Beside the names of all expressions there are
    `piece` (0 for the first to 1 for the last) and `chance` (0 to 1, each piece's own).
    """

    move: tuple[Number, Number] = Field(
        (0.0, 0.0), description="How far to the right and down, in widths of the sheet."
    )
    turn: Number = Field(0.0, description="Degrees, counter-clockwise.")
    scale: Number = Field(1.0, description="Times its size.")
    alpha: Number = Field(1.0, description="Times its opacity.")

    @field_validator("move", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ValueError(f"expected two numbers, not {shown(value)}")
        return tuple(value)


class Collage(Dressed):
    """A collage."""

    tag = "‹mapping›"
    pictures: list[Taken] = Field(
        description="Files, folders, patterns, other recipes' renders: words or mappings.",
    )
    only: list[Only] | None = Field(
        None, description="What of them stays: a mapping, or a list of which one must fit."
    )
    sort: Sort = Field(Sort(by="given"), description="Their order: a word, or a mapping.")
    limit: int | None = Field(
        None, ge=1, le=MOST_PIECES, description="How many of them at most, the first ones."
    )
    duplicates: Literal["drop", "keep"] = Field(
        "drop", description="What is done with files that are another's copy, byte for byte."
    )
    keep: str | None = Field(
        None,
        description="An earlier collage (its folder or layout.json): what it has comes first, in "
        "its order, so that new pictures move none of it.",
    )
    class_: str | None = Field(
        None, alias="class", description="The class, group or sum that scores are of."
    )
    network: NetworkWord = Field(
        "house", description="Which network's scores, and what it thinks matters in a picture."
    )
    weights: Literal["equal", "given", "pixels", "score"] = Field(
        "equal", description="What pieces' shares of a treemap's area go by."
    )
    layout: LayoutWords = Field(
        LayoutWords.called("grid"), description="Where they lie: a layout's name, or a mapping."
    )
    crop: Literal["centre", "saliency", "whole"] = Field(
        "centre",
        description="What stays of a piece that does not fit its place: its middle, what matters "
        "most in it to the network, or all of it.",
    )
    margin: Plain = Field(0.0, ge=0, le=10_000, description="Free edges of the sheet, in pixels.")
    gutter: Plain = Field(0.0, ge=0, le=10_000, description="Between pieces, in pixels.")
    background: Background | None = Field(
        None,
        description="What lies below: a colour, `transparent`, or {image: FILE}; unless said, what "
        "`blend` leaves pieces visible on: black, white or grey.",
    )
    captions: Literal["off", "given", "name", "score", "date"] = Field(
        "off", description="Words of pieces, where a layout has a place for them."
    )
    font: str | None = Field(None, description="Of captions: a font's file; dreamer's own.")
    moves: Moves | None = Field(None, description="How pieces move, in a film.")

    @field_validator("pictures", mode="before")
    @classmethod
    def _pictures(cls, value: Any) -> Any:
        listed = value if isinstance(value, list) else [value]
        if not listed:
            raise ValueError("expected at least one")
        if len(listed) > MOST_INPUTS:
            raise ValueError(f"expected at most {MOST_INPUTS} of them, not {len(listed)}")
        return [{"files": one} if isinstance(one, str) else one for one in listed]

    @field_validator("only", mode="before")
    @classmethod
    def _only(cls, value: Any) -> Any:
        if value == []:
            raise ValueError("expected what stays, as in {class: daisy, above: 0.3}")
        return value if isinstance(value, list) or value is None else [value]

    @field_validator("sort", mode="before")
    @classmethod
    def _sort(cls, value: Any) -> Any:
        return {"by": value} if isinstance(value, str) else value

    @field_validator("layout", mode="before")
    @classmethod
    def _layout(cls, value: Any) -> Any:
        return {value: {}} if isinstance(value, str) else value

    @field_validator("captions", mode="before")
    @classmethod
    def _captions(cls, value: Any) -> Any:
        return "off" if value is False else value

    @field_validator("background", mode="before")
    @classmethod
    def _background(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("expected a colour like '#203040', in quotes, for # begins a comment")
        if value == "transparent":
            return {"transparent": True}
        return {"color": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_class(self) -> Collage:
        needs = {
            "sort": self.sort.by == "score" and self.sort.class_ is None,
            "weights": self.weights == "score",
            "captions": self.captions == "score",
            "only": any(one.scored and one.class_ is None for one in self.only or ()),
        }
        if self.class_ is None and (key := next((k for k, v in needs.items() if v), None)):
            raise ValueError(f"{key} asks for scores and nobody said of what; say class: daisy")
        return self

    @property
    def blends(self) -> list[Blend]:
        """How colours meet, in each pass of a scatter or in all of it, lowest first."""
        words = self.layout.words
        said = [one.blend for one in words.each()] if isinstance(words, Scatter) else [None]
        return [one or self.blend or Blend() for one in said]

    @property
    def ground(self) -> Background:
        """What lies below all pieces, said or not."""
        return self.background or background_of(self.blends)

    @property
    def scored(self) -> bool:
        """Whether scores of pieces decide what it looks like."""
        return (
            self.sort.by == "score"
            or self.weights == "score"
            or self.captions == "score"
            or any(one.scored for one in self.only or ())
        )


LENGTH = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?)\s*(mm|cm|in)\s*")
INCHES = {"mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1.0}
MOST_INCHES = 2000  # at 10 dpi as many pixels as a side may have


class Print(Words):
    """A size on paper."""

    tag = "‹mapping›"
    width: str = Field(description="60cm, 594mm or 24in.")
    height: str | None = Field(None, description="As width; as high as the layout gets.")
    dpi: Plain = Field(300.0, ge=10, le=2400, description="Pixels an inch.")

    @field_validator("width", "height")
    @classmethod
    def _length(cls, value: str | None) -> str | None:
        found = None if value is None else LENGTH.fullmatch(value)
        if value is None:
            return value
        if found is None or not float(found[1]) > 0:
            raise ValueError(f"expected a length like 60cm, 594mm or 24in, not {shown(value)}")
        if cls._inches(value) > MOST_INCHES:
            raise ValueError(f"must be at most {MOST_INCHES}in, not {shown(value)}")
        return value

    def pixels(self) -> tuple[int, int | None]:
        """(width, height) in pixels."""
        sides = [None if side is None else self._inches(side) for side in (self.width, self.height)]
        found = [None if side is None else max(1, round(side * self.dpi)) for side in sides]
        assert found[0] is not None
        return found[0], found[1]

    @staticmethod
    def _inches(length: str) -> float:
        found = LENGTH.fullmatch(length)
        assert found is not None
        return float(found[1]) * INCHES[found[2]]
