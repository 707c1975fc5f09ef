"""The words of a film's sound."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from dreamer.recipe.numbers import Plain, Words, shown
from dreamer.recipe.times import parse_time

OF_SOURCE = "source"  # a sound that is no file of its own
NO_SOUND = "none"  # silence, even of a film that is dreamt on and has a sound


def _seconds(value: Any) -> Any:
    try:
        time = parse_time(value)
    except ValueError:
        time = None
    if time is None or time.unit != "s":
        raise ValueError(f"expected seconds like 1.5s, not {shown(value)}")
    return value


Seconds = Annotated[str, BeforeValidator(_seconds)]


def seconds_of(word: str) -> float:
    """The seconds that a `Seconds` says."""
    return parse_time(word).value


class Sound(Words):
    """What is heard beside a film. Signals and beats are those of the file, whatever its volume and
    fades.
    """

    file: str = Field(
        min_length=1,
        description="A file with sound (MP3, WAV, FLAC, Ogg, M4A, a film …), relative to the "
        "recipe; or `source`: that of the film that is dreamt on; or `none`: no sound, though "
        "that film has one.",
    )
    start: Seconds = Field("0s", description="Where in the file it begins: 12s.")
    offset: Seconds = Field("0s", description="When in the film it begins; silence before.")
    fade_in: Seconds = Field("0s", description="How long it takes to come to its loudness.")
    fade_out: Seconds = Field("0s", description="How long it fades away at its end, or the film's.")
    volume: Plain = Field(1.0, ge=0, le=16, description="How many times as loud; 1 as it is.")
    tempo: Plain | None = Field(
        None,
        ge=30,
        le=300,
        description="About how many beats a minute it has, where twice or half as many are heard.",
    )

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected a file like music.mp3, source or none, not {shown(value)}")
        return value

    @model_validator(mode="after")
    def _silent(self) -> Sound:
        if self.file == NO_SOUND and (other := self.model_fields_set - {"file"}):
            raise ValueError(f"none has no {min(other)}; for a file of that name say ./none")
        return self

    @property
    def own_file(self) -> bool:
        """Whether it is a file of its own."""
        return self.file not in (OF_SOURCE, NO_SOUND)
