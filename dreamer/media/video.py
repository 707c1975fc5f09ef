"""Films in and out: the one file that says what ffmpeg is to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import ffmpeg
import numpy as np

from dreamer.errors import MediaError
from dreamer.media import durable
from dreamer.media.ffmpeg import feed, local, pieces, said
from dreamer.media.pictures import read_picture, what_it_is
from dreamer.media.png import quantised

PLAYLISTS = ("hls", "concat", "dash", "applehttp", "sdp", "rtsp", "image2")
ENDINGS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg"}
# Encoders take the tags from their frames; a film's header takes them from its options.
TAGS = {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
BT709 = {"color_range": "tv"} | {k: v for k, v in TAGS.items() if k != "range"}


@dataclass(frozen=True)
class VideoFacts:
    """What a film's header says; `frames` is what its length and rate make of it."""

    width: int
    height: int
    fps: Fraction
    seconds: float
    pixel_format: str
    has_audio: bool

    @property
    def frames(self) -> int:
        """About how many frames."""
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

    Odd sides get their last row or column once more, as H.264 wants even ones. The file appears at
    `out` when whole.

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
    height, width = read_picture(frames[0]).shape[1:]
    with durable.replacing(out) as beside:
        arguments = _encoding(beside, width, height, fps, crf, preset, metadata or {})
        feed(arguments, _raw(frames, height, width, on_frame), str(out))
        made = count_frames(beside)
        if made != len(frames):
            raise MediaError(f"{out} came out with {made} frames instead of {len(frames)}")
        durable.sync_file(beside)


def _encoding(
    out: Path,
    width: int,
    height: int,
    fps: Fraction,
    crf: int,
    preset: str,
    metadata: Mapping[str, str],
) -> list[str]:
    """Ffmpeg's arguments for a film of raw 16-bit RGB frames on its standard input."""
    picture = ffmpeg.input(
        "pipe:", framerate=str(fps), format="rawvideo", pix_fmt="rgb48le", s=f"{width}x{height}"
    )
    right, bottom = width % 2, height % 2
    if right or bottom:
        picture = picture.filter("pad", width=width + right, height=height + bottom)
        picture = picture.filter("fillborders", right=right, bottom=bottom, mode="smear")
    flags = "accurate_rnd+full_chroma_int+bicubic"
    picture = picture.filter("scale", out_color_matrix="bt709", out_range="tv", flags=flags)
    output = ffmpeg.output(
        picture.filter("format", "yuv420p").filter("setparams", **TAGS),
        local(out),
        format="mp4",
        vcodec="libx264",
        crf=crf,
        preset=preset,
        movflags="+faststart+use_metadata_tags",
        threads=2,  # x264's bytes depend on how many threads it has
        **{"flags:v": "+bitexact"},
        **BT709,
    )
    *arguments, target, overwrite = ffmpeg.compile(ffmpeg.overwrite_output(output))[1:]
    # the graph builder knows each option once, and metadata is given once a text
    texts = [part for key, text in metadata.items() for part in ("-metadata", f"{key}={text}")]
    return [*arguments, *texts, overwrite, target]


def _raw(
    frames: Sequence[Path], height: int, width: int, on_frame: Callable[[int], None]
) -> Iterator[bytes]:
    for index, path in enumerate(frames):
        pixels = read_picture(path)
        if pixels.shape[1:] != (height, width):
            found = f"{pixels.shape[2]}×{pixels.shape[1]}"
            raise MediaError(f"{path} is {found}, the first frame {width}×{height}")
        yield quantised(pixels, 16).astype("<u2").tobytes()
        on_frame(index)


def count_frames(path: Path) -> int:
    """How many frames a film really has, every one decoded."""
    arguments = ["-protocol_whitelist", "file,pipe", "-i", local(path), "-map", "0:v:0"]
    code, _, words = said(["-v", "info", *arguments, "-fps_mode", "passthrough", "-f", "null", "-"])
    counts = re.findall(r"frame=\s*(\d+)", words)
    if code or not counts:
        raise MediaError(f"{path} cannot be decoded:\n{words[-600:]}")
    return int(counts[-1])


def probe(path: Path) -> VideoFacts:
    """What the header of the film at `path` says.

    Raises:
        MediaError: no such file, or no film.
    """
    if not path.is_file():
        raise MediaError(f"no such file: {path}")
    _, _, words = said(["-protocol_whitelist", "file,pipe", "-i", local(path)])
    kind = re.search(r"Input #0, ([^\n]*?), from", words)
    stream = re.search(r"Stream #0:\d+.*?: Video: ([^\n]*)", words)
    if kind is None or stream is None:
        raise MediaError(f"{path} is {what_it_is(path)}; expected a film")
    if any(part in PLAYLISTS for part in kind[1].split(",")):
        raise MediaError(f"{path} is a playlist, which may name other files; expected a film")
    size = re.search(r", (\d{1,5})x(\d{1,5})[, \[]", stream[1])
    rate = re.search(r"([\d.]+k?) (?:fps|tbr)", stream[1])
    length = re.search(r"Duration: (\d+):(\d+):([\d.]+)", words)
    if size is None or rate is None:
        raise MediaError(f"{path} does not say its size and rate; expected a film")
    seconds = 0.0
    if length is not None:
        seconds = int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3])
    pixel_format = re.search(r", (yuvj?\w+|rgb\w*|gray\w*|gbr\w*|pal8|bgr\w*)", stream[1])
    return VideoFacts(
        int(size[1]),
        int(size[2]),
        _rate(rate[1]),
        seconds,
        pixel_format[1] if pixel_format else "",
        "Audio:" in words,
    )


def _rate(word: str) -> Fraction:
    """A rate as ffmpeg prints it, rounded to two places, as the fraction it was."""
    shown = float(word.removesuffix("k")) * (1000 if word.endswith("k") else 1)
    for whole in (24, 30, 48, 60, 120):
        if abs(shown - whole * 1000 / 1001) < 0.006:
            return Fraction(whole * 1000, 1001)
    return Fraction(str(shown)).limit_denominator(1000)


def read_frames(path: Path, every: int = 1) -> Iterator[tuple[int, np.ndarray]]:
    """Every `every`-th frame of a film with its number, `(3, H, W)` float32 in [0, 1].

    Colours follow the film's own tags (BT.709 where it has none and is 720 lines or more, else
    BT.601).

    Raises:
        MediaError: no such file, no film, or one that breaks off.
    """
    facts = probe(path)
    matrix = "auto" if facts.height < 720 else "bt709"
    options = ["-protocol_whitelist", "file,pipe", "-i", local(path), "-map", "0:v:0"]
    chosen = f"select='not(mod(n,{every}))',scale=in_color_matrix={matrix}"
    options += [
        "-vf",
        chosen,
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    size = facts.width * facts.height * 3
    for number, piece in enumerate(pieces(options, size, str(path))):
        levels = np.frombuffer(piece, np.uint8).reshape(facts.height, facts.width, 3)
        yield (
            number * every,
            np.ascontiguousarray(levels.transpose(2, 0, 1)).astype(np.float32) / 255,
        )


def read_film_text(path: Path) -> dict[str, str]:
    """The texts a film carries, by key.

    Raises:
        MediaError: no film.
    """
    probe(path)
    _, words, _ = said(
        [
            "-v",
            "error",
            "-protocol_whitelist",
            "file,pipe",
            "-i",
            local(path),
            "-f",
            "ffmetadata",
            "-",
        ]
    )
    return parse_ffmetadata(words)


def parse_ffmetadata(words: str) -> dict[str, str]:
    r"""Keys and values of ffmpeg's metadata format, where `\` escapes `=`, `;`, `#`, itself and
    the end of a line.
    """
    found: dict[str, str] = {}
    key: str | None = None
    part, escaped = "", False
    for letter in words.removeprefix(";FFMETADATA1\n"):
        if escaped:
            part, escaped = part + letter, False
        elif letter == "\\":
            escaped = True
        elif letter == "=" and key is None:
            key, part = part, ""
        elif letter == "\n":
            if key is not None:
                found[key] = part
            elif part.startswith("["):
                break  # chapters and streams
            key, part = None, ""
        else:
            part += letter
    return found
