"""A number of a recipe: a constant, keyframes, or an expression."""

from __future__ import annotations

from itertools import pairwise
from keyword import iskeyword
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)

from dreamer.errors import did_you_mean
from dreamer.recipe.easing import EASINGS
from dreamer.recipe.expressions import FUNCTIONS, NAMES, SIGNALS
from dreamer.recipe.times import parse_length, parse_moment, parse_time


class Words(BaseModel):
    """Base of all that a recipe is made of: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    tag: ClassVar[str] = ""

    def said(self) -> set[str]:
        """Which of its fields a recipe says, and says more of than nothing."""
        return {key for key in self.model_fields_set if getattr(self, key) is not None}


def _time(word: Any) -> Any:
    parse_time(word)
    return word


def _moment(word: Any) -> Any:
    parse_moment(word)
    return word


def _length(word: Any) -> Any:
    parse_length(word)
    return word


def _easing(name: str) -> str:
    if name not in EASINGS:
        raise ValueError(f"unknown easing '{name}'{did_you_mean(name, EASINGS)}")
    return name


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, not {shown(value)}")
    return float(value)


def shown(value: Any) -> str:
    """A value as a message shows it."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = f"'{value}'" if isinstance(value, str) else f"{value}"
    return text if len(text) <= 60 else text[:57] + "…"


Time = Annotated[int | str, BeforeValidator(_time)]
Moment = Annotated[int | str, BeforeValidator(_moment)]
Length = Annotated[int | str, BeforeValidator(_length)]
Plain = Annotated[float, BeforeValidator(_number)]
Easing = Annotated[str, AfterValidator(_easing)]


class Key(Words):
    """A value at a moment."""

    at: Moment = Field(description="When: a frame (12), seconds (1.5s), 50%, end, or beat 8.")
    value: Plain = Field(description="The value there.")
    ease: Easing = Field("linear", description="How the value comes here from the key before.")


class WordKey(Words):
    """A word (a layer, a class) at a moment."""

    at: Moment = Field(description="When: a frame (12), seconds (1.5s), 50%, end, or beat 8.")
    value: str | int = Field(description="The layer or class from here on.")
    blend: Length = Field(
        0, description="How long the fade from the one before takes, beginning at `at`; 0 cuts."
    )
    ease: Easing = Field("linear", description="How the fade goes.")


def _ordered(keys: list[Any]) -> list[Any]:
    if not keys:
        raise ValueError("expected at least one key")
    times = [parse_moment(k.at) for k in keys]
    for before, after in pairwise(times):
        if before.unit == after.unit and after.value <= before.value:
            word = "twice at" if after.value == before.value else "out of order at"
            unit = after.unit.replace("frame", "")
            at = f"beat {after.value:g}" if unit == "beat" else f"{after.value:g}{unit}"
            raise ValueError(f"keys {word} {at}")
    return keys


class Keyframes(Words):
    """A number that changes between keys; before the first and after the last it stays."""

    tag = "‹keys›"
    keys: list[Key] = Field(description="Values at moments, in order.")
    interpolate: Literal["linear", "log", "cubic", "hold"] | None = Field(
        None,
        description="Between keys: equal differences, equal ratios (what zoom does unasked), a "
        "smooth curve through the keys that never overshoots them, or a jump at each key.",
    )

    _check = field_validator("keys")(_ordered)


class WordKeyframes(Words):
    """A layer or class that changes at keys."""

    tag = "‹keys›"
    keys: list[WordKey] = Field(description="Layers or classes at moments, in order.")

    _check = field_validator("keys")(_ordered)


class Expression(Words):
    """A number computed for every frame."""

    tag = "‹expr›"
    expr: str = Field(description="The expression, as in `4*sin(tau*t/8)`.")
    vars: dict[str, Plain] = Field(default={}, description="Numbers the expression may name.")
    clamp: tuple[Plain, Plain] | None = Field(None, description="Least and most.")

    @field_validator("clamp", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) and len(value) == 2 else value

    @field_validator("clamp")
    @classmethod
    def _least_first(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not value[0] <= value[1]:
            raise ValueError(f"expected the least first, not [{value[0]:g}, {value[1]:g}]")
        return value

    @field_validator("vars")
    @classmethod
    def _free(cls, value: dict[str, float]) -> dict[str, float]:
        for name in value:
            if not name.isidentifier() or iskeyword(name):
                raise ValueError(f"'{name}' is not a name an expression can say")
            if name in NAMES or name in FUNCTIONS:
                raise ValueError(f"'{name}' is taken; it is {NAMES.get(name, 'a function')}")
            if name in SIGNALS:
                raise ValueError(f"'{name}' is taken; it is {SIGNALS[name]}")
        return value


def _kind(value: Any) -> str:
    if isinstance(value, Keyframes | WordKeyframes | Expression):
        return value.tag
    if isinstance(value, dict):
        return "‹expr›" if "expr" in value or "keys" not in value else "‹keys›"
    return "‹value›"


Number = Annotated[
    Annotated[Plain, Tag("‹value›")]
    | Annotated[Keyframes, Tag("‹keys›")]
    | Annotated[Expression, Tag("‹expr›")],
    Discriminator(_kind),
]
Word = Annotated[
    Annotated[str | int, Tag("‹value›")] | Annotated[WordKeyframes, Tag("‹keys›")],
    Discriminator(lambda v: "‹keys›" if isinstance(v, dict | WordKeyframes) else "‹value›"),
]
Edges = Literal["mirror", "replicate", "wrap", "color", "overscan"]
