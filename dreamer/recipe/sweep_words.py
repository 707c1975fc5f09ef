"""What a sweep may say besides a recipe: matrix, zip and random, by schema."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from dreamer.recipe.numbers import Words, shown

SWEPT = ("matrix", "zip", "random")
RULES = ("between", "integers", "choice")
MOST = 10_000  # combinations
LARGEST = 2**53  # whole numbers that every reader of JSON keeps


def _list(value: Any) -> Any:
    if isinstance(value, list):
        return value
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else []
    example = ", ".join(parts) if len(parts) > 1 and all(parts) else "1, 2, 3"
    raise ValueError(f"expected a list, as [{example}], not {shown(value)}")


def _some(value: list[Any]) -> list[Any]:
    if not value:
        raise ValueError("expected at least one value")
    return value


Values = Annotated[
    list[Any],
    BeforeValidator(_list),
    AfterValidator(_some),
    Field(json_schema_extra={"minItems": 1}),
]


def _pair(value: Any, kinds: tuple[type, ...], example: str) -> Any:
    whole = isinstance(value, list | tuple) and len(value) == 2
    numbers = whole and all(type(n) in kinds and abs(n) <= LARGEST for n in value)
    if not numbers:
        raise ValueError(f"expected the least and the greatest, as {example}, not {shown(value)}")
    if not value[0] < value[1]:
        raise ValueError(f"expected the least first, not {value[0]} and {value[1]}")
    return tuple(map(kinds[-1], value))


class Draw(Words):
    """How chance decides a key."""

    between: tuple[float, float] | None = Field(
        None, description="A number from the first to the second: [0.5, 3]."
    )
    integers: tuple[int, int] | None = Field(
        None, description="A whole number from the first to the second, both too: [1, 9999]."
    )
    choice: Values | None = Field(None, description="One of these.")
    log: bool = Field(
        False,
        description="As many below a factor as above it, as rates and steps are; not of `choice`.",
    )

    @field_validator("between", mode="before")
    @classmethod
    def _between(cls, value: Any) -> Any:
        return None if value is None else _pair(value, (int, float), "[0.5, 3]")

    @field_validator("integers", mode="before")
    @classmethod
    def _integers(cls, value: Any) -> Any:
        return None if value is None else _pair(value, (int,), "[1, 9999]")

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        rules = "{between: [0.5, 3]}, {integers: [1, 9999]} or {choice: [a, b]}"
        raise ValueError(f"expected {rules}, not {shown(value)}")

    @model_validator(mode="after")
    def _one(self) -> Draw:
        if len(self.said() & {*RULES}) != 1:
            raise ValueError("expected between, integers or choice, and one of them")
        span = self.between or self.integers
        if self.log and (span is None or span[0] <= 0):
            raise ValueError("log: belongs to a between or integers that begin above 0")
        return self


class Random(Words):
    """What chance decides."""

    n: int = Field(ge=1, le=MOST, description="How many are drawn.")
    seed: int = Field(0, ge=0, le=LARGEST, description="Decides all chance of the sweep.")
    keys: dict[str, Draw] = Field(description="How each key is drawn.")

    @field_validator("keys")
    @classmethod
    def _any(cls, value: dict[str, Draw]) -> dict[str, Draw]:
        if not value:
            raise ValueError("expected what is drawn, as {seed: {integers: [1, 9999]}}")
        return value


class Matrix(Words):
    """Keys of the recipe with lists of values, of which every combination is made."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Values]

    include: list[dict[str, Any]] = Field(
        [],
        description="Keys and values to add to the combinations that they do not deny; what denies "
        "all of them is a combination of its own.",
    )
    exclude: list[dict[str, Any]] = Field(
        [], description="Keys and values: combinations with all of them are left out."
    )

    @field_validator("include", "exclude", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [value] if isinstance(value, dict) else value


class Sweep(Words):
    """What a sweep says beside its recipe."""

    matrix: Matrix | None = Field(
        None, description="Keys with lists of values: every combination of them."
    )
    zip: dict[str, Values] | None = Field(
        None, description="Keys with lists of equally many values: the first of all, the second …"
    )
    random: Random | None = Field(None, description="Keys whose values chance decides.")
