"""Chosen frames of a film as they are shown on a canvas of another shape, by one ffmpeg: decoded
from the beginning, so that they are the frames that were counted.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from dreamer.errors import MediaError
from dreamer.media.bright import BRIGHT, shown
from dreamer.media.ffmpeg import local, pieces
from dreamer.media.fitting import Fitting
from dreamer.media.footage import upright
from dreamer.media.opening import MOST_PIXELS
from dreamer.media.probing import CONTAINERS, PICTURES
from dreamer.media.showinfo import complaint
from dreamer.media.survey import Survey

DEEP = "gbrp16le"
THREADS = 2  # of a decoder: each holds frames of its own


def decoding(
    path: Path, numbers: Sequence[int], seen: Survey, fitting: Fitting, threads: int = THREADS
) -> list[str]:
    """Ffmpeg's arguments for the frames from the first to the last of `numbers`, in 16 bits."""
    first = _first(numbers, seen)
    limits = {"protocol_whitelist": "file,pipe", "format_whitelist": CONTAINERS}
    film = ffmpeg.input(local(path), max_pixels=MOST_PIXELS, threads=threads, **limits)
    picture = film[PICTURES.removeprefix("0:")]
    if first:
        picture = picture.filter("select", f"gte(n,{first})")
    for name, options in upright(seen):
        picture = picture.filter(name, **options)
    picture = _over(picture, fitting.behind) if seen.clear else picture.filter("format", DEEP)
    picture = fitting(picture)
    out = ffmpeg.output(
        picture,
        "pipe:",
        format="rawvideo",
        pix_fmt="rgb48le",
        fps_mode="passthrough",
        **{"frames:v": numbers[-1] - first + 1},
    )
    arguments: list[str] = ffmpeg.compile(out)[1:]
    return arguments


def _over(picture: Any, behind: tuple[float, float, float]) -> Any:
    """`picture`, which lies over black, over that colour: as much of it is added as is clear.

    Planes are taken apart and put together by filters of their own: swscale leaves rows out where
    it only drops the fourth of 16 bits (ffmpeg 9).
    """
    picture = picture.filter("format", "gbrap16le")
    if not any(behind):
        return _planes(picture, (0, 1, 2))
    parts = picture.filter_multi_output("split", 2)
    clear = _planes(parts[1].filter("extractplanes", "a").filter("negate"), (0, 0, 0))
    red, green, blue = behind
    clear = clear.filter("colorchannelmixer", rr=red, gg=green, bb=blue)
    return ffmpeg.filter([_planes(parts[0], (0, 1, 2)), clear], "blend", all_mode="addition")


def _planes(picture: Any, which: tuple[int, int, int]) -> Any:
    """Green, blue and red out of those planes of `picture`."""
    taken = {f"map{k}p": plane for k, plane in enumerate(which)}
    return picture.filter("mergeplanes", format=DEEP, map0s=0, map1s=0, map2s=0, **taken)


def clip_frames(
    path: Path, numbers: Sequence[int], seen: Survey, fitting: Fitting, threads: int = THREADS
) -> Generator[np.ndarray, None, None]:
    """The frames `numbers` of the film at `path`, none lower than the one before, on the canvas of
    `fitting`: `(H, W, 3)` uint16; one that comes again is given again.

    Upright, pixels square, colours by the film's tags, bright light rolled off, what is clear over
    the colour `behind`; else as `footage.film_frames` has them.

    Raises:
        MediaError: no such file, no film, or, after those before it, a frame that is not there.
    """
    if not numbers:
        return
    across, down = fitting.canvas
    wanted = iter(numbers)
    number, why = next(wanted), ""
    arguments = decoding(path, numbers, seen, fitting, threads)
    try:
        with closing(pieces(arguments, across * down * 6, str(path))) as found:
            for here, piece in enumerate(found, _first(numbers, seen)):
                if here != number:
                    continue
                levels = np.frombuffer(piece, "<u2").reshape(down, across, 3)
                if seen.transfer in BRIGHT:
                    levels = _toned(levels, seen.transfer, fitting)
                while here == number:
                    yield levels
                    if (following := next(wanted, None)) is None:
                        return
                    number = following
    except MediaError as error:
        why = f" ({complaint(str(error)) or 'ffmpeg ended before its end'})"
    what = f"has no frame {number} that can be read{why}, which was there"
    raise MediaError(f"{path} {what} when it was looked through")


def _first(numbers: Sequence[int], seen: Survey) -> int:
    """The first frame that ffmpeg gives: where a film's frames change, filters begin anew, and
    with them their counts.
    """
    return 0 if seen.changes else numbers[0]


def _toned(levels: np.ndarray, transfer: str, fitting: Fitting) -> np.ndarray:
    """Light of brighter screens as pictures show it; bars have the colour that was said."""
    coded = levels.transpose(2, 0, 1).astype(np.float32) / 65535
    found = shown(coded, transfer).transpose(1, 2, 0)
    if fitting.how == "contain":
        left, top, wide, high = fitting.inside
        framed = np.empty_like(found)
        framed[:] = np.asarray(fitting.behind, np.float32)
        framed[top : top + high, left : left + wide] = found[top : top + high, left : left + wide]
        found = framed
    return (found * 65535 + 0.5).astype("<u2")
