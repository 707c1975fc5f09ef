"""Films in and out: what ffmpeg is to do."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import ffmpeg
import numpy as np

from dreamer.errors import MediaError
from dreamer.media import durable
from dreamer.media.ffmetadata import read_ffmetadata, write_ffmetadata
from dreamer.media.ffmpeg import feed, local, pieces, said
from dreamer.media.kinds import is_film, what_it_is
from dreamer.media.pictures import MOST_PIXELS, read_picture, read_size
from dreamer.media.png import quantised

ENDINGS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg"}
# Containers that hold their own pictures. Playlists (hls, concat, dash, image2 …) are missing on
# purpose: they open what other files they name.
CONTAINERS = "mov,matroska,avi,gif,mpeg,mpegts,flv,asf,ogg,mjpeg,h264,hevc,m4v,mxf,nut,apng,dv"
# Encoders take the tags from their frames; a film's header takes them from its options.
TAGS = {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
SCALING = "accurate_rnd+full_chroma_int+bicubic"
PICTURES = "0:V:0"  # the first stream of pictures that is not a cover
BT709 = {"color_range": "tv"} | {k: v for k, v in TAGS.items() if k != "range"}


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


def there_and_back(frames: Sequence[Path]) -> list[Path]:
    """`frames` forth and back as a loop shows them: neither end twice."""
    return [*frames, *frames[-2:0:-1]]


def encode_film(
    frames: Sequence[Path],
    out: Path,
    fps: Fraction,
    *,
    crf: int = 17,
    preset: str = "medium",
    metadata: Mapping[str, str] | None = None,
    on_frame: Callable[[int], None] = lambda index: None,
) -> None:
    """Make an H.264 MP4 of picture files: yuv420p, true BT.709, its index in front, the same
    bytes every time.

    Odd sides get their last row or column once more, as H.264 wants even ones. What is transparent
    in a picture is over black, as around a film. The file appears at `out` when whole.

    Args:
        frames: pictures of one size, in order.
        out: where; a name beside it is used until it is whole.
        fps: frames a second, exact.
        crf: 0 lossless to 51; 16 to 18 is good.
        preset: how hard x264 tries.
        metadata: texts to carry, by key.
        on_frame: told each frame's number.

    Raises:
        MediaError: no frames, frames of several sizes, or what ffmpeg complained about.
    """
    if not frames:
        raise MediaError(f"no frames to make {out} of")
    if not out.parent.is_dir():
        raise MediaError(f"there is no folder {out.parent} to put {out.name} into")
    width, height = read_size(frames[0])
    with durable.replacing(out, by_process=True) as beside, tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts"
        texts.write_text(write_ffmetadata(metadata or {}), encoding="utf-8", newline="")
        arguments = _encoding(beside, texts, width, height, fps, crf, preset)
        feed(arguments, _raw(frames, height, width, on_frame), str(out))
        made = count_frames(beside)
        if made != len(frames):
            raise MediaError(f"{out} came out with {made} frames instead of {len(frames)}")
        durable.sync_file(beside)


def _encoding(
    out: Path, texts: Path, width: int, height: int, fps: Fraction, crf: int, preset: str
) -> list[str]:
    """Ffmpeg's arguments for a film of raw 16-bit RGB frames on its standard input, with the
    metadata in the file `texts`.
    """
    picture = ffmpeg.input(
        "pipe:", framerate=str(fps), format="rawvideo", pix_fmt="rgb48le", s=f"{width}x{height}"
    )
    right, bottom = width % 2, height % 2
    if right or bottom:
        picture = picture.filter("pad", width=width + right, height=height + bottom)
        picture = picture.filter("fillborders", right=right, bottom=bottom, mode="smear")
    picture = picture.filter("scale", out_color_matrix="bt709", out_range="tv", flags=SCALING)
    output = ffmpeg.output(
        picture.filter("format", "yuv420p").filter("setparams", **TAGS),
        local(out),
        format="mp4",
        vcodec="libx264",
        crf=crf,
        preset=preset,
        movflags="+faststart+use_metadata_tags",
        map_metadata=1,
        threads=2,  # x264's bytes depend on how many threads it has
        fflags="+bitexact",  # and a film's header on the version of ffmpeg
        **{"flags:v": "+bitexact"},
        **BT709,
    )
    arguments: list[str] = ffmpeg.compile(output, overwrite_output=True)[1:]
    # The graph builder knows no input without a stream, which metadata are.
    after = arguments.index("pipe:") + 1
    arguments[after:after] = ["-f", "ffmetadata", "-i", local(texts)]
    return arguments


def _raw(
    frames: Sequence[Path], height: int, width: int, on_frame: Callable[[int], None]
) -> Iterator[bytes]:
    for index, path in enumerate(frames):
        pixels = read_picture(path, paper=0)
        if pixels.shape[1:] != (height, width):
            found = f"{pixels.shape[2]}×{pixels.shape[1]}"
            raise MediaError(f"{path} is {found}, the first frame {width}×{height}")
        yield quantised(pixels, 16).astype("<u2").tobytes()
        on_frame(index)


def reading(path: Path) -> list[str]:
    """Ffmpeg's arguments for a film that a stranger may have made."""
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


def read_frames(
    path: Path, every: int = 1, facts: VideoFacts | None = None
) -> Generator[tuple[int, np.ndarray], None, None]:
    """Every `every`-th frame of a film with its number, `(3, H, W)` float32 in [0, 1], as a player
    shows it: upright, its pixels square.

    Colours follow the film's own tags; without any, BT.709 from 720 lines on and BT.601 below.
    `facts` are what `probe` told of the film, where that was asked before.

    Raises:
        MediaError: no such file, no film, or, after its whole frames, one that breaks off.
    """
    facts = facts or probe(path)
    width, height = facts.width, facts.height
    scale = f"scale={width}:{height}:flags={SCALING}"
    if facts.matrix in ("unknown", "reserved") and facts.pixel_format.startswith("yuv"):
        scale += f":in_color_matrix={'bt709' if height >= 720 else 'bt601'}"
    arguments = [
        *reading(path),
        *("-map", PICTURES, "-vf", f"select='not(mod(n,{every}))',{scale}"),
        *("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
    ]
    for number, piece in enumerate(pieces(arguments, width * height * 3, str(path))):
        levels = np.frombuffer(piece, np.uint8).reshape(height, width, 3).transpose(2, 0, 1)
        yield number * every, np.ascontiguousarray(levels).astype(np.float32) / 255


def read_film_text(path: Path) -> dict[str, str]:
    """The texts a film carries, by key.

    Raises:
        MediaError: no such file, or no film.
    """
    code, words, complaint = said(["-v", "error", *reading(path), "-f", "ffmetadata", "-"])
    if code:
        raise _refusal(path, complaint)
    return read_ffmetadata(words)
