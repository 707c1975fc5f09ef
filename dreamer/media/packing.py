"""What ffmpeg is told to make one film of pictures: how they go in, are packed and lie in their
container.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from dreamer.media.codecs import encoder_of
from dreamer.media.ffmpeg import local
from dreamer.media.film import Film
from dreamer.media.sound import laying

# Encoders take the tags from their frames; a film's header takes them from its options.
TAGS = {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
BT709 = {"color_range": "tv"} | {k: v for k, v in TAGS.items() if k != "range"}
SCALING = "accurate_rnd+full_chroma_int+bicubic"
SHRINKING = "accurate_rnd+full_chroma_int+full_chroma_inp+lanczos"
MUXERS = {"mkv": "matroska"}


@dataclass(frozen=True)
class Packing:
    """The film at `out`, made of pictures of `size` (width, height); its `texts` and, on the way,
    the colours of a GIF lie in other files.
    """

    film: Film
    out: Path
    size: tuple[int, int]
    texts: Path
    palette: Path

    @property
    def eight(self) -> bool:
        """Whether its pictures are given in 8 bits, and not in 16."""
        return self.film.box.animation and self.film.pixels != "rgb48"

    def _pictures(self) -> Any:
        """The pictures as a graph begins with them, at the size they are shown."""
        film, (width, height) = self.film, self.size
        picture = ffmpeg.input(
            "pipe:",
            framerate=str(film.fps),
            format="rawvideo",
            pix_fmt="rgb24" if self.eight else "rgb48le",
            s=f"{width}x{height}",
        )
        across, down = film.scaled(width, height)
        if (across, down) != (width, height):
            picture = picture.filter("scale", w=across, h=down, flags=SHRINKING)
        wide, high = film.sides(width, height)
        if (wide, high) != (across, down):
            right, bottom = wide - across, high - down
            picture = picture.filter("pad", width=wide, height=high)
            picture = picture.filter("fillborders", right=right, bottom=bottom, mode="smear")
        return picture

    def packed(self) -> list[str]:
        """Ffmpeg's arguments for all but GIF."""
        film = self.film
        picture, tags = self._pictures(), dict[str, str]()
        if film.pixels.startswith("yuv"):
            picture = picture.filter(
                "scale", out_color_matrix="bt709", out_range="tv", flags=SCALING
            )
            picture = picture.filter("format", _as_ffmpeg(film.pixels)).filter("setparams", **TAGS)
            tags = BT709
        else:
            picture = picture.filter("format", _as_ffmpeg(film.pixels) or "bgra")
        encoder = encoder_of(film.codec_name)
        own = encoder.arguments(film.quality, film.preset)
        return self._compiled(picture, encoder.name, {**own, **tags})

    def looking(self) -> list[str]:
        """Ffmpeg's arguments for a GIF's first pass: which colours are there.

        They are counted in 6 bits a channel, so that memory stays small however many there are.
        """
        picture = self._pictures().filter("format", "rgb24")
        rough = "bitor(bitand(val,252),2)"
        picture = picture.filter("lutrgb", r=rough, g=rough, b=rough)
        found = ffmpeg.output(
            picture.filter("palettegen", stats_mode="full"),
            local(self.palette),
            format="image2",
            update=1,
            vcodec="png",
            **{"frames:v": 1},
        )
        arguments: list[str] = ffmpeg.compile(found, overwrite_output=True)[1:]
        return arguments

    def with_palette(self) -> list[str]:
        """Ffmpeg's arguments for a GIF's second pass: each picture in those colours."""
        palette = ffmpeg.input(local(self.palette))
        picture = self._pictures().filter("format", "rgb24")
        mixed = ffmpeg.filter(
            [picture, palette], "paletteuse", dither="sierra2_4a", diff_mode="rectangle"
        )
        return self._compiled(mixed, encoder_of(self.film.codec_name).name, {})

    def container(self) -> dict[str, str | int]:
        """What the container is told."""
        film = self.film
        told: dict[str, str | int] = {
            "format": MUXERS.get(film.container, film.container),
            "fflags": "+bitexact",  # else a film's header names the version of ffmpeg
        }
        if film.container in ("mp4", "mov"):
            told["movflags"] = "+faststart+use_metadata_tags"
            if film.codec_name == "h265":
                told["tag:v"] = "hvc1"  # the name that Apple's players know it by
        elif film.container == "gif":
            told["loop"] = {0: 0, 1: -1}.get(film.plays, film.plays - 1)  # it counts repeats
        elif film.container == "webp":
            told["loop"] = film.plays
        elif film.container == "apng":
            told["plays"] = film.plays
        return told

    def _compiled(self, picture: Any, encoder: str, own: dict[str, Any]) -> list[str]:
        options = {"flags:v": "+bitexact", **own, **self.container()}
        animation = self.film.box.animation
        carried = {} if animation else {"map_metadata": 1, "map_chapters": 1}
        output = ffmpeg.output(picture, local(self.out), vcodec=encoder, **carried, **options)
        arguments: list[str] = ffmpeg.compile(output, overwrite_output=True)[1:]
        if not animation:  # the graph builder knows no input without a stream, which texts are
            after = arguments.index("pipe:") + 1
            arguments[after:after] = ["-f", "ffmetadata", "-i", local(self.texts)]
        return arguments


def _as_ffmpeg(pixels: str) -> str:
    """A pixel format by ffmpeg's name, the same on all machines."""
    if pixels.endswith("p10"):
        return f"{pixels}le"
    return "rgb48be" if pixels == "rgb48" else pixels


def commands_for(
    film: Film, out: Path, size: tuple[int, int], count: int
) -> Iterator[tuple[str, list[str]]]:
    """What ffmpeg is told, one after another, for such a film of `count` pictures, which nobody
    makes; its texts, which are written first, are called as it is, with `.texts`.
    """
    texts, silent = out.with_suffix(".texts"), out.with_name(f"{out.stem}.silent{out.suffix}")
    pictures = out if film.sound is None else silent
    asked = Packing(film, pictures, size, texts, out.parent / "palette.png")
    if film.container == "gif":
        yield f"colours of {out}", asked.looking()
        yield f"{out}", asked.with_palette()
        return
    yield f"pictures of {out}", asked.packed()
    if film.sound is not None:
        rest = texts, out, film, film.length(count), asked.container()
        yield f"{out} with its sound", laying(silent, *rest)
