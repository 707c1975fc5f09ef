"""Chosen frames of a film, in order: decoded from its beginning, so that they are the same ones
wherever a render goes on.

Seeking would be quicker and is not exact in every container; decoding costs little beside dreaming.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.bright import BRIGHT, shown
from dreamer.media.decoding import SCALING
from dreamer.media.ffmpeg import pieces
from dreamer.media.probing import PICTURES, probe, reading
from dreamer.media.survey import transfer_of

# Formats of pixels that may be clear.
CLEAR = re.compile(r"yuva|rgba|argb|bgra|abgr|gbrap|ya\d|ayuv|vuya|rgb32|bgr32")


def film_frames(path: Path, numbers: Sequence[int]) -> Generator[np.ndarray, None, None]:
    """The frames `numbers` of the film at `path`, `(3, H, W)` float32 in [0, 1], as a player shows
    them: upright, their pixels square, colours by the film's tags (`video.read_frames`); those made
    for bright screens as pictures show them (`bright.shown`), what is clear over black, as films
    are shown.

    Args:
        path: the film.
        numbers: of frames as they are shown, none lower than the one before; one that comes again
            is given again.

    Raises:
        MediaError: no such file, no film, or, after those before it, a frame that is not there.
    """
    if not numbers:
        return
    facts = probe(path)
    width, height = facts.width, facts.height
    scale = f"scale={width}:{height}:flags={SCALING}"
    if facts.matrix in ("unknown", "reserved") and facts.pixel_format.startswith("yuv"):
        scale += f":in_color_matrix={'bt709' if height >= 720 else 'bt601'}"
    if CLEAR.match(facts.pixel_format):
        scale = f"premultiply=inplace=1,{scale}"
    transfer = transfer_of(path)
    deep = transfer in BRIGHT
    first, last = numbers[0], numbers[-1]
    arguments = [
        *reading(path),
        *("-map", PICTURES, "-vf", f"select='between(n,{first},{last})',{scale}"),
        *("-frames:v", str(last - first + 1)),
        *(
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb48le" if deep else "rgb24",
            "-",
        ),
    ]
    wanted = iter(numbers)
    number = next(wanted)
    count = width * height * 3 * (2 if deep else 1)
    with closing(pieces(arguments, count, str(path))) as found:
        for here, piece in enumerate(found, first):
            while here == number:
                levels = np.frombuffer(piece, "<u2" if deep else np.uint8)
                levels = levels.reshape(height, width, 3).transpose(2, 0, 1)
                pixels = np.ascontiguousarray(levels).astype(np.float32)
                yield shown(pixels / 65535, transfer) if deep else pixels / 255
                if (following := next(wanted, None)) is None:
                    return
                number = following
    raise MediaError(f"{path} has no frame {number}, which was there when it was looked through")
