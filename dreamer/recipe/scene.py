"""The words of a scene: a part of a film with targets, numbers and motion of its own."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from dreamer.recipe.ascent import Ascent
from dreamer.recipe.numbers import Easing, Length, Words, shown
from dreamer.recipe.parts import Colors, Motion
from dreamer.recipe.targets import NetworkWord, TargetWord
from dreamer.recipe.times import parse_length

ITS_OWN = ("title", "length", "transition", "ease")  # words that no whole recipe has for its scenes


class Scene(Words):
    """A part of a film. The moments of what it says (`at`, `t`, `u`, `50%`) count from its own
    beginning; what it does not say, the recipe says for all scenes, by the film's.
    """

    title: str = Field("", description="What the film's chapter is called.")
    length: Length = Field(
        description="How long it takes: 5s, a number of frames, or 16 beats of the sound."
    )
    transition: Length = Field(
        0,
        description="How long the scene before fades into this one, from its first frame on; "
        "0 cuts. The picture goes on: what is amplified changes, and every number.",
    )
    ease: Easing = Field("linear", description="How that fade goes.")
    network: NetworkWord | None = Field(None, description="The network to dream with.")
    target: list[TargetWord] | None = Field(None, description="What to amplify.")
    ascent: Ascent | None = Field(None, description="How the picture climbs: numbers only.")
    motion: Motion | None = Field(None, description="How the camera moves.")
    colors: Colors | None = Field(None, description="Colours: `keep` and `strength`.")

    @field_validator("length", "transition", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        try:
            part = parse_length(value).unit == "%"
        except ValueError:
            part = not isinstance(value, str) or "beat" not in value  # which says what is wrong
        if part:
            raise ValueError(f"expected 5s, a number of frames or 16 beats, not {shown(value)}")
        return value

    @field_validator("length")
    @classmethod
    def _some(cls, value: int | str) -> int | str:
        if parse_length(value).value <= 0:
            raise ValueError(
                f"expected 5s, a number of frames or 16 beats, above 0, not {shown(value)}"
            )
        return value

    @field_validator("target", mode="before")
    @classmethod
    def _targets(cls, value: Any) -> Any:
        return listed_targets(value)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected a mapping like {{length: 5s}}, not {shown(value)}")
        return value


def listed_targets(value: Any) -> Any:
    """One target as a list of it."""
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise ValueError("expected at least one target")
    return listed
