"""The sound in a file as numbers: whatever ffmpeg can read, as one channel, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.ffmpeg import local, pieces, said
from dreamer.media.kinds import UNKNOWN, what_it_is

RATE = 22_050  # samples a second: all that is heard of music lies below half of it
BLOCK = 1 << 16  # samples that are read at a time
SOUND = "0:a:0"
# Files that hold their own sound; playlists are missing on purpose, as they open other files.
CONTAINERS = (
    "wav,mp3,flac,ogg,aac,aiff,caf,w64,mov,matroska,ac3,eac3,amr,au,ape,tta,wv,avi,"
    "mpeg,mpegts,flv,asf,mxf,nut"
)
# Samples lie where their file's clock says: where its sound has not begun, silence stands.
TIMED = {"async": 1, "first_pts": 0}
# How much less than its header says may come of a file that is whole, in seconds and as a part.
SHORT, SHORT_PART = 0.5, 0.05


def sound_seconds(path: Path) -> float:
    """How long the sound in the file at `path` is by its header, the first of it having been read;
    0 where no header says.

    Raises:
        MediaError: no such file, or one without sound.
    """
    asked = ["-t", "0.05", "-map", SOUND, "-f", "null", "-"]
    code, _, words = said(["-v", "info", "-nostats", *_reading(path), *asked])
    if code or not re.search(r"^  Stream #0:\d+.*?: Audio: ", words, re.MULTILINE):
        raise _refusal(path, words)
    length = re.search(r"^  Duration: (\d+):(\d+):([\d.]+)", words, re.MULTILINE)
    hours, minutes, seconds = map(float, length.groups()) if length else (0.0, 0.0, 0.0)
    return hours * 3600 + minutes * 60 + seconds


def read_samples(path: Path, rate: int = RATE) -> Iterator[np.ndarray]:
    """The sound in the file at `path`, float32 at `rate` samples a second, in blocks of `BLOCK`
    samples, the last one shorter.

    One channel's values lie in [−1, 1]; several are mixed into one as ITU-R BS.775 has it, two as
    (left + right) / √2.

    Raises:
        MediaError: no such file, one without sound, or, after what is there, one that breaks off.
    """
    expected = sound_seconds(path)
    timed = "".join(f":{key}={value}" for key, value in TIMED.items())
    form = f"aresample={rate}{timed},aformat=sample_fmts=flt:channel_layouts=mono"
    arguments = [*_reading(path), "-map", SOUND, "-af", form, "-f", "f32le", "-"]
    count = 0
    for piece in pieces(arguments, BLOCK * 4, str(path), rest=True):
        block = np.frombuffer(piece[: len(piece) // 4 * 4], "<f4")
        count += len(block)
        yield np.nan_to_num(block, posinf=0.0, neginf=0.0)
    if not count:
        raise MediaError(f"{path} holds no sound: not one sample of it can be read")
    if count / rate < expected * (1 - SHORT_PART) - SHORT:
        raise MediaError(
            f"{path} breaks off: it says that it is {expected:.1f} s long, and of it "
            f"{count / rate:.1f} s can be read"
        )


def _reading(path: Path) -> list[str]:
    """Ffmpeg's arguments for the sound of a file that a stranger may have made."""
    if not path.is_file():
        what_it_is(path)  # which says what stands in the way
    return [
        *("-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS),
        *("-vn", "-sn", "-dn", "-i", local(path)),
    ]


def _refusal(path: Path, words: str) -> MediaError:
    """Why nothing can be heard in the file at `path`."""
    kind = what_it_is(path)
    if kind.endswith((" film", " sound")) and re.search(r"^  Stream #0:\d+", words, re.MULTILINE):
        return MediaError(f"{path} is {kind} without sound that can be read")
    known = kind if kind != UNKNOWN else "no sound of a kind known here"
    damaged = ", and damaged" if kind.endswith((" film", " sound")) else ""
    return MediaError(f"{path} is {known}{damaged}; expected a file with sound, like music.mp3")
