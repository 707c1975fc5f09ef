"""The whole recipe. The reference and the JSON Schema are made from it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dreamer.recipe.ascent import Ascent
from dreamer.recipe.follow import Follow
from dreamer.recipe.numbers import Words, shown
from dreamer.recipe.output import Output
from dreamer.recipe.parts import (
    LEAST_TILE,
    MOST_PIXELS,
    MOST_SIDE,
    Classify,
    Close,
    Colors,
    Inpaint,
    Motion,
    Source,
)
from dreamer.recipe.rates import Rate
from dreamer.recipe.scene import Scene, listed_targets
from dreamer.recipe.sound import NO_SOUND, Sound
from dreamer.recipe.targets import NetworkWord, Target, TargetWord
from dreamer.recipe.times import is_too_long, parse_length

MOST_OUTPUTS = 16


class Recipe(Words):
    """A recipe."""

    title: str = Field("", description="What to call it.")
    seed: int = Field(0, ge=0, description="Decides all chance.")
    source: Source = Field(Source(noise="plasma"), description="The first picture.")
    size: tuple[int, int] | int | None = Field(
        None,
        description="[width, height], or the longest side; a picture's own size, else 512 × 512.",
    )
    network: NetworkWord = Field(
        "house", description="The network to dream with: a catalogue name, or one of your own."
    )
    target: list[TargetWord] = Field(
        [Target(layer="inception_4c")],
        description="What to amplify: a layer's name, a mapping, or a list of them, which add up.",
    )
    ascent: Ascent = Field(Ascent(), description="How the picture climbs.")
    samples: int = Field(
        1,
        ge=1,
        le=64,
        description="A still: how many pictures are climbed together, laid out side by side.",
    )
    seamless: bool = Field(
        False, description="Whether the picture goes on at its left edge from its right one, …"
    )
    inpaint: Inpaint | None = Field(None, description="Where the picture may change.")
    colors: Colors = Field(Colors(), description="The colours of what was dreamt.")
    follow: Follow = Field(
        Follow(), description="How a dream on a film or folder follows what moves there."
    )
    motion: Motion = Field(Motion(), description="How the camera moves.")
    length: int | str | None = Field(
        None,
        description="A film's length: 20s, a number of frames, 64 beats of its sound, or endless. "
        "Without it, a still, or all of the film or folder that is dreamt on.",
    )
    fps: Rate = Field(
        None,
        description="Frames a second: 24, 23.976, 24000/1001. A film's that is dreamt on, else 24.",
    )
    scenes: list[Scene] | None = Field(
        None,
        description="A film's parts, one after another, instead of `length`: each as the recipe "
        "says it for all, but for what it says itself.",
    )
    sound: Sound | None = Field(
        None,
        description="What is heard beside the film, and may be followed by its numbers: a file's "
        "name, `source` (of a film that is dreamt on), `none` or `off`, or a mapping. Without it, "
        "that of the film that is dreamt on, if there is one.",
    )
    close: Close | None = Field(
        None, description="Whether the film's end meets its beginning, and how."
    )
    output: list[Output] = Field(
        [Output()], description="What is made of the frames: a mapping, or a list of them."
    )
    classify: Classify | None = Field(Classify(), description="Label scores; `off` for none.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="What to compute on.")
    precision: Literal["auto", "float32", "bfloat16", "tf32"] = Field(
        "auto", description="Numbers inside networks; pictures are always float32."
    )
    tiles: int | Literal["auto", "off"] = Field(
        "auto",
        description="What of a picture networks see at once: a tile's side in pixels; `auto` cuts "
        "pictures into tiles that would take too much memory, `off` none.",
    )

    @field_validator("tiles", mode="before")
    @classmethod
    def _tiles(cls, value: Any) -> Any:
        side = isinstance(value, int) and not isinstance(value, bool)
        if value not in ("auto", "off") and not (side and LEAST_TILE <= value <= MOST_SIDE):
            sides = f"{LEAST_TILE} to {MOST_SIDE} pixels"
            raise ValueError(f"expected auto, off, or a tile's side of {sides}, not {value}")
        return value

    @field_validator("size", mode="before")
    @classmethod
    def _size(cls, value: Any) -> Any:
        sides = value if isinstance(value, list | tuple) else [value, value]
        if value is None:
            return None
        whole = all(isinstance(n, int) and not isinstance(n, bool) for n in sides)
        if len(sides) != 2 or not whole:
            raise ValueError(f"expected [width, height] or one number of pixels, not {value!r}")
        if not all(1 <= n <= MOST_SIDE for n in sides):
            raise ValueError(f"sides must be 1 to {MOST_SIDE} pixels, not {value!r}")
        if sides[0] * sides[1] > MOST_PIXELS:
            raise ValueError(f"more than {MOST_PIXELS // 10**6} megapixels")
        return tuple(value) if isinstance(value, list) else value

    @field_validator("target", mode="before")
    @classmethod
    def _targets(cls, value: Any) -> Any:
        return listed_targets(value)

    @field_validator("length", mode="before")
    @classmethod
    def _length(cls, value: Any) -> Any:
        if value is None or value == "endless":
            return value
        if is_too_long(value):
            raise ValueError("too long; for a film without end say endless")
        try:
            time = parse_length(value)
        except ValueError:
            time = None
        if time is None or time.unit == "%" or time.value <= 0:
            raise ValueError(
                f"expected 20s, a number of frames, 64 beats, or endless, not {shown(value)}"
            )
        return value

    @field_validator("scenes")
    @classmethod
    def _scenes(cls, value: list[Scene] | None) -> list[Scene] | None:
        if value is not None and not value:
            raise ValueError("expected at least one scene")
        return value

    @model_validator(mode="after")
    def _one_length(self) -> Recipe:
        if self.scenes is not None and self.length is not None:
            raise ValueError("length: scenes say how long they are; leave length out")
        return self

    @field_validator("sound", mode="before")
    @classmethod
    def _sound(cls, value: Any) -> Any:
        if value in ("off", False):
            return {"file": NO_SOUND}
        return {"file": value} if isinstance(value, str) else value

    @field_validator("output", mode="before")
    @classmethod
    def _output(cls, value: Any) -> Any:
        listed = value if isinstance(value, list) else [value]
        if not 1 <= len(listed) <= MOST_OUTPUTS:
            raise ValueError(f"expected 1 to {MOST_OUTPUTS} outputs, not {len(listed)}")
        return listed

    @field_validator("classify", mode="before")
    @classmethod
    def _classify(cls, value: Any) -> Any:
        return None if value in ("off", False) else value
