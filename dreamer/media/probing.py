"""What a film is: its size, rate and length, how many frames it holds, the texts it carries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dreamer.errors import MediaError
from dreamer.media.ffmetadata import read_ffmetadata
from dreamer.media.ffmpeg import local, said
from dreamer.media.kinds import is_film, what_it_is
from dreamer.media.opening import MOST_PIXELS

ENDINGS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg"}
# Containers that hold their own pictures. Playlists (hls, concat, dash, image2 …) are missing on
# purpose: they open what other files they name.
CONTAINERS = "mov,matroska,avi,gif,mpeg,mpegts,flv,asf,ogg,mjpeg,h264,hevc,m4v,mxf,nut,apng,dv"
PICTURES = "0:V:0"  # the first stream of pictures that is not a cover


@dataclass(frozen=True)
class VideoFacts:
    """A film as a player shows it (upright, its pixels square), and how it is stored; `seconds` is
    0 where no header says.
    """

    width: int
    height: int
    fps: Fraction
    seconds: float
    pixel_format: str
    matrix: str
    has_audio: bool

    @property
    def frames(self) -> int:
        """About how many frames: what length and rate make of it."""
        return round(self.seconds * self.fps)


def reading(path: Path) -> list[str]:
    """Ffmpeg's arguments for the pictures of a film that a stranger may have made."""
    return [
        *("-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS),
        *("-max_pixels", str(MOST_PIXELS), "-i", local(path)),
    ]


def count_frames(path: Path) -> int:
    """How many frames the film at `path` holds, each counted.

    Raises:
        MediaError: no such file, or no film.
    """
    only = ["-map", PICTURES, "-c", "copy", "-f", "null", "-"]
    code, _, words = said(["-v", "info", *reading(path), *only])
    counts = re.findall(r"frame=\s*(\d+)", words)
    if code or not counts:
        raise _refusal(path, words)
    return int(counts[-1])


def _refusal(path: Path, words: str) -> MediaError:
    """Why the file at `path` is no film, in our words if they say more than ffmpeg's `words`."""
    if not is_film(path):
        return MediaError(f"{path} is {what_it_is(path)}; expected a film")
    first = next((line for line in words.splitlines() if line.startswith("[")), words[-200:])
    reason = first.partition("] ")[2] or first or "it holds no pictures"
    return MediaError(f"{path} is {what_it_is(path)} that cannot be read: {reason}")


def probe(path: Path) -> VideoFacts:
    """What the header and the first frame of the film at `path` say.

    Raises:
        MediaError: no such file, or no film.
    """
    # The filter says exactly, and of the picture as it is shown, what the header says roughly. All
    # is looked for at the start of a line, where texts inside the film do not come.
    first = ["-map", PICTURES, "-vf", "showinfo", "-frames:v", "1", "-f", "null", "-"]
    code, _, words = said(["-v", "info", "-nostats", *reading(path), *first])
    frame = re.search(
        r"^\[Parsed_showinfo\S* @ \S+\] n: *0 .* fmt:(\w+) .*sar:(\d+)/(\d+) s:(\d+)x(\d+)",
        words,
        re.MULTILINE,
    )
    rate = re.search(
        r"^\[Parsed_showinfo.* config in time_base: \S+, frame_rate: ([1-9]\d*)/([1-9]\d*)",
        words,
        re.MULTILINE,
    )
    if code or frame is None or rate is None:
        raise _refusal(path, words)
    matrix = re.search(r"^\[Parsed_showinfo.* color_space:(\w+)", words, re.MULTILINE)
    length = re.search(r"^  Duration: (\d+):(\d+):([\d.]+)", words, re.MULTILINE)
    hours, minutes, seconds = map(float, length.groups()) if length else (0.0, 0.0, 0.0)
    wide, high = int(frame[2]) or 1, int(frame[3]) or 1
    return VideoFacts(
        width=max(1, round(int(frame[4]) * Fraction(wide, high))),
        height=int(frame[5]),
        fps=Fraction(int(rate[1]), int(rate[2])),
        seconds=hours * 3600 + minutes * 60 + seconds,
        pixel_format=frame[1],
        matrix=matrix[1] if matrix else "unknown",
        has_audio=re.search(r"^  Stream #0:\d+.*?: Audio: ", words, re.MULTILINE) is not None,
    )


def read_film_text(path: Path) -> dict[str, str]:
    """The texts a film carries, by key.

    Raises:
        MediaError: no such file, or no film.
    """
    code, words, complaint = said(["-v", "error", *reading(path), "-f", "ffmetadata", "-"])
    if code:
        raise _refusal(path, complaint)
    return read_ffmetadata(words)
