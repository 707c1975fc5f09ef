"""How one clip of a compilation becomes the next: the words for it, and ffmpeg's own names."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from dreamer.errors import did_you_mean
from dreamer.recipe.numbers import Words, shown
from dreamer.recipe.times import parse_time

CUT = "cut"
# What people call them, and what ffmpeg's filter xfade does.
CALLED = {
    "crossfade": "fade",
    "wipe": "wipeleft",
    "slide": "slideleft",
    "circle": "circleopen",
    "dissolve": "dissolve",
}
# Those that xfade has not: its fadeblack shows the next clip before it is black.
THROUGH = ("fade_black", "fade_white")
# All that xfade knows (ffmpeg 5 to 8), but for `custom`, which is code.
_XFADES = """
fade wipeleft wiperight wipeup wipedown slideleft slideright slideup slidedown circlecrop rectcrop
distance fadeblack fadewhite radial smoothleft smoothright smoothup smoothdown circleopen
circleclose vertopen vertclose horzopen horzclose dissolve pixelize diagtl diagtr diagbl diagbr
hlslice hrslice vuslice vdslice hblur fadegrays wipetl wipetr wipebl wipebr squeezeh squeezev zoomin
fadefast fadeslow hlwind hrwind vuwind vdwind coverleft coverright coverup coverdown revealleft
revealright revealup revealdown
"""
XFADES = frozenset(_XFADES.split())


class Transition(Words):
    """How a clip takes the place of the one before it."""

    kind: str = Field(
        "crossfade",
        description="`cut`, `crossfade`, `wipe_left` (`right`, `up`, `down`), `fade_black`, "
        "`fade_white`, `dissolve`, `circle`, `slide_left`, or another of ffmpeg's xfade.",
    )
    over: int | str = Field(
        "1s", description="How long it takes: that long both clips are there. 1s, or frames."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict):
            raise ValueError(
                f"expected cut, crossfade or {{kind: wipe_left, over: 1s}}, not {shown(value)}"
            )
        return value

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in (CUT, *THROUGH) and as_xfade(value) not in XFADES:
            names = {CUT, *THROUGH, *CALLED, *XFADES, *(_apart(name) for name in XFADES)}
            raise ValueError(
                f"unknown transition '{value}'"
                f"{did_you_mean(value, names) or '; there are cut, crossfade, wipe_left and more'}"
            )
        return value

    @field_validator("over", mode="before")
    @classmethod
    def _some(cls, value: Any) -> Any:
        return a_length(value)

    @model_validator(mode="after")
    def _takes_time(self) -> Transition:
        if self.kind == CUT and "over" in self.model_fields_set:
            raise ValueError("a cut takes no time; leave `over` out, or say kind: crossfade")
        return self


def as_xfade(kind: str) -> str:
    """What ffmpeg calls the transition that a recipe calls `kind`; those `THROUGH` a colour keep
    their names.
    """
    if kind in THROUGH:
        return kind
    return CALLED.get(kind) or kind.replace("_", "").replace("-", "")


def _apart(name: str) -> str:
    """`wipe_left` of `wipeleft`, as recipes may say it."""
    for side in ("left", "right", "up", "down"):
        if name.endswith(side):
            return f"{name.removesuffix(side)}_{side}"
    return name


def a_length(value: Any) -> Any:
    """`value`, if it is seconds or a number of frames, above none.

    Raises:
        ValueError: it is not.
    """
    try:
        time = parse_time(value)
    except ValueError:
        time = None
    if time is None or time.unit == "%" or time.value <= 0:
        raise ValueError(f"expected a length like 3s, or a number of frames, not {shown(value)}")
    return value
