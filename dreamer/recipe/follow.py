"""How a dream on a film follows what moves there."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from dreamer.recipe.numbers import Number, Time, Words, shown

KEEP = 0.9


class Follow(Words):
    """What a dream on a film or folder takes from frame to frame. Optical flow says where each
    place of a frame was in the one before; what was dreamt there is carried along, and the ascent
    begins with it. What was hidden, and every shot, begins anew from the film itself.
    """

    flow: bool = Field(True, description="Whether anything is carried; else all frames are alone.")
    keep: Number = Field(
        KEEP,
        description="How much of what was dreamt is carried to the next frame, 0 to 1. It bounds "
        "growth: the dream settles where what a frame adds makes up for what is let go. Without "
        "`ascent.steps`, a shot begins with the preset's steps, and frames after it take as many "
        "as that needs.",
    )
    cuts: bool | list[Time] = Field(
        True,
        description="Whether the film's cuts are looked for, or where they are: [3.2s, 7s], in the "
        "film that is made. Nothing is carried over a cut.",
    )
    strength: Number = Field(
        1.0, description="How much of the dream is shown over the film itself, 0 to 1."
    )

    @field_validator("cuts", mode="before")
    @classmethod
    def _where(cls, value: Any) -> Any:
        if not isinstance(value, bool | list):
            raise ValueError(f"expected true, false or moments like [3.2s, 7s], not {shown(value)}")
        return value
