"""The parts of a recipe: every key with its type, default and meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from dreamer.errors import did_you_mean
from dreamer.recipe.colors import rgb
from dreamer.recipe.numbers import Edges, Number, Plain, Time, Word, Words, shown
from dreamer.recipe.presets import PRESETS
from dreamer.recipe.times import parse_time

MOST_PIXELS = 400_000_000
MOST_SIDE = 20_000
WEIGHTS_ENDINGS = (".safetensors", ".pth", ".pt", ".tar", ".caffemodel", ".json")
Noise = Literal["white", "pink", "brown", "plasma", "perlin", "voronoi"]
Procedural = Literal[
    "gradient", "rings", "spiral", "mandala", "checker", "waves", "stars", "cells", "motif"
]
LATER = {"video": "films as sources", "folder": "folders as sources", "collage": "collages"}


def _color(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a colour like '#203040', not {shown(value)}")
    rgb(value)
    return value


Color = Annotated[str, BeforeValidator(_color)]


class Source(Words):
    """The first picture."""

    noise: Noise | None = Field(None, description="Coloured noise of this kind.")
    color: Color | None = Field(None, description="One colour: '#203040' or a name.")
    image: str | None = Field(None, description="A picture file, relative to the recipe.")
    procedural: Procedural | None = Field(None, description="A drawing made from numbers.")
    class_: str | None = Field(
        None,
        alias="class",
        description="Which motif, for `procedural: motif`: shell, eye, …",
    )
    contrast: Plain | None = Field(
        None, gt=0, le=0.5, description="Noise: standard deviation of its values, 0 to 0.5."
    )
    fit: Literal["cover", "contain", "stretch"] = Field(
        "cover",
        description="How a picture fills another shape: cropped, mirrored outwards, stretched.",
    )

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected a mapping like {{noise: plasma}}, not {shown(value)}")
        if "color" in value and value["color"] is None:
            raise ValueError(
                "color: expected a colour like '#203040', in quotes, for # begins a comment"
            )
        for word, what in LATER.items():
            if word in value:
                raise ValueError(f"{word}: {what} are not there yet")
        return value

    @model_validator(mode="after")
    def _one(self) -> Source:
        kinds = ("noise", "color", "image", "procedural")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"expected one of noise, color, image, procedural; found {found}")
        if self.procedural == "motif" and self.class_ is None:
            raise ValueError("procedural: motif needs a class: {procedural: motif, class: shell}")
        if self.procedural != "motif" and self.class_ is not None:
            raise ValueError("class belongs to procedural: motif")
        return self


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


class Target(Words):
    """Something to amplify."""

    layer: Word | None = Field(None, description="A layer, all of it or its `channels`.")
    class_: Word | None = Field(
        None, alias="class", description="A class: its name or a part of it, number or wordnet id."
    )
    channels: list[int] | None = Field(None, description="Channels of the layer, from 0.")
    weight: Number = Field(1.0, description="How much it counts; negative suppresses.")
    network: NetworkWord | None = Field(None, description="Its network, if not the recipe's.")

    @model_validator(mode="after")
    def _one(self) -> Target:
        if (self.layer is None) == (self.class_ is None):
            raise ValueError("expected either layer or class")
        if self.channels is not None:
            if self.class_ is not None:
                raise ValueError("channels belong to a layer, not to a class")
            if not self.channels:
                raise ValueError("channels: expected at least one")
        return self


def _target(value: Any) -> Any:
    if isinstance(value, str):
        return {"layer": value}
    if not isinstance(value, dict | Target):
        raise ValueError(f"expected a layer's name or {{layer: NAME}}, not {shown(value)}")
    return value


TargetWord = Annotated[Target, BeforeValidator(_target)]


class Ascent(Words):
    """How the picture climbs. What is not said is the preset's."""

    preset: str = Field("house", description=f"One of {', '.join(PRESETS)}.")
    octaves: Number | Literal["auto"] | None = Field(
        None, description="How many sizes, 1 to 20; auto goes down to the network's native size."
    )
    scale: Number | None = Field(None, description="Ratio of an octave to the next, above 1 to 4.")
    steps: Number | None = Field(None, description="Steps in each octave, 0 to 1000.")
    first_steps: int | None = Field(
        None, ge=0, le=1000, description="Steps in each octave of a film's first frame."
    )
    step: Number | None = Field(None, description="Size of a step in 8-bit levels, 0 to 100.")
    persistence: Number | None = Field(
        None,
        description="An octave's step as a part of that of the next smaller one, above 0 to 2; "
        "below 1 favours large things, which grow in small octaves.",
    )
    jitter: Number | None = Field(None, description="Most pixels a step is shifted by, 0 to 512.")
    falloff: Number | None = Field(
        None, description="Weigh the gradient by 1/f to this power, 0 to 2; 0 leaves it."
    )
    hold: Number | None = Field(
        None, description="Part of a film's colour drift taken back each frame, 0 to 1."
    )
    color: Literal["rgb", "decorrelated"] | None = Field(
        None, description="The colour axes a step goes along."
    )
    normalize: Literal["mean_abs", "std"] | None = Field(
        None, description="What the gradient is divided by."
    )
    highlights: Literal["clip", "soft"] | None = Field(
        None, description="What happens at black and white: cut off, or approached softly."
    )
    energy: Literal["plain", "standardised"] | None = Field(
        None,
        description="What amplifying means: ½‖a‖² and mean logits, or at every place the "
        "features that stand out most there on their own scale, and in every part a class.",
    )
    resize: Literal["bilinear", "bicubic"] | None = Field(
        None, description="How octaves are resized."
    )

    @field_validator("preset")
    @classmethod
    def _preset(cls, value: str) -> str:
        if value not in PRESETS:
            raise ValueError(f"unknown preset '{value}'{did_you_mean(value, PRESETS)}")
        return value


class Motion(Words):
    """How the camera moves; all values are a second."""

    zoom: Number = Field(1.0, description="Factor a second, above 0 to 100; above 1 goes in.")
    rotate: Number = Field(0.0, description="Degrees a second; positive is counter-clockwise.")
    move: tuple[Number, Number] = Field(
        (0.0, 0.0), description="Widths and heights a second the picture goes right and down."
    )
    center: tuple[Number, Number] = Field(
        (0.5, 0.5), description="What zoom and rotation leave in place, in widths and heights."
    )
    edges: Edges = Field("mirror", description="What is beyond the edges.")
    edge_color: Color = Field("black", description="The colour beyond the edges, for `color`.")

    @field_validator("move", "center", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            found = f"{len(value)} of them" if isinstance(value, list) else shown(value)
            raise ValueError(f"expected two numbers, not {found}")
        return tuple(value)


class Output(Words):
    """A film or the frames' format."""

    video: Literal["mp4"] = Field("mp4", description="Container; H.264 inside.")
    crf: int = Field(17, ge=0, le=51, description="Quality: 0 lossless, 16–18 good, 51 least.")
    preset: Literal[
        "ultrafast",
        "superfast",
        "veryfast",
        "faster",
        "fast",
        "medium",
        "slow",
        "slower",
        "veryslow",
    ] = Field("medium", description="How hard the encoder tries.")
    loop: bool = Field(False, description="There and back again, without doubled end frames.")
    frames: Literal["png8", "png16"] = Field("png8", description="Bits a channel of saved frames.")


class Classify(Words):
    """Label scores of what was rendered."""

    networks: list[NetworkWord] | None = Field(
        None, description="By which networks; the recipe's own."
    )
    top: int = Field(5, ge=1, le=1000, description="How many labels.")
    every: Time = Field("1s", description="A film: every how many frames or seconds.")

    @field_validator("every")
    @classmethod
    def _some(cls, value: int | str) -> int | str:
        if parse_time(value).value <= 0 or parse_time(value).unit == "%":
            raise ValueError("expected a number of frames or seconds above 0")
        return value
