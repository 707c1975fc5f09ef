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
from dreamer.media.showinfo import LOOK, SILENT, Heard

ENDINGS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg"}
# Containers that hold their own pictures. Playlists (hls, concat, dash, image2 …) are missing on
# purpose: they open what other files they name.
CONTAINERS = "mov,matroska,avi,gif,mpeg,mpegts,flv,asf,ogg,mjpeg,h264,hevc,m4v,mxf,nut,apng,dv"
PICTURES = "0:V:0"  # the first stream of pictures that is not a cover


@dataclass(frozen=True)
class VideoFacts:
    """A film as a player shows it (upright, its pixels square), and how it is stored; `seconds` is
    0 where no header says. `counted` is how long a header says that it is which counted it when it
    was made, 0 where it is reckoned from what is there.
    """

    width: int
    height: int
    fps: Fraction
    seconds: float
    pixel_format: str
    matrix: str
    has_audio: bool
    counted: float

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
    if "matches no streams" in words:
        return MediaError(f"{path} is {what_it_is(path)} that holds no pictures")
    first = next((line for line in words.splitlines() if line.startswith("[")), words[-200:])
    reason = first.partition("] ")[2] or first or "it holds no pictures"
    return MediaError(f"{path} is {what_it_is(path)} that cannot be read: {reason}")


def probe(path: Path) -> VideoFacts:
    """What the header and the first frame of the film at `path` say.

    Raises:
        MediaError: no such file, or no film.
    """
    # The filter says exactly, and of the picture as it is shown, what the header says roughly.
    first = ["-map", PICTURES, "-vf", LOOK, *SILENT, "-frames:v", "1", "-f", "null", "-"]
    code, _, words = said(["-v", "info", "-nostats", *reading(path), *first])
    found = Heard()
    for line in words.splitlines():
        found.heard(line)
    if code or found.first is None or found.fps is None:
        raise _refusal(path, words)
    # These are looked for at the start of a line, where texts inside the film do not come.
    length = re.search(
        r"^  Duration: (\d+):(\d+):([\d.]+)(?:, start: (-?[\d.]+))?", words, re.MULTILINE
    )
    hours, minutes, seconds, start = map(float, length.groups("0")) if length else (0.0,) * 4
    seconds += hours * 3600 + minutes * 60
    container = re.search(r"^Input #0, (\w+)", words, re.MULTILINE)
    return VideoFacts(
        width=max(1, round(found.first.width * found.first.aspect)),
        height=found.first.height,
        fps=found.fps,
        seconds=seconds,
        pixel_format=found.first.pixel_format,
        matrix=found.matrix or "unknown",
        has_audio=re.search(r"^  Stream #0:\d+.*?: Audio: ", words, re.MULTILINE) is not None,
        counted=_counted(path, container[1] if container else "", seconds - max(0.0, start)),
    )


def _counted(path: Path, container: str, seconds: float) -> float:
    """The length that the header of a film counts; `seconds` is what ffmpeg says of it, which is
    reckoned anew for AVI films that break off.
    """
    if container == "avi":
        with path.open("rb") as file:
            head = file.read(52)
        if len(head) < 52 or head[8:16] != b"AVI LIST" or head[20:28] != b"hdrlavih":
            return 0.0
        microseconds, frames = (int.from_bytes(head[k : k + 4], "little") for k in (32, 48))
        return microseconds * frames / 1e6
    return max(0.0, seconds) if container == "flv" else 0.0


def last_sound(path: Path) -> float:
    """Seconds after its beginning at which the last sound of the film at `path` begins, by its
    container; 0 where it has none.
    """
    asked = ["-map", "0:a?", "-c", "copy", "-f", "framecrc", "-"]
    _, told, _ = said(["-v", "error", *reading(path), *asked])
    units = {n: Fraction(int(a), int(b)) for n, a, b in re.findall(r"#tb (\d+): (\d+)/(\d+)", told)}
    found = re.findall(r"^(\d+), *-?\d+, *(-?\d+),", told, re.MULTILINE)
    return float(max((int(time) * units[n] for n, time in found), default=0))


def read_film_text(path: Path) -> dict[str, str]:
    """The texts a film carries, by key.

    Raises:
        MediaError: no such file, or no film.
    """
    code, words, complaint = said(["-v", "error", *reading(path), "-f", "ffmetadata", "-"])
    if code:
        raise _refusal(path, complaint)
    return read_ffmetadata(words)
