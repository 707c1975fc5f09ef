"""Which codecs and containers films may have, and what goes together: plain values that recipes
are held against and films are made by, so that neither can promise what the other lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)
_8_BITS = ("yuv420p", "yuv422p", "yuv444p")
_10_BITS = ("yuv420p10", "yuv422p10", "yuv444p10")


class Crf(NamedTuple):
    """The range of a codec's quality, best to least, and what it is unless said."""

    best: int
    default: int
    least: int


@dataclass(frozen=True)
class Codec:
    """How pictures are packed.

    `pixel_formats` begins with the one that is meant unless said; `presets` says whether it can
    try harder; `whole_chroma` that sides must be multiples of what its colours are halved by; no
    side may be shorter than `least` pixels.
    """

    title: str
    crf: Crf | None
    pixel_formats: tuple[str, ...]
    presets: bool = True
    whole_chroma: bool = False
    least: int = 1


@dataclass(frozen=True)
class Container:
    """What the packed pictures lie in.

    `codecs` begins with the one that is meant unless said. `sound` is the codec of sound in it, if
    it can carry any; `chapters` whether it has them; `plays` whether the file itself says how often
    it is played; `most_fps` is its highest rate, where it has one.
    """

    title: str
    ending: str
    codecs: tuple[str, ...]
    sound: str | None = None
    chapters: bool = True
    plays: bool = False
    most_fps: int | None = None

    @property
    def animation(self) -> bool:
        """Whether it is a picture that moves, and not a film."""
        return self.plays


CODECS: dict[str, Codec] = {
    "h264": Codec("H.264", Crf(0, 17, 51), _8_BITS + _10_BITS, whole_chroma=True),
    "h265": Codec("H.265", Crf(0, 20, 51), _8_BITS + _10_BITS, whole_chroma=True, least=16),
    "vp9": Codec("VP9", Crf(0, 24, 63), _8_BITS + _10_BITS),
    "av1": Codec("AV1", Crf(1, 18, 63), ("yuv420p", "yuv420p10"), least=16),
    "prores": Codec("ProRes 422 HQ", None, ("yuv422p10",), presets=False),
    "gif": Codec("GIF", None, (), presets=False),
    "webp": Codec("WebP", Crf(0, 10, 100), ()),
    "apng": Codec("APNG", None, ("rgb24", "rgb48"), presets=False),
}
CONTAINERS: dict[str, Container] = {
    "mp4": Container("MP4", ".mp4", ("h264", "h265", "vp9", "av1"), "aac"),
    "mov": Container("QuickTime", ".mov", ("h264", "h265", "prores"), "aac"),
    "mkv": Container("Matroska", ".mkv", ("h264", "h265", "vp9", "av1", "prores"), "opus"),
    "webm": Container("WebM", ".webm", ("vp9", "av1"), "opus"),
    # Browsers take two hundredths of a second for the shortest time a picture may stand.
    "gif": Container("GIF", ".gif", ("gif",), chapters=False, plays=True, most_fps=50),
    "webp": Container("WebP", ".webp", ("webp",), chapters=False, plays=True),
    "apng": Container("APNG", ".apng", ("apng",), chapters=False, plays=True),
}


def container_of(ending: str) -> str | None:
    """The container of files that end in `ending` (`.mp4`), if it is one of these."""
    return next((name for name, c in CONTAINERS.items() if c.ending == ending.lower()), None)


def holders_of(codec: str) -> list[str]:
    """The containers that hold `codec`."""
    return [name for name, container in CONTAINERS.items() if codec in container.codecs]


def chroma_step(pixel_format: str) -> tuple[int, int]:
    """How many pixels across and down share a colour."""
    if "420" in pixel_format:
        return 2, 2
    return (2, 1) if "422" in pixel_format else (1, 1)


def padded(codec: str, pixel_format: str, width: int, height: int) -> tuple[int, int]:
    """The sides a film of `codec` has for pictures of `width` and `height`."""
    if not CODECS[codec].whole_chroma:
        return width, height
    across, down = chroma_step(pixel_format)
    return -(-width // across) * across, -(-height // down) * down
