"""How a picture climbs: what is climbed, by which steps, seen under which transforms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from dreamer.errors import did_you_mean
from dreamer.recipe.numbers import Number, Plain, Words, shown
from dreamer.recipe.parts import MOST_SIDE
from dreamer.recipe.presets import PRESETS, TRANSFORMS


class Octave(Words):
    """One octave's own numbers; what it does not say is the ascent's."""

    tag = "‹octave›"
    scale: Plain | None = Field(
        None, ge=1, le=4, description="Its ratio to the next smaller one; 1 keeps the size."
    )
    size: int | None = Field(None, ge=1, le=MOST_SIDE, description="Its longest side in pixels.")
    steps: int | None = Field(None, ge=0, le=10_000, description="Steps.")
    step: Plain | None = Field(None, ge=0, le=1000, description="Size of a step.")
    step_end: Plain | None = Field(None, ge=0, le=1000, description="What a step comes to.")
    blur: Plain | None = Field(None, ge=0, le=64, description="Smoothing in pixels.")
    blur_end: Plain | None = Field(None, ge=0, le=64, description="What the smoothing comes to.")
    jitter: int | None = Field(None, ge=0, le=512, description="Most pixels of a shift.")


class Crops(Words):
    """Several parts of the picture, each resized to what the network likes to see."""

    tag = "‹crops›"
    count: int = Field(6, ge=1, le=64, description="How many a step.")
    boxes: tuple[Plain, Plain] = Field(
        (0.25, 0.30), description="Least and largest side, as a part of the picture's."
    )
    spread: Plain = Field(0.15, ge=0, le=1, description="How far from the middle, in pictures.")

    @field_validator("boxes", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) and len(value) == 2 else value

    @field_validator("boxes")
    @classmethod
    def _inside(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 < value[0] <= value[1] <= 1:
            raise ValueError("expected [least, largest] above 0, at most 1")
        return value


class Transform(Words):
    """One thing a picture must survive in every step."""

    pad: int | None = Field(None, ge=1, le=512, description="Grey pixels more on every side.")
    crop: int | None = Field(None, ge=1, le=512, description="Pixels less, anywhere.")
    scale: tuple[Plain, Plain] | None = Field(
        None, description="Resized by one of eleven factors from the least to the largest."
    )
    rotate: Plain | None = Field(
        None, gt=0, le=180, description="Turned by up to so many degrees either way."
    )
    flip: Literal["across", "down", "both"] | None = Field(
        None, description="Mirrored, or not, along these axes."
    )
    noise: Plain | None = Field(None, gt=0, le=1, description="Deviation of noise on each value.")
    crops: Crops | None = Field(None, description="Several parts at once.")

    @model_validator(mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        if not isinstance(value, dict | Transform):
            raise ValueError(f"expected a mapping like {{rotate: 10}}, not {shown(value)}")
        return value

    @field_validator("scale", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) and len(value) == 2 else value

    @field_validator("scale")
    @classmethod
    def _inside(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 0.1 <= value[0] <= value[1] <= 4:
            raise ValueError("expected [least, largest], from 0.1 to 4")
        return value

    @model_validator(mode="after")
    def _one(self) -> Transform:
        given = [key for key, value in self if value is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"expected one of {names}; found {found}")
        return self


def _octaves(value: Any) -> Any:
    if isinstance(value, list) and not 1 <= len(value) <= 20:
        raise ValueError(f"expected 1 to 20 octaves, not {len(value)}")
    return value


def _octaves_kind(value: Any) -> str:
    if isinstance(value, list):
        return "‹octaves›"
    return "‹auto›" if isinstance(value, str) else "‹number›"


Octaves = Annotated[
    Annotated[Number, Tag("‹number›")]
    | Annotated[Literal["auto"], Tag("‹auto›")]
    | Annotated[list[Octave], Tag("‹octaves›")],
    Discriminator(_octaves_kind),
    BeforeValidator(_octaves),
]


def _transforms(value: Any) -> Any:
    if isinstance(value, str) and value not in TRANSFORMS:
        known = f"; there are {', '.join(TRANSFORMS)}, or a list like [{{rotate: 10}}]"
        raise ValueError(f"unknown transforms '{value}'{did_you_mean(value, TRANSFORMS) or known}")
    if not isinstance(value, str | list | tuple):
        raise ValueError(f"expected a list like [{{rotate: 10}}], or lucid, not {shown(value)}")
    return value


Transforms = Annotated[
    Annotated[str, Tag("‹value›")] | Annotated[list[Transform], Tag("‹transforms›")],
    Discriminator(lambda v: "‹value›" if isinstance(v, str) else "‹transforms›"),
    BeforeValidator(_transforms),
]


class Ascent(Words):
    """How the picture climbs. What is not said is the preset's."""

    preset: str = Field("house", description=f"One of {', '.join(PRESETS)}.")
    parameterisation: Literal["pixels", "logits", "pyramid", "fourier", "maco", "cppn"] | None = (
        Field(
            None,
            description="What is climbed: the pixels; their logits; levels of a Laplacian pyramid; "
            "Fourier coefficients of decorrelated colour; phases alone (MACO); the weights of a "
            "network of coordinates (CPPN).",
        )
    )
    begin: Literal["frame", "noise"] | None = Field(
        None,
        description="Where a frame begins: the source, or the frame before it; or noise of the "
        "parameterisation's own, carried whole from octave to octave.",
    )
    octaves: Octaves | None = Field(
        None,
        description="How many sizes, 1 to 20; auto goes down to the network's native size; or a "
        "list, an octave each, the smallest first.",
    )
    scale: Number | None = Field(None, description="Ratio of an octave to the next, above 1 to 4.")
    passes: int | None = Field(
        None, ge=1, le=100, description="How often a frame goes through all its octaves."
    )
    carry: Literal["detail", "whole"] | None = Field(
        None,
        description="What an octave hands to the next: what was dreamt, on top of the picture as "
        "it was; or the whole picture, whose finer grain a smaller octave loses.",
    )
    steps: Number | None = Field(None, description="Steps in each octave, 0 to 10000.")
    first_steps: int | None = Field(
        None, ge=0, le=10_000, description="Steps in each octave of a film's first frame."
    )
    step: Number | None = Field(
        None,
        description="Size of a step, 0 to 1000: of pixels in 8-bit levels, else the optimiser's "
        "learning rate.",
    )
    step_end: Number | None = Field(
        None, description="What a step comes to at the end of an octave; it stays."
    )
    persistence: Number | None = Field(
        None,
        description="An octave's step as a part of that of the next smaller one, above 0 to 2; "
        "below 1 favours large things, which grow in small octaves.",
    )
    effort: Plain | None = Field(
        None,
        gt=0,
        le=10,
        description="How much work is done for the same picture: 0.5 is half of all steps, each "
        "as much longer; 1 leaves them. Of plain steps on pixels, not smoothed between.",
    )
    optimiser: Literal["plain", "momentum", "adam", "nadam"] | None = Field(
        None, description="How a slope becomes a step."
    )
    momentum: Plain | None = Field(
        None, ge=0, lt=1, description="How much of the last step momentum keeps."
    )
    normalize: Literal["mean_abs", "std", "scales", "none"] | None = Field(
        None,
        description="What the gradient is divided by; `scales` evens out the levels of its "
        "Laplacian pyramid.",
    )
    falloff: Number | None = Field(
        None, description="Weigh the gradient by 1/f to this power, 0 to 2; 0 leaves it."
    )
    color: Literal["rgb", "decorrelated"] | None = Field(
        None, description="The colour axes a step goes along."
    )
    highlights: Literal["clip", "soft", "gamut", "late"] | None = Field(
        None,
        description="What happens at black and white: cut off, approached softly, or left until "
        "the frame is done and then compressed at its own hue (gamut) or cut off (late).",
    )
    jitter: Number | None = Field(None, description="Most pixels a step is shifted by, 0 to 512.")
    transforms: Transforms | None = Field(
        None,
        description=f"What a picture must survive: {', '.join(TRANSFORMS)}, or a list of "
        "`{pad: 12}`, `{crop: 8}`, `{scale: [0.9, 1.1]}`, `{rotate: 10}`, `{flip: across}`, "
        "`{noise: 0.01}`, `{crops: {count: 6}}`.",
    )
    window: int | Literal["native"] | None = Field(
        None,
        description="Side in pixels of the part of a larger picture that a step works on, about "
        "the middle at random; `native` is the network's own.",
    )
    blur: Number | None = Field(
        None, description="Gaussian smoothing after each step, in pixels, 0 to 64."
    )
    blur_end: Number | None = Field(
        None, description="What the smoothing comes to at the end of an octave; it stays."
    )
    variation: Number | None = Field(
        None, description="Weight of the picture's total variation, taken away from the objective."
    )
    l1: Number | None = Field(None, description="Weight of the mean |x − ½|, taken away.")
    l2: Number | None = Field(None, description="Weight of the mean (x − ½)², taken away.")
    hold: Number | None = Field(
        None, description="Part of a film's colour drift taken back each frame, 0 to 1."
    )
    objective: str | None = Field(None, description="What is asked of layers that do not say.")
    class_objective: str | None = Field(
        None, description="What is asked of classes that do not say."
    )
    redirect: int | None = Field(
        None,
        ge=0,
        le=10_000,
        description="For how many steps a slope that dead ReLUs block altogether is led past them.",
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

    @field_validator("window")
    @classmethod
    def _some(cls, value: int | str | None) -> int | str | None:
        if isinstance(value, int) and not 8 <= value <= 20_000:
            raise ValueError("expected 8 to 20000 pixels, or native")
        return value
