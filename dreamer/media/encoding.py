"""One film being made: pictures go in as they come, and a file that is whole comes out, or none.

Pictures are given in 16 bits, one after the other, to an ffmpeg of this film's own. What needs
them again (the way back of a loop, a GIF's second pass) reads them after the last one came, so
that nothing is held in memory.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from dreamer.errors import MediaError
from dreamer.media import durable, leftovers
from dreamer.media.animations import length_of, put_texts
from dreamer.media.codecs import encoder_of
from dreamer.media.ffmetadata import write_ffmetadata
from dreamer.media.ffmpeg import Fed, local
from dreamer.media.film import Film
from dreamer.media.opening import read_size
from dreamer.media.probing import count_frames
from dreamer.media.sound import add_sound, laying

log = logging.getLogger("dreamer")

# Encoders take the tags from their frames; a film's header takes them from its options.
TAGS = {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
BT709 = {"color_range": "tv"} | {k: v for k, v in TAGS.items() if k != "range"}
SCALING = "accurate_rnd+full_chroma_int+bicubic"
SHRINKING = "accurate_rnd+full_chroma_int+full_chroma_inp+lanczos"
MUXERS = {"mkv": "matroska"}
Read = Callable[[int], np.ndarray]


class Encoding:
    """The film at `out`, being made of pictures of `size` (width, height).

    Raises, from all of its functions:
        MediaError: what ffmpeg complained about; nothing is left at `out` then but what was there.
    """

    def __init__(self, film: Film, out: Path, size: tuple[int, int]) -> None:
        if not out.parent.is_dir():
            raise MediaError(f"there is no folder {out.parent} to put {out.name} into")
        film.refuse_impossible(*size)
        self.film, self.out, self.size = film, out, size
        self._encoder = encoder_of(film.codec_name)
        self._ffmpeg: Fed | None = None
        self._eight = film.box.animation and film.pixels != "rgb48"
        self._interrupted = False
        self._ends = ExitStack()
        try:
            leftovers.sweep(out)
            self._beside = self._ends.enter_context(durable.replacing(out, by_process=True))
            self._ends.enter_context(leftovers.had(self._beside))
            self._folder = Path(self._ends.enter_context(tempfile.TemporaryDirectory()))
            self._texts = self._folder / "texts"
            words = write_ffmetadata(film.texts, film.chapters)
            self._texts.write_text(words, encoding="utf-8", newline="")
            self._start(self._looking() if film.container == "gif" else self._packing())
        except BaseException as error:
            self.abandon(error)
            raise
        if (grown := film.sides(*size)) != film.scaled(*size):
            was, now = (f"{w}×{h}" for w, h in (film.scaled(*size), grown))
            kind = f"{film.packing.title} in {film.pixels}"
            log.info("%s: %s becomes %s, for %s has no odd sides", out.name, was, now, kind)

    @classmethod
    def told(
        cls, film: Film, out: Path, size: tuple[int, int], count: int
    ) -> Iterator[tuple[str, list[str]]]:
        """What ffmpeg is told, one after another, for such a film of `count` pictures, which nobody
        makes; its texts, which are written first, are called as it is, with `.texts`.
        """
        asked = cls.__new__(cls)
        asked.film, asked.out, asked.size = film, out, size
        asked._encoder = encoder_of(film.codec_name)
        asked._eight = film.box.animation and film.pixels != "rgb48"
        asked._folder, asked._texts = out.parent, out.with_suffix(".texts")
        silent = out.with_name(f"{out.stem}.silent{out.suffix}")
        asked._beside = out if film.sound is None else silent
        if film.container == "gif":
            yield f"colours of {out}", asked._looking()
            yield f"{out}", asked._with_palette()
            return
        yield f"pictures of {out}", asked._packing()
        if film.sound is not None:
            rest = asked._texts, out, film, film.length(count), asked._container()
            yield f"{out} with its sound", laying(silent, *rest)

    def there(self, index: int, levels: np.ndarray) -> None:
        """Take the picture of number `index`, `(H, W, 3)` uint16, if the film shows it."""
        if self.film.shows(index):
            self._feed(levels)

    def finish(self, count: int, read: Read, on_frame: Callable[[int], None]) -> None:
        """Make the rest of it, all of its `count` pictures having been offered: `read` gives them
        again by their number, and `on_frame` is told of each of those.
        """
        there, back = self.film.there(count), self.film.back(count)
        if self.film.container == "gif":
            self._end()
            self._start(self._with_palette())
            back = there + back
        for index in back:
            self._feed(read(index))
            on_frame(index)
        self._end()
        self._require(len(there) + len(self.film.back(count)))
        if self.film.sound is not None:
            self._add_sound(self.film.length(count))
        if self.film.box.animation:
            put_texts(self._beside, self.film.container, self.film.texts)
        durable.sync_file(self._beside)
        if self._interrupted:
            raise MediaError(f"{self.out} was given up")
        self._ends.close()

    def abandon(self, error: BaseException | None = None) -> None:
        """Leave nothing of it, because of `error`."""
        if self._ffmpeg is not None:
            self._ffmpeg.kill()
            self._ffmpeg = None
        cause = error or MediaError("given up")
        self._ends.__exit__(type(cause), cause, cause.__traceback__)

    def interrupt(self) -> None:
        """Make whatever it does now fail, from another thread."""
        self._interrupted = True
        if (running := self._ffmpeg) is not None:
            running.interrupt()

    def _start(self, arguments: list[str]) -> None:
        self._ffmpeg = Fed(arguments, str(self.out))

    def _feed(self, levels: np.ndarray) -> None:
        if self._interrupted:
            raise MediaError(f"{self.out} was given up")
        assert self._ffmpeg is not None
        if self._eight:  # here, and exactly: ffmpeg's own way from 16 bits may be a level off
            levels = ((levels.astype(np.uint32) + 128) // 257).astype(np.uint8)
        self._ffmpeg.write(np.ascontiguousarray(levels).data)

    def _run(self, arguments: list[str], what: str) -> None:
        """As `ffmpeg.run`, so that `interrupt` finds it."""
        self._ffmpeg = running = Fed(arguments, what)
        if self._interrupted:  # between two of them
            running.interrupt()
        try:
            self._end()
        except MediaError:
            if self._interrupted:
                raise MediaError(f"{self.out} was given up") from None
            raise

    def _end(self) -> None:
        assert self._ffmpeg is not None
        self._ffmpeg.close()
        self._ffmpeg = None

    def _require(self, frames: int) -> None:
        """Refuse what came out with another number of frames."""
        if self.film.container == "apng" and frames == 1:  # which is a PNG like any other
            read_size(self._beside)
            return
        if self.film.container != "webp":
            made: Any = self._counted()
        else:  # which shows a picture that stays the same as one that stands longer
            seconds, frames_made = length_of(self._beside)
            right = frames_made == 1 or abs(seconds - frames / self.film.fps) < 0.002
            made = frames if right else f"frames for {float(seconds):.3f} s and not {frames}"
        if made != frames:
            raise MediaError(f"{self.out} came out with {made} frames instead of {frames}")

    def _counted(self) -> int:
        try:
            return count_frames(self._beside)
        except MediaError as error:
            said = str(error).replace(str(self._beside), str(self.out))
            raise MediaError(f"what ffmpeg made cannot be read: {said}") from error

    def _add_sound(self, length: Any) -> None:
        assert self.film.sound is not None
        silent = self._beside.with_name(f"{self._beside.name}.silent{durable.PARTIAL}")
        self._beside.rename(silent)
        try:
            told = self._container()
            add_sound(silent, self._texts, self._beside, self.film, length, told, self._run)
        finally:
            silent.unlink(missing_ok=True)

    def _pictures(self) -> Any:
        """The pictures as a graph begins with them, at the size they are shown."""
        film, (width, height) = self.film, self.size
        picture = ffmpeg.input(
            "pipe:",
            framerate=str(film.fps),
            format="rawvideo",
            pix_fmt="rgb24" if self._eight else "rgb48le",
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

    def _packing(self) -> list[str]:
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
        own = self._encoder.arguments(film.quality, film.preset)
        return self._compiled(picture, self._encoder.name, {**own, **tags})

    def _looking(self) -> list[str]:
        """Ffmpeg's arguments for a GIF's first pass: which colours are there.

        They are counted in 6 bits a channel, so that memory stays small however many there are.
        """
        picture = self._pictures().filter("format", "rgb24")
        rough = "bitor(bitand(val,252),2)"
        picture = picture.filter("lutrgb", r=rough, g=rough, b=rough)
        found = ffmpeg.output(
            picture.filter("palettegen", stats_mode="full"),
            local(self._folder / "palette.png"),
            format="image2",
            update=1,
            vcodec="png",
            **{"frames:v": 1},
        )
        arguments: list[str] = ffmpeg.compile(found, overwrite_output=True)[1:]
        return arguments

    def _with_palette(self) -> list[str]:
        """Ffmpeg's arguments for a GIF's second pass: each picture in those colours."""
        palette = ffmpeg.input(local(self._folder / "palette.png"))
        picture = self._pictures().filter("format", "rgb24")
        mixed = ffmpeg.filter(
            [picture, palette], "paletteuse", dither="sierra2_4a", diff_mode="rectangle"
        )
        return self._compiled(mixed, self._encoder.name, {})

    def _container(self) -> dict[str, str | int]:
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
        options = {"flags:v": "+bitexact", **own, **self._container()}
        animation = self.film.box.animation
        carried = {} if animation else {"map_metadata": 1, "map_chapters": 1}
        output = ffmpeg.output(picture, local(self._beside), vcodec=encoder, **carried, **options)
        arguments: list[str] = ffmpeg.compile(output, overwrite_output=True)[1:]
        if not animation:  # the graph builder knows no input without a stream, which texts are
            after = arguments.index("pipe:") + 1
            arguments[after:after] = ["-f", "ffmetadata", "-i", local(self._texts)]
        return arguments


def _as_ffmpeg(pixels: str) -> str:
    """A pixel format by ffmpeg's name, the same on all machines."""
    if pixels.endswith("p10"):
        return f"{pixels}le"
    return "rgb48be" if pixels == "rgb48" else pixels


def encode_all(
    films: Iterable[Encoding], count: int, read: Read, on_frame: Callable[[int], None]
) -> None:
    """Make all of `films` out of `count` pictures, each read once for all on the way there.

    Raises:
        MediaError: the first that went wrong; the others are given up too.
    """
    making = list(films)
    try:
        for index in range(count):
            if any(one.film.shows(index) for one in making):
                levels = read(index)
                for one in making:
                    one.there(index, levels)
            on_frame(index)
        while making:
            making[0].finish(count, read, on_frame)
            making.pop(0)
    except BaseException as error:
        for one in making:
            one.abandon(error)
        raise
