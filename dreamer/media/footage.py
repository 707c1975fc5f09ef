"""Chosen frames of a film, in order: decoded from its beginning, so that they are the same ones
wherever a render goes on.

Seeking would be quicker and is not exact in every container; decoding costs little beside dreaming.
Where a film's size or the format of its pixels changes, ffmpeg's filters begin anew, and so do
their counts: frames of such films are counted here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.bright import BRIGHT, shown
from dreamer.media.decoding import SCALING
from dreamer.media.ffmpeg import pieces
from dreamer.media.probing import PICTURES, reading
from dreamer.media.showinfo import complaint
from dreamer.media.survey import Survey


def film_frames(
    path: Path, numbers: Sequence[int], seen: Survey
) -> Generator[np.ndarray, None, None]:
    """The frames `numbers` of the film at `path`, `(3, H, W)` float32 in [0, 1], as a player shows
    them: upright, their pixels square, colours by the film's tags (`video.read_frames`); those made
    for bright screens as pictures show them (`bright.shown`), what is clear over black, as films
    are shown. H and W are the first frame's: others are cropped and scaled to them.

    Args:
        path: the film.
        numbers: of frames as they are shown, none lower than the one before; one that comes again
            is given again.
        seen: what was seen of the film when it was looked through.

    Raises:
        MediaError: no such file, no film, or, after those before it, a frame that is not there.
    """
    if not numbers:
        return
    first = 0 if seen.changes else numbers[0]
    skipped = f"select='gte(n,{first})'," if first else ""
    deep = seen.transfer in BRIGHT
    kind = "rgb48le" if deep else "rgb24"
    arguments = [
        *(
            *reading(path),
            "-map",
            PICTURES,
            "-vf",
            f"{skipped}{_in_line(upright(seen))},format={kind}",
        ),
        *("-frames:v", str(numbers[-1] - first + 1)),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", kind, "-"),
    ]
    wanted = iter(numbers)
    number = next(wanted)
    count = seen.width * seen.height * 3 * (2 if deep else 1)
    why = ""
    try:
        with closing(pieces(arguments, count, str(path))) as found:
            for here, piece in enumerate(found, first):
                while here == number:
                    levels = np.frombuffer(piece, "<u2" if deep else np.uint8)
                    levels = levels.reshape(seen.height, seen.width, 3).transpose(2, 0, 1)
                    pixels = np.ascontiguousarray(levels).astype(np.float32)
                    yield shown(pixels / 65535, seen.transfer) if deep else pixels / 255
                    if (following := next(wanted, None)) is None:
                        return
                    number = following
    except MediaError as error:
        why = f" ({complaint(str(error)) or 'ffmpeg ended before its end'})"
    what = f"has no frame {number} that can be read{why}, which was there"
    raise MediaError(f"{path} {what} when it was looked through")


def upright(seen: Survey) -> list[tuple[str, dict[str, str | int]]]:
    """The filters, by name with their options, that give each frame the first one's size, its
    pixels square.
    """
    width, height = seen.width, seen.height
    same = f"eq(round(iw*sar),{width})*eq(ih,{height})"
    larger = f"max({width}/(iw*sar),{height}/ih)"
    scale: dict[str, str | int] = {
        "w": f"if({same},{width},max({width},round(iw*sar*{larger})))",
        "h": f"if({same},{height},max({height},round(ih*{larger})))",
        "flags": SCALING,
    }
    if seen.matrix in ("unknown", "reserved") and seen.pixel_format.startswith("yuv"):
        scale["in_color_matrix"] = "bt709" if height >= 720 else "bt601"
    clear: list[tuple[str, dict[str, str | int]]] = [("premultiply", {"inplace": 1})]
    return [*(clear if seen.clear else ()), ("scale", scale), ("crop", {"w": width, "h": height})]


def _in_line(filters: list[tuple[str, dict[str, str | int]]]) -> str:
    """`filters` as ffmpeg's option `-vf` has them."""
    return ",".join(
        name + "=" + ":".join(f"{key}='{value}'" for key, value in options.items())
        for name, options in filters
    )
