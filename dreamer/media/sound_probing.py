"""What a file says of its sound, and when its packets are: what can be known without hearing it.

A length is believed only where the header counts it: of raw streams (MP3 without a table, AAC)
ffmpeg reckons it from the first bytes, and may be off by several times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from dreamer.errors import MediaError
from dreamer.media.ffmpeg import local, pieces, said
from dreamer.media.kinds import UNKNOWN, head_of, what_it_is

SOUND = "0:a:0"
# Files that hold their own sound; playlists are missing on purpose, as they open other files.
CONTAINERS = (
    "wav,mp3,flac,ogg,aac,aiff,caf,w64,mov,matroska,ac3,eac3,amr,au,ape,tta,wv,avi,"
    "mpeg,mpegts,flv,asf,mxf,nut"
)
# How much less than its header says may come of a file that is whole, in seconds and as a part.
SHORT, SHORT_PART = 0.5, 0.05
# Seconds that a file's clock may leap over. A pause in a recording is silence; more is damage, and
# filling it would cost what no file of that size should.
MOST_LEAP = 600.0
PIECE = 1 << 16  # bytes of ffmpeg's words that are read at a time
EXPECTED = "a file with sound, like music.mp3"


class Header(NamedTuple):
    """What a file says of itself: its seconds (0 where it does not count them), the second its
    clock begins at, and whether it is a film, whose sound may be shorter.
    """

    seconds: float
    begins: float
    film: bool


def sound_header(path: Path) -> Header:
    """What the header of the file at `path` says, the first of its sound having been heard.

    Raises:
        MediaError: no such file, or one without sound.
    """
    asked = ["-t", "0.05", "-map", SOUND, "-f", "null", "-"]
    code, _, words = said(["-v", "info", "-nostats", *reading_sound(path), *asked])
    if code or not re.search(r"^  Stream #0:\d+.*?: Audio: ", words, re.MULTILINE):
        raise _refusal(path, words)
    length = re.search(
        r"^  Duration: (\d+):(\d+):([\d.]+)(?:, start: ([\d.]+))?", words, re.MULTILINE
    )
    pictures = re.findall(r"^  Stream #0:\d+.*?: Video: .*$", words, re.MULTILINE)
    film = any("(attached pic)" not in line for line in pictures)
    if length is None or "Estimating duration from bitrate" in words:
        return Header(0.0, 0.0, film)
    hours, minutes, seconds, begins = (float(part or 0) for part in length.groups())
    return Header(hours * 3600 + minutes * 60 + seconds, begins, film)


def sound_seconds(path: Path) -> float:
    """How long the sound in the file at `path` is at most: by its header, and where that does not
    count, by all its packets.

    Raises:
        MediaError: no such file, one without sound, or a damaged one.
    """
    return sound_header(path).seconds or whole_seconds(path)


def whole_seconds(path: Path) -> float:
    """How long the sound in the file at `path` is, each of its packets having been looked at, and
    none decoded.

    Raises:
        MediaError: no such file, one without sound, one that breaks off, or whose clock leaps.
    """
    header, end = sound_header(path), 0.0
    for begins, ends in _packets(path):
        if begins - end > MOST_LEAP:
            raise MediaError(
                f"{path} is damaged: its clock leaps from {end:.1f} s to {begins:.1f} s; up to "
                f"{MOST_LEAP:.0f} s may be left out"
            )
        end = max(end, ends)
    refuse_short(path, header.seconds - header.begins, end, header.film)
    return end


def refuse_short(path: Path, expected: float, found: float, film: bool = False) -> None:
    """Refuse the file at `path` where far less than the `expected` seconds were `found` in it; a
    film's sound may be shorter than it is.

    Raises:
        MediaError: it breaks off.
    """
    if not film and found < expected * (1 - SHORT_PART) - SHORT:
        raise MediaError(
            f"{path} breaks off: it says that it is {expected:.1f} s long, and of it "
            f"{found:.1f} s can be read"
        )


def reading_sound(path: Path) -> list[str]:
    """Ffmpeg's arguments for the sound of a file that a stranger may have made."""
    if not path.is_file():
        head_of(path, EXPECTED)  # which says what stands in the way
    return [
        *("-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS),
        *("-vn", "-sn", "-dn", "-i", local(path)),
    ]


def _packets(path: Path) -> Iterator[tuple[float, float]]:
    """When each packet of the sound begins and ends, in seconds."""
    arguments = [*reading_sound(path), "-map", SOUND, "-c", "copy", "-f", "framecrc", "-"]
    unit, rest, last = 0.0, b"", 0.0
    for piece in pieces(arguments, PIECE, str(path), rest=True):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"#tb 0: "):
                unit = float(Fraction(line[len(b"#tb 0: ") :].decode()))
            elif not line.startswith(b"#"):
                _, _, moment, length, *_ = line.split(b",")
                begins = int(moment) * unit if moment.strip().lstrip(b"-").isdigit() else last
                last = begins + max(0, int(length)) * unit
                yield begins, last


def _refusal(path: Path, words: str) -> MediaError:
    """Why nothing can be heard in the file at `path`."""
    kind = what_it_is(path)
    if kind.endswith((" film", " sound")) and re.search(r"^  Stream #0:\d+", words, re.MULTILINE):
        return MediaError(f"{path} is {kind} without sound that can be read")
    known = kind if kind != UNKNOWN else "no sound of a kind known here"
    damaged = ", and damaged" if kind.endswith((" film", " sound")) else ""
    return MediaError(f"{path} is {known}{damaged}; expected {EXPECTED}")
