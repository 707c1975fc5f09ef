"""What a recipe amplifies: a target's words, and the networks it may name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from dreamer.recipe.numbers import Number, Plain, Word, Words, shown

MOST_PART = 1e6  # of a direction
WEIGHTS_ENDINGS = (".safetensors", ".pth", ".pt", ".tar", ".caffemodel", ".json")


class Network(Words):
    """A network of your own."""

    tag = "‹mapping›"
    architecture: str | None = Field(
        None,
        description="A catalogue network of the same architecture, or `torchvision:NAME`; "
        "what is in the file says it.",
    )
    weights: str = Field(description="A weights file, the card beside one, or `random`.")
    labels: str | None = Field(
        None, description="A file of class names: one a line, Caffe's, Places' or JSON."
    )
    seed: int = Field(0, ge=0, description="Which random weights.")

    @model_validator(mode="after")
    def _of_something(self) -> Network:
        if self.weights == "random" and self.architecture is None:
            raise ValueError("random weights need {architecture: NAME, weights: random}")
        return self


def _network(value: Any) -> Any:
    if isinstance(value, str) and value.lower().endswith(WEIGHTS_ENDINGS):
        return {"weights": value}
    if not isinstance(value, str | dict | Network):
        raise ValueError(f"expected a network's name or {{weights: FILE}}, not {shown(value)}")
    return value


NetworkWord = Annotated[
    Annotated[str, Tag("‹value›")] | Annotated[Network, Tag(Network.tag)],
    Discriminator(lambda v: "‹value›" if isinstance(v, str) else Network.tag),
    BeforeValidator(_network),
]


class Choice(Words):
    """Channels chosen by how active they are."""

    tag = "‹choice›"
    strongest: int | None = Field(None, ge=1, description="So many of the most active ones.")
    weakest: int | None = Field(None, ge=1, description="So many of the least active ones.")
    average: int | None = Field(None, ge=1, description="So many from the middle of the order.")
    but: list[int] | None = Field(None, description="All but these.")
    renew: bool = Field(
        False,
        description="Choose anew in every step, from the picture as it is; else once, from the "
        "source.",
    )

    @model_validator(mode="after")
    def _one(self) -> Choice:
        ways = ("strongest", "weakest", "average", "but")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"expected one of strongest, weakest, average, but; found {found}")
        if self.but is not None and self.renew:
            raise ValueError("renew belongs to channels chosen by how active they are, not to but")
        return self


def _channels(value: Any) -> Any:
    if not isinstance(value, list | dict | Choice):
        raise ValueError(
            f"expected a list of numbers like [12, 40], or {{strongest: 5}}, not {shown(value)}"
        )
    if isinstance(value, list) and not value:
        raise ValueError("expected at least one")
    return value


Channels = Annotated[
    Annotated[list[int], Tag("‹list›")] | Annotated[Choice, Tag(Choice.tag)],
    Discriminator(lambda v: "‹list›" if isinstance(v, list) else Choice.tag),
    BeforeValidator(_channels),
]


class Other(Words):
    """What a target is compared to: a layer or class of a network."""

    layer: str | None = Field(None, description="Its layer; the target's own word.")
    class_: str | int | None = Field(
        None, alias="class", description="Its class; the target's own word."
    )
    network: NetworkWord | None = Field(None, description="Its network, if not the recipe's.")
    channels: list[int] | None = Field(
        None, description="Its channels, from 0, for interpolation; the target's own."
    )

    @field_validator("channels")
    @classmethod
    def _some(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and not value:
            raise ValueError("expected at least one")
        return value


class Target(Words):
    """Something to amplify."""

    layer: Word | None = Field(None, description="A layer, all of it or its `channels`.")
    class_: Word | None = Field(
        None, alias="class", description="A class: its name or a part of it, number or wordnet id."
    )
    objective: str | None = Field(
        None, description="What is asked of it (below); else what the preset asks."
    )
    channels: Channels | None = Field(
        None,
        description="Channels of the layer, from 0; or chosen: `{strongest: 5}`, `{weakest: 5}`, "
        "`{average: 5}`, `{but: [3]}`, with `renew: true` in every step.",
    )
    apart: bool = Field(False, description="Each channel by itself, added up.")
    reference: str | None = Field(
        None,
        description="Another picture: a file, `source`, or `frame`, what the frame begins with.",
    )
    vector: dict[int, Plain] | None = Field(
        None, description="A direction: numbers by channel, as in `{12: 1, 40: -0.5}`."
    )
    exponent: Plain | None = Field(
        None, ge=0, le=16, description="p of power, direction and caricature."
    )
    place: tuple[Plain, Plain] | None = Field(
        None, description="Where: fractions of width and height, 0 to below 1; the middle."
    )
    other: Other | None = Field(None, description="Another layer, class or network beside it.")
    mask: str | None = Field(
        None,
        description="A picture of the canvas's shape: asked where it is white, not where black; "
        "or left, right, top, bottom, middle, around.",
    )
    octaves: list[int] | None = Field(
        None, description="In which octaves it is asked, from 0, the smallest; else in all."
    )
    weight: Number = Field(1.0, description="How much it counts; negative suppresses.")
    network: NetworkWord | None = Field(None, description="Its network, if not the recipe's.")

    @model_validator(mode="before")
    @classmethod
    def _numbered(cls, value: Any) -> Any:
        """Keys of `vector` come from JSON as words."""
        vector = value.get("vector") if isinstance(value, dict) else None
        if isinstance(vector, dict):
            numbers = {int(k) if str(k).isdecimal() else k: v for k, v in vector.items()}
            return {**value, "vector": numbers}
        return value

    @field_validator("vector")
    @classmethod
    def _somewhere(cls, value: dict[int, float] | None) -> dict[int, float] | None:
        for channel, part in (value or {}).items():
            if not abs(part) <= MOST_PART:  # which nan is not either
                raise ValueError(
                    f"expected numbers from -1e6 to 1e6, not {shown(part)} for channel {channel}"
                )
        if value is not None and not any(value.values()):
            raise ValueError("points nowhere; expected numbers by channel like {12: 1}, one not 0")
        return value

    @field_validator("octaves")
    @classmethod
    def _counted(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and not value:
            raise ValueError("expected at least one octave; leave it out for all")
        for octave in value or ():
            if octave < 0:
                raise ValueError(f"octaves are counted from 0, the smallest, not {octave}")
        return value

    @field_validator("place", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple | None) or (value is not None and len(value) != 2):
            raise ValueError(f"expected [across, down], not {shown(value)}")
        return None if value is None else tuple(value)

    @field_validator("place")
    @classmethod
    def _inside(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not all(0 <= part < 1 for part in value):
            raise ValueError("expected two fractions from 0 to below 1")
        return value

    @model_validator(mode="after")
    def _one(self) -> Target:
        if (self.layer is None) == (self.class_ is None):
            raise ValueError("expected either layer or class")
        if self.class_ is not None:
            for key in ("channels", "vector", "place", "reference"):
                if getattr(self, key) is not None:
                    raise ValueError(f"{key} belongs to a layer, not to a class")
        return self


def _target(value: Any) -> Any:
    if isinstance(value, str):
        return {"layer": value}
    if not isinstance(value, dict | Target):
        raise ValueError(f"expected a layer's name or {{layer: NAME}}, not {shown(value)}")
    return value


TargetWord = Annotated[Target, BeforeValidator(_target)]
