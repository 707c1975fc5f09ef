"""The sound of a film of many clips: each clip's own where it is seen, fading as its pictures do,
and a bed under all of it; mixed sample by sample as it comes, into one file.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from dreamer.media.ffmpeg import Fed, local, pieces
from dreamer.media.hearing import TIMED
from dreamer.media.sound import RATE, fades, leaping
from dreamer.media.sound_probing import CONTAINERS, whole_seconds

BLOCK = 1 << 14  # samples that are mixed at a time
SAMPLE = 8  # bytes: two channels of 32 bits
# One channel is heard from both sides as loud as it is; more than two are mixed into two.
IN_STEREO = "stereo|FL=FL+FC|FR=FR+FC"


@dataclass(frozen=True)
class Heard:
    """A sound in a film: the one in `file` from its second `start` on, `speed` times as fast,
    `volume` times as loud, from sample `first` of the film to `end`; it rises over its first
    `rising` samples and falls over its last `falling`, evenly; where it is a part of what rises and
    falls, that begins `since` samples before it and ends `until` after it.
    """

    file: Path
    first: int
    end: int
    start: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    volume: float = 1.0
    rising: int = 0
    falling: int = 0
    since: int = 0
    until: int = 0


def sample_at(frame: int, fps: Fraction) -> int:
    """The sample that is heard as `frame` begins."""
    return round(frame / fps * RATE)


def bed(file: Path, film: int, words: dict[str, float]) -> Heard:
    """A sound under a film of `film` samples: `start`, `offset`, `fade_in`, `fade_out` (seconds)
    and `volume` of `words`.

    Raises:
        MediaError: it cannot be heard.
    """
    before = min(film, round(words["offset"] * RATE))
    rest = math.floor((whole_seconds(file) - words["start"]) * RATE)
    end = before + max(0, min(rest, film - before))
    rising, falling = (round(words[key] * RATE) for key in ("fade_in", "fade_out"))
    rising, falling = fades(rising, falling, end - before)
    start = Fraction(words["start"]).limit_denominator(10**6)
    return Heard(file, before, end, start, volume=words["volume"], rising=rising, falling=falling)


def hearing(heard: Heard) -> list[str]:
    """Ffmpeg's arguments for the samples of `heard`, two channels of 32-bit floats."""
    count = heard.end - heard.first
    limits = {"protocol_whitelist": "file,pipe", "format_whitelist": CONTAINERS}
    sound = ffmpeg.input(local(heard.file), vn=None, sn=None, dn=None, **limits)["a:0"]
    most = float(heard.start + count * heard.speed / RATE) + 1
    sound = sound.filter("asetpts", leaping(most))
    sound = sound.filter("aresample", RATE, **TIMED)
    sound = sound.filter("aformat", sample_fmts="flt", channel_layouts="mono|stereo")
    sound = sound.filter("pan", args=IN_STEREO)
    sound = sound.filter("atrim", start_sample=round(heard.start * RATE))
    sound = sound.filter("asetpts", "PTS-STARTPTS")
    for pace in paces(heard.speed):
        sound = sound.filter("atempo", f"{float(pace):.9f}")
    sound = sound.filter("apad", whole_len=count).filter("atrim", end_sample=count)
    out = ffmpeg.output(sound, "pipe:", format="f32le", acodec="pcm_f32le", ar=RATE, ac=2)
    arguments: list[str] = ffmpeg.compile(out)[1:]
    return arguments


def paces(speed: Fraction) -> list[Fraction]:
    """What `speed` is in steps that `atempo` can take, each from a half to two, which keeps the
    pitch and skips nothing.
    """
    found: list[Fraction] = []
    while speed > 2 or speed < Fraction(1, 2):
        step = Fraction(2) if speed > 2 else Fraction(1, 2)
        found.append(step)
        speed /= step
    return [*found, speed] if speed != 1 else found


def samples(heard: Heard) -> Generator[np.ndarray, None, None]:
    """The samples of `heard`, `(n, 2)` float32, in blocks, as loud as they are in the film.

    Raises:
        MediaError: it cannot be read.
    """
    count = heard.end - heard.first
    done = 0
    with closing(pieces(hearing(heard), BLOCK * SAMPLE, str(heard.file), rest=True)) as found:
        for piece in found:
            block = np.frombuffer(piece[: len(piece) // SAMPLE * SAMPLE], "<f4").reshape(-1, 2)
            places = np.arange(done, done + len(block))
            loud = np.full(len(block), heard.volume, np.float32)
            if heard.rising:
                loud *= np.clip((heard.since + places) / heard.rising, 0, 1)
            if heard.falling:
                loud *= np.clip((count + heard.until - places) / heard.falling, 0, 1)
            done += len(block)
            yield np.nan_to_num(block, posinf=0.0, neginf=0.0) * loud[:, None].astype(np.float32)


def mixed(sounds: Sequence[Heard], film: int) -> Iterator[np.ndarray]:
    """All of `sounds` together, `film` samples `(n, 2)` float32 in [−1, 1], block by block. Only
    those that are heard at a time are open.
    """
    waiting = sorted((one for one in sounds if one.end > one.first), key=lambda one: one.first)
    with ExitStack() as ends:
        open_: list[_Open] = []
        for start in range(0, film, BLOCK):
            end = min(start + BLOCK, film)
            while waiting and waiting[0].first < end:
                one = _Open(waiting.pop(0))
                ends.callback(one.close)
                open_.append(one)
            block = np.zeros((end - start, 2), np.float32)
            for one in open_:
                one.add_to(block, start)
            open_ = [one for one in open_ if not one.over(end)]
            yield np.clip(block, -1, 1)


class _Open:
    """A sound that is being heard."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._blocks = heard, samples(heard)
        self._here, self._rest = heard.first, np.zeros((0, 2), np.float32)

    def add_to(self, block: np.ndarray, start: int) -> None:
        """Add what is heard in `block`, which begins at sample `start` of the film."""
        while self._here < start + len(block):
            if not len(self._rest):
                more: Any = next(self._blocks, None)
                if more is None:
                    return
                self._rest = more
            at = self._here - start
            part = self._rest[: len(block) - at]
            block[at : at + len(part)] += part
            self._rest = self._rest[len(part) :]
            self._here += len(part)

    def over(self, sample: int) -> bool:
        """Whether nothing is heard from `sample` on; it is closed then."""
        if self._heard.end > sample:
            return False
        self.close()
        return True

    def close(self) -> None:
        """Hear no more of it."""
        self._blocks.close()


def keeping(out: Path) -> list[str]:
    """Ffmpeg's arguments for samples that come, two channels of 32-bit floats, kept at `out`."""
    raw = ["-f", "f32le", "-ar", str(RATE), "-ch_layout", "stereo", "-i", "pipe:"]
    return [*raw, "-c:a", "pcm_f32le", "-f", "wav", "-rf64", "auto", "-bitexact", "-y", local(out)]


def mix(sounds: Sequence[Heard], film: int, out: Path) -> None:
    """Write all of `sounds` together, `film` samples, at `out`, a WAV of 32-bit floats.

    Raises:
        MediaError: one cannot be read, or what ffmpeg complained about.
    """
    fed = Fed(keeping(out), out.name)
    try:
        for block in mixed(sounds, film):
            fed.write(block.astype("<f4").data)
    except BaseException:
        fed.kill()
        raise
    fed.close()
