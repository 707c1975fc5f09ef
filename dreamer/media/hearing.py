"""The sound in a file as numbers: whatever ffmpeg can read, as one channel, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.ffmpeg import pieces
from dreamer.media.sound_probing import (
    SOUND,
    reading_sound,
    refuse_short,
    sound_header,
    whole_seconds,
)

RATE = 22_050  # samples a second: all that is heard of music lies below half of it
BLOCK = 1 << 16  # samples that are read at a time
LONGEST = 6 * 3600  # seconds of a sound that is heard: a night of music
# Samples lie where their file's clock says: where its sound has not begun, silence stands.
TIMED = {"async": 1, "first_pts": 0}


def read_samples(path: Path, rate: int = RATE, longest: float = LONGEST) -> Iterator[np.ndarray]:
    """The sound in the file at `path`, float32 at `rate` samples a second, in blocks of `BLOCK`
    samples, the last one shorter.

    One channel's values lie in [−1, 1]; several are mixed into one as ITU-R BS.775 has it, two as
    (left + right) / √2.

    Raises:
        MediaError: no such file, one without sound, one of more than `longest` seconds, one whose
            clock leaps, or one that breaks off; some of that only after what is there.
    """
    header = sound_header(path)
    _refuse_long(path, 0.0 if header.film else header.seconds, longest)
    expected = whole_seconds(path)
    _refuse_long(path, expected, longest)
    timed = "".join(f":{key}={value}" for key, value in TIMED.items())
    form = f"aresample={rate}{timed},aformat=sample_fmts=flt:channel_layouts=mono"
    arguments = [*reading_sound(path), "-map", SOUND, "-af", form, "-f", "f32le", "-"]
    count = 0
    for piece in pieces(arguments, BLOCK * 4, str(path), rest=True):
        block = np.frombuffer(piece[: len(piece) // 4 * 4], "<f4")
        count += len(block)
        _refuse_long(path, count / rate, longest)  # packets may hold more than they say
        yield np.nan_to_num(block, posinf=0.0, neginf=0.0)
    if not count:
        raise MediaError(f"{path} holds no sound: not one sample of it can be read")
    refuse_short(path, expected, count / rate)


def _refuse_long(path: Path, seconds: float, longest: float) -> None:
    if seconds > longest:
        raise MediaError(
            f"{path} is {seconds / 3600:.1f} hours long; numbers and beats can follow a sound of "
            f"up to {longest / 3600:.4g} hours: cut what the film needs out of it"
        )
