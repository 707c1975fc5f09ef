"""The words for words: titles, and captions over clips."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from dreamer.recipe.colors import rgb
from dreamer.recipe.joins import a_length
from dreamer.recipe.numbers import Time, Words, shown

LABELS, RECIPE = "labels", "recipe"  # what a caption may say that nobody wrote
MOST_LETTERS = 1000
_PART = re.compile(r"(\d{1,2}(?:\.\d{1,4})?)\s*%")
Place = Literal[
    "top_left",
    "top",
    "top_right",
    "left",
    "middle",
    "right",
    "bottom_left",
    "bottom",
    "bottom_right",
]

Style = Literal["shadow", "box", "plain"]


def _color(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a colour like '#203040', in quotes, not {shown(value)}")
    rgb(value)
    return value


def _height(value: Any) -> Any:
    part = _PART.fullmatch(value.strip()) if isinstance(value, str) else None
    if part is None or not 1 <= float(part[1]) <= 50:
        raise ValueError(f"expected a part of the height like 5%, 1% to 50%, not {shown(value)}")
    return value


def _lasting(value: Any) -> Any:
    return value if value in (0, "0s") and not isinstance(value, bool) else a_length(value)


Color = Annotated[str, BeforeValidator(_color)]
Height = Annotated[str, BeforeValidator(_height)]
Lasting = Annotated[int | str, BeforeValidator(_lasting)]


def part_of_height(word: str) -> float:
    """The part that a `Height` says: 0.05 of `5%`."""
    found = _PART.fullmatch(word.strip())
    assert found is not None
    return float(found[1]) / 100


def _some_letters(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("expected words, not nothing")
    return value


Letters = Annotated[str, BeforeValidator(_some_letters)]


class Caption(Words):
    """Words over a clip."""

    text: Letters | None = Field(None, max_length=MOST_LETTERS, description="Which.")
    labels: int | None = Field(
        None, ge=1, le=20, description="Instead: what networks see there, so many of the likeliest."
    )
    recipe: bool = Field(False, description="Instead: the title of the recipe it was made from.")
    network: str | None = Field(
        None,
        description="With labels: look now, by this network; what a render kept, unless said, else "
        "by `house`.",
    )
    at: Place = Field("bottom", description="Where, inside the margins.")
    size: Height = Field(
        "5%",
        description="Height of its letters, as a part of the film's, or of its cell's in a wall; "
        "there at least 3% of the film's, unless said.",
    )
    color: Color = Field("white", description="Of its letters.")
    style: Style = Field(
        "shadow", description="What sets it off: a soft shadow, a dark box behind it, or nothing."
    )
    font: str | None = Field(None, description="A font's file; the film's.")
    start: Time = Field("0s", description="When in the clip it comes.")
    end: Time = Field("end", description="When in the clip it goes.")
    fade: Lasting = Field("0.5s", description="How long it comes in, and goes out again.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if value == LABELS:
            return {"labels": 3}
        if value == RECIPE:
            return {"recipe": True}
        if isinstance(value, str):
            return {"text": value}
        if not isinstance(value, dict):
            raise ValueError(f"expected words, labels or recipe, not {shown(value)}")
        return value

    @model_validator(mode="after")
    def _one(self) -> Caption:
        said = [self.text is not None, self.labels is not None, self.recipe]
        if sum(said) != 1:
            raise ValueError("expected one of text, labels and recipe")
        if self.network is not None and self.labels is None:
            raise ValueError("network is of labels; leave it out")
        return self
