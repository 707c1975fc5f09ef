"""Films made beside the rendering: a thread gives each frame, once it is durable, to all films at
once, so that they are there soon after the last one.

The thread reads what was saved, and a film's bytes are those that `encode` makes of it. A film
that fails does not stop the frames: it is told of at the end.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np

from dreamer.engine.folder import Folder
from dreamer.errors import DreamerError, MediaError
from dreamer.media.encoding import Encoding
from dreamer.media.film import Film
from dreamer.media.opening import read_size
from dreamer.media.video import read_levels

log = logging.getLogger("dreamer")
WAIT = 0.1
PATIENCE_SECONDS = 5.0


class Filming:
    """The `films` of a folder's frames but for the first `lead` ones, by their places. Leaving the
    `with` block before `finish` has ended gives them up, and leaves nothing of them.
    """

    def __init__(self, folder: Folder, films: Mapping[Path, Film], lead: int = 0) -> None:
        self._folder, self._films, self._lead = folder, films, lead
        self._making: dict[Path, Encoding] = {}
        self._failed: dict[Path, Exception] = {}
        self._news = threading.Condition()
        self._known = 0
        self._awaited: set[int] = set()  # frames below `_known` that are not durable
        self._count: int | None = None
        self._given_up = False
        self._thread = threading.Thread(target=self._work, name="filming", daemon=True)

    def __enter__(self) -> Filming:
        for out in self._films:
            self._folder.drop_partial(out.name)
        if self._films:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._give_up()

    def begin(self, known: int, missing: Iterable[int] = ()) -> None:
        """Say that of the frames below `known` all are durable but the `missing` ones."""
        with self._news:
            self._known, self._awaited = known, set(missing)
            self._news.notify_all()

    def durable(self, index: int) -> None:
        """Say that frame `index` is durable; those that are not known yet come in order."""
        with self._news:
            self._awaited.discard(index)
            self._known = max(self._known, index + 1)
            self._news.notify_all()

    def make_room(self) -> bool:
        """Give up all films, so that the frames have their room on a full disk; whether that
        freed any.
        """
        if not self._making:
            return False
        full = MediaError("the disk is full, and frames come first")
        self._failed |= {out: full for out in self._films if out not in self._failed}
        self._give_up()
        return True

    def finish(
        self, count: int, on_wait: Callable[[], None] = lambda: None
    ) -> dict[Path, Exception]:
        """Wait until all films are made of the first `count` frames; those that failed, and why.

        `on_wait` is asked again and again, and may raise to give them up.
        """
        with self._news:
            self._count = count
            self._news.notify_all()
        since, told = time.monotonic(), False
        while self._thread.is_alive():
            on_wait()
            self._thread.join(WAIT)
            if not told and time.monotonic() - since > PATIENCE_SECONDS:
                log.info("all %d frames are there; the films still need a while", count)
                told = True
        return dict(self._failed)

    def _give_up(self) -> None:
        with self._news:
            self._given_up = True
            self._news.notify_all()
        while self._thread.is_alive():
            with self._news:
                for one in self._making.values():
                    one.interrupt()
            self._thread.join(WAIT)

    def _work(self) -> None:
        try:
            self._film()
        except Exception as error:  # a frame that cannot be read again: no film has it
            for out in self._films:
                self._fail(out, error)
        finally:
            for out in list(self._making):
                self._let_go(out)

    def _film(self) -> None:
        if not self._is_there(self._lead):
            none = MediaError(
                f"of the film no frame is there: the first {self._lead} are not shown"
            )
            for out in self._films:
                self._fail(out, none)
            return
        size = read_size(self._folder.frame_path(self._lead))

        def read(index: int) -> np.ndarray:
            return read_levels(self._folder.frame_path(self._lead + index), size)

        for out, film in self._films.items():
            self._try(out, partial(self._open, out, film, size))
        index = 0
        while self._making and self._is_there(self._lead + index):
            showing = [one for one in self._making.values() if one.film.shows(index)]
            levels = read(index) if showing else None
            for one in showing:
                assert levels is not None
                self._try(one.out, partial(one.there, index, levels))
            index += 1
        for out, one in list(self._making.items()):
            if not self._given_up:
                self._try(out, partial(one.finish, index, read, lambda _: None))
                with self._news:
                    self._making.pop(out, None)

    def _is_there(self, index: int) -> bool:
        """Wait for frame `index`; False where it will not come."""
        with self._news:
            while not self._given_up and (self._count is None or index < self._count):
                if index < self._known and index not in self._awaited:
                    return True
                self._news.wait()
        return False

    def _open(self, out: Path, film: Film, size: tuple[int, int]) -> None:
        made = Encoding(film, out, size)
        with self._news:
            self._making[out] = made

    def _try(self, out: Path, act: Callable[[], None]) -> None:
        """Do a part of the film at `out`; where that fails, it alone is lost."""
        try:
            act()
        except (DreamerError, OSError) as error:
            self._fail(out, error)

    def _fail(self, out: Path, error: Exception) -> None:
        if not self._given_up:
            self._failed.setdefault(out, error)
        self._let_go(out, error)

    def _let_go(self, out: Path, error: Exception | None = None) -> None:
        with self._news:
            one = self._making.pop(out, None)
        if one is not None:
            one.abandon(error)
