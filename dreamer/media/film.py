"""What a film is to be: everything that decides its bytes but the pictures, as plain values, and
which pictures it shows in which order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from dreamer.errors import MediaError
from dreamer.film_formats import CODECS, CONTAINERS, Codec, Container, padded

Any_ = TypeVar("Any_")


@dataclass(frozen=True)
class Chapter:
    """A part of a film with a title, from `start` to `end` in seconds of the film."""

    start: Fraction
    end: Fraction
    title: str


@dataclass(frozen=True)
class Sound:
    """What is heard beside a film: the sound in `file` from its second `start` on, beginning
    `offset` seconds into the film, `volume` times as loud (1: as it is).

    It fades in and out over so many seconds; where it ends before the film, or begins after it,
    there is silence, and where it is longer, it is cut.
    """

    file: Path
    start: float = 0.0
    offset: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    volume: float = 1.0


@dataclass(frozen=True)
class Film:
    """How pictures become a film.

    Args:
        fps: its frames a second, exact.
        container: a row of `film_formats.CONTAINERS`.
        codec: a row of `film_formats.CODECS`; the container's first unless said.
        crf: its quality, in the codec's range; the codec's own unless said.
        preset: how hard it tries, by x264's names.
        pixel_format: the codec's first unless said.
        side: the longest side of a smaller copy; the pictures' own size unless said.
        of: the rate of the pictures it is made of, where that is higher: of these it shows the
            ones that are there at its own moments.
        loop: there and back, neither end twice.
        plays: how often an animation is played, 0 for ever.
        texts: what travels inside, by key.
        chapters: in order, where the container can have them.
        sound: where the container can carry it.
    """

    fps: Fraction
    container: str = "mp4"
    codec: str = ""
    crf: int | None = None
    preset: str = "medium"
    pixel_format: str = ""
    side: int | None = None
    of: Fraction | None = None
    loop: bool = False
    plays: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    chapters: Sequence[Chapter] = ()
    sound: Sound | None = None

    @property
    def box(self) -> Container:
        """What its container is."""
        return CONTAINERS[self.container]

    @property
    def packing(self) -> Codec:
        """What its codec is."""
        return CODECS[self.codec_name]

    @property
    def codec_name(self) -> str:
        """Its codec, said or not."""
        return self.codec or self.box.codecs[0]

    @property
    def quality(self) -> int:
        """Its crf, said or not; 0 of a codec that has none."""
        if self.crf is not None:
            return self.crf
        return 0 if self.packing.crf is None else self.packing.crf.default

    @property
    def pixels(self) -> str:
        """Its pixel format, said or not; "" of a codec that has only one."""
        return self.pixel_format or "".join(self.packing.pixel_formats[:1])

    def scaled(self, width: int, height: int) -> tuple[int, int]:
        """How large pictures of `width` and `height` are shown, before any padding."""
        longest = max(width, height)
        if self.side is None or self.side >= longest:
            return width, height
        part = Fraction(self.side, longest)
        return max(1, round(width * part)), max(1, round(height * part))

    def sides(self, width: int, height: int) -> tuple[int, int]:
        """How large a film of pictures of `width` and `height` is."""
        return padded(self.codec_name, self.pixels, *self.scaled(width, height))

    def shows(self, index: int) -> bool:
        """Whether the picture of number `index` is shown on the way there."""
        if self.of is None:
            return True
        moment = math.ceil(index * self.fps / self.of)
        return moment * self.of // self.fps == index

    def there(self, count: int) -> list[int]:
        """The numbers of the pictures shown on the way there, of `count`."""
        return [index for index in range(count) if self.shows(index)]

    def back(self, count: int) -> list[int]:
        """The numbers of those shown on the way back, of `count`; none where it does not go
        back.
        """
        there = self.there(count)
        return there_and_back(there)[len(there) :] if self.loop else []

    def length(self, count: int) -> Fraction:
        """How many seconds it lasts when made of `count` pictures."""
        return (len(self.there(count)) + len(self.back(count))) / self.fps

    def refuse_impossible(self, width: int, height: int) -> None:
        """Refuse what its container or codec cannot have, for whoever did not ask a recipe.

        Raises:
            MediaError: what.
        """
        title, codec = self.box.title, self.codec_name
        if codec not in self.box.codecs:
            raise MediaError(f"{title} does not hold {codec}; it holds {_listed(self.box.codecs)}")
        if self.pixels not in (self.packing.pixel_formats or ("",)):
            there = _listed(self.packing.pixel_formats) or "none to choose"
            raise MediaError(f"{self.packing.title} has no pixels {self.pixels}; it has {there}")
        if self.sound is not None and self.box.sound is None:
            raise MediaError(f"{title} carries no sound")
        if self.chapters and not self.box.chapters:
            raise MediaError(f"{title} has no chapters")
        if min(self.sides(width, height)) < self.packing.least:
            least = self.packing.least
            raise MediaError(f"{self.packing.title} needs sides of {least} pixels and more")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def there_and_back(frames: Sequence[Any_]) -> list[Any_]:
    """`frames` forth and back as a loop shows them: neither end twice."""
    return [*frames, *frames[-2:0:-1]]
