"""Frames are encoded and made durable beside the rendering, in order, by one thread with a short
queue.
"""

from __future__ import annotations

import errno
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from dreamer.engine.folder import Folder, State
from dreamer.errors import DreamerError, FolderError
from dreamer.media import durable
from dreamer.media.pictures import encode_jpeg, encode_png

PREVIEW_SECONDS = 2.0


@dataclass(frozen=True)
class Finished:
    """A frame to write: pixels `(3 or 4, H, W)` in [0, 1], the fourth straight alpha, None where
    the frame is there already, and the state to keep after it, where one is due; `waited` of its
    `seconds` nothing was dreamt.
    """

    index: int
    pixels: np.ndarray | None
    seconds: float
    values: Mapping[str, float]
    state: State | None
    waited: float = 0.0


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Writer:
    """Writes frames into `folder` from its own thread; leaving the `with` block waits for all of
    them. On a full disk `make_room` is asked once for what a frame may take the place of.

    Raises, from `put` or on leaving:
        FolderError: the disk is full, or cannot be written for another reason.
    """

    def __init__(
        self,
        folder: Folder,
        text: Callable[[int], Mapping[str, str]],
        bits: int = 8,
        on_frame: Callable[[int], None] = lambda index: None,
        make_room: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = folder
        self._text = text
        self._bits = bits
        self._on_frame = on_frame
        self._make_room = make_room
        self._queue: queue.Queue[Finished | None] = queue.Queue(maxsize=4)
        self._error: BaseException | None = None
        self._previewed = 0.0
        self._thread = threading.Thread(target=self._work, name="frame-writer", daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if kind is None:
            self._raise()

    def put(self, finished: Finished) -> None:
        """Hand over a frame; waits while the queue is full."""
        self._raise()
        self._queue.put(finished)

    def flush(self) -> None:
        """Wait until all that was handed over is durable."""
        self._queue.join()
        self._raise()

    def _raise(self) -> None:
        if isinstance(self._error, DreamerError):
            raise self._error
        if isinstance(self._error, OSError):
            why = "the disk is full" if _is_full(self._error) else str(self._error)
            raise FolderError(
                f"{self._folder.path}: {why}; every finished frame is kept, "
                f"`dreamer resume {self._folder.path}` goes on"
            ) from self._error
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            try:
                if self._error is None:
                    self._write_or_make_room(item)
            except BaseException as error:
                self._error = error
            finally:
                self._queue.task_done()

    def _write_or_make_room(self, item: Finished) -> None:
        try:
            self._write(item)
        except OSError as error:
            if not (_is_full(error) and self._make_room()):
                raise
            self._write(item)

    def _write(self, item: Finished) -> None:
        if item.state is not None:
            self._folder.keep_state(item.state)
        if item.pixels is None:
            return
        png = encode_png(item.pixels, self._bits, self._text(item.index))
        self._folder.keep_frame(item.index, png, item.seconds, item.values, item.waited)
        if (now := time.monotonic()) - self._previewed > PREVIEW_SECONDS:
            durable.write_bytes(self._folder.path / "preview.jpg", encode_jpeg(item.pixels))
            self._previewed = now
        self._on_frame(item.index)
