"""One film being made: pictures go in as they come, and a file that is whole comes out, or none.

Pictures are given in 16 bits, one after the other, to an ffmpeg of this film's own. What needs
them again (the way back of a loop, a GIF's second pass) reads them after the last one came, so
that nothing is held in memory.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from dreamer.errors import MediaError
from dreamer.media import durable, leftovers
from dreamer.media.animations import length_of, put_texts
from dreamer.media.codecs import encoder_of
from dreamer.media.ffmetadata import write_ffmetadata
from dreamer.media.ffmpeg import Fed
from dreamer.media.film import Film
from dreamer.media.opening import read_size
from dreamer.media.packing import Packing
from dreamer.media.probing import count_frames
from dreamer.media.sound import add_sound

log = logging.getLogger("dreamer")
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
        encoder_of(film.codec_name)  # which there may not be
        self.film, self.out, self.size = film, out, size
        self._ffmpeg: Fed | None = None
        self._interrupted = False
        self._ends = ExitStack()
        try:
            leftovers.sweep(out)
            self._beside = self._ends.enter_context(durable.replacing(out, by_process=True))
            self._ends.enter_context(leftovers.had(self._beside))
            folder = Path(self._ends.enter_context(tempfile.TemporaryDirectory()))
            texts, palette = folder / "texts", folder / "palette.png"
            words = write_ffmetadata(film.texts, film.chapters)
            texts.write_text(words, encoding="utf-8", newline="")
            self._packing = Packing(film, self._beside, size, texts, palette)
            gif = film.container == "gif"
            self._start(self._packing.looking() if gif else self._packing.packed())
        except BaseException as error:
            self.abandon(error)
            raise
        if (grown := film.sides(*size)) != film.scaled(*size):
            was, now = (f"{w}×{h}" for w, h in (film.scaled(*size), grown))
            kind = f"{film.packing.title} in {film.pixels}"
            log.info("%s: %s becomes %s, for %s has no odd sides", out.name, was, now, kind)

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
            self._start(self._packing.with_palette())
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
        if self._packing.eight:  # exactly: ffmpeg's own way from 16 bits may be a level off
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
            told = self._packing.container()
            texts = self._packing.texts
            add_sound(silent, texts, self._beside, self.film, length, told, self._run)
        finally:
            silent.unlink(missing_ok=True)


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
