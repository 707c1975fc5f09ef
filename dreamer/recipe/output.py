"""What a recipe says of the films and pictures that are made of its frames, each word held against
the container and codec it is said for.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from dreamer.errors import did_you_mean, one_of
from dreamer.film_formats import CODECS, CONTAINERS, Codec, Container, holders_of, padded
from dreamer.recipe.numbers import Time, Words, shown
from dreamer.recipe.rates import Rate, parse_fps

_NAME = re.compile(r"\w[\w -]{0,59}")
MOST_PLAYS = 65_535
# What the words of a film are unless said; a still has no film to say them of.
OF_FILMS = (
    "video",
    "codec",
    "crf",
    "preset",
    "pixel_format",
    "loop",
    "plays",
    "size",
    "fps",
    "poster",
    "name",
)


class Output(Words):
    """What is made of the frames: a film, or nothing but them. Several stand in a list."""

    video: Literal["mp4", "mov", "mkv", "webm", "gif", "webp", "apng", "none"] = Field(
        "mp4", description="Container; `none` keeps the frames alone."
    )
    codec: Literal["h264", "h265", "vp9", "av1", "prores", "gif", "webp", "apng"] | None = Field(
        None,
        description="How pictures are packed: mp4 and mkv hold `h264` (unless said), `h265`, `vp9`,"
        " `av1`; mov `h264`, `h265`, `prores`; webm `vp9`, `av1`; mkv `prores` too.",
    )
    crf: int | None = Field(
        None,
        description="Quality, least is best: h264 0 to 51 (17), h265 0 to 51 (20), vp9 0 to 63 "
        "(24), av1 1 to 63 (18), webp 0 to 100 (10; 0 loses nothing).",
    )
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
    pixel_format: (
        Literal[
            "yuv420p",
            "yuv422p",
            "yuv444p",
            "yuv420p10",
            "yuv422p10",
            "yuv444p10",
            "rgb24",
            "rgb48",
        ]
        | None
    ) = Field(
        None,
        description="How colours are kept: `yuv420p` plays everywhere, 422 and 444 keep more of "
        "them, 10 and 48 bits show what `frames: png16` holds.",
    )
    loop: bool = Field(False, description="There and back again, without doubled end frames.")
    plays: int = Field(0, description="GIF, WebP, APNG: how often they are played; 0 is for ever.")
    size: int | None = Field(
        None, ge=16, le=20_000, description="The longest side of a smaller copy, in pixels."
    )
    fps: Rate = Field(
        None, description="A lower rate: of the frames those that are there at its moments."
    )
    poster: Time | None = Field(
        None, description="A still beside the film: the frame of this moment."
    )
    name: str | None = Field(
        None, description="What sets this file apart from another with the same ending."
    )
    frames: Literal["png8", "png16"] = Field("png8", description="Bits a channel of saved frames.")
    transparency: Literal["attribution"] | None = Field(
        None,
        description="A still: what the objective did not look at is left clear (MACO's), so that "
        "the dream can be laid over something else. Scores see it over white.",
    )

    @property
    def container(self) -> Container | None:
        """What it lies in; None of frames alone."""
        return CONTAINERS.get(self.video)

    @property
    def codec_name(self) -> str:
        """Its codec, said or not; "" of frames alone."""
        return self.codec or (self.container.codecs[0] if self.container else "")

    @property
    def rate(self) -> Fraction | None:
        """Its own frames a second, if it says any."""
        return None if self.fps is None else parse_fps(self.fps)

    def told(self, fps: Fraction, size: tuple[int, int]) -> str:
        """The film in words, of frames of `size` (width, height), `fps` a second."""
        if self.container is None:
            return "no film, the frames alone"
        codec = CODECS[self.codec_name]
        part = 1 if self.size is None else Fraction(self.size, max(size))
        wide, high = (max(1, round(n * part)) for n in size)
        pixels = self.pixel_format or "".join(codec.pixel_formats[:1])
        crf = codec.crf.default if codec.crf and self.crf is None else self.crf
        sides = padded(self.codec_name, pixels, wide, high)
        words = [self.container.title]
        words += [codec.title] if codec.title != self.container.title else []
        words += [pixels] if pixels else []
        words += [] if crf is None else [f"crf {crf}"]
        words.append(f"{sides[0]}×{sides[1]}")
        words += [f"(padded from {wide}×{high})"] if sides != (wide, high) else []
        words.append(f"{self.rate or fps} frames a second")
        return ", ".join(words).replace(", (", " (") + (", there and back" if self.loop else "")

    def said_of_films(self) -> list[str]:
        """Which words it says that only films have, but for what they mean unsaid."""
        unsaid = {key: info.default for key, info in type(self).model_fields.items()}
        return [key for key in OF_FILMS if getattr(self, key) != unsaid[key]]

    @field_validator("codec")
    @classmethod
    def _held(cls, value: str | None, info: ValidationInfo) -> str | None:
        video = info.data.get("video")
        if value is None or video is None:
            return value
        if video == "none":
            raise ValueError("video: none packs nothing; leave codec out, or say video: mp4")
        if value not in CONTAINERS[video].codecs:
            near = one_of(holders_of(value))
            held = ", ".join(CONTAINERS[video].codecs)
            raise ValueError(f"{video} holds {held}, not {value}; say video: {near}")
        return value

    @field_validator("crf")
    @classmethod
    def _within(cls, value: int | None, info: ValidationInfo) -> int | None:
        codec = None if value is None else _codec(info, "crf")
        if value is None or codec is None:
            return value
        if codec.crf is None:
            raise ValueError(f"{codec.title} has none: it is always as good; leave it out")
        if value < codec.crf.best:
            raise ValueError(f"must be at least {codec.crf.best}, not {value}")
        if value > codec.crf.least:
            raise ValueError(f"must be at most {codec.crf.least}, not {value}")
        return value

    @field_validator("preset")
    @classmethod
    def _tries(cls, value: str, info: ValidationInfo) -> str:
        codec = _codec(info, "preset")
        if codec is not None and not codec.presets:
            raise ValueError(f"{codec.title} knows no presets; leave it out")
        return value

    @field_validator("pixel_format")
    @classmethod
    def _packable(cls, value: str | None, info: ValidationInfo) -> str | None:
        codec = None if value is None else _codec(info, "pixel_format")
        if value is None or codec is None or value in codec.pixel_formats:
            return value
        if not codec.pixel_formats:
            raise ValueError(f"{codec.title} has only one; leave it out")
        near = did_you_mean(value, codec.pixel_formats)
        raise ValueError(f"{codec.title} has {', '.join(codec.pixel_formats)}, not {value}{near}")

    @field_validator("loop")
    @classmethod
    def _goes_back(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("video") == "none":
            raise ValueError("is of a film, and video: none makes none")
        return value

    @field_validator("plays")
    @classmethod
    def _counted(cls, value: int, info: ValidationInfo) -> int:
        container = CONTAINERS.get(info.data.get("video", ""))
        if container is not None and not container.plays:
            what = "a player decides how often it plays a film"
            raise ValueError(f"is of gif, webp and apng; {what}. For there and back say loop: true")
        if not 0 <= value <= MOST_PLAYS:
            raise ValueError(f"expected 0 (for ever) to {MOST_PLAYS}, not {value}")
        return value

    @field_validator("fps")
    @classmethod
    def _slow_enough(cls, value: Any, info: ValidationInfo) -> Any:
        container = CONTAINERS.get(info.data.get("video", ""))
        if value is not None and container is not None and container.most_fps is not None:
            _refuse_fast(container, parse_fps(value))
        return value

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        if value is not None and not _NAME.fullmatch(value):
            raise ValueError(
                f"expected a few letters, digits, blanks, - and _, as parts of a file's name, not "
                f"{shown(value)}"
            )
        return value


def _codec(info: ValidationInfo, key: str) -> Codec | None:
    """The codec that a word is said for; None where that is wrong already."""
    if "video" not in info.data or "codec" not in info.data:
        return None
    if info.data["video"] == "none":
        raise ValueError(f"video: none makes no film; leave {key} out")
    return CODECS[info.data["codec"] or CONTAINERS[info.data["video"]].codecs[0]]


def _refuse_fast(container: Container, fps: Fraction) -> None:
    assert container.most_fps is not None
    if fps > container.most_fps:
        raise ValueError(
            f"{container.title} shows at most {container.most_fps} frames a second, not {fps}; "
            f"say fps: 25"
        )
