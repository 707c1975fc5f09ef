"""Frames are encoded beside the rendering, by as many threads as there is need for, and made
durable in order, by one thread with a short queue.
"""

from __future__ import annotations

import errno
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple

import numpy as np

from dreamer.engine.folder import Folder, State
from dreamer.errors import DreamerError, FolderError
from dreamer.media import durable
from dreamer.media.pictures import encode_jpeg, encode_png

PREVIEW_SECONDS = 2.0
AHEAD = 4  # frames that wait for the disk, beside those that are encoded
ENCODERS = 8  # more would not be fed by one disk and one GPU
Pixels = np.ndarray | Callable[[], np.ndarray]


@dataclass(frozen=True)
class Finished:
    """A frame to write: pixels `(3 or 4, H, W)` in [0, 1], the fourth straight alpha, None where
    the frame is there already, and the state to keep after it, where one is due. Both may be what
    gives them when they are there. `waited` of its `seconds` nothing was dreamt.
    """

    index: int
    pixels: Pixels | None
    seconds: float
    values: Mapping[str, float]
    state: State | Callable[[], State] | None
    waited: float = 0.0


class _Encoded(NamedTuple):
    """A frame's pixels, and the file of them."""

    pixels: np.ndarray
    png: bytes


def encoders(device: str) -> int:
    """How many threads encode the frames of a render on `device`: of a GPU's as many as there are
    processors to spare, else one, for processors are busy with the next frame.
    """
    if not device.startswith("cuda"):
        return 1
    has = getattr(os, "sched_getaffinity", None)
    processors = len(has(0)) if has else os.cpu_count() or 1
    return max(1, min(ENCODERS, processors - 2))


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Writer:
    """Writes frames into `folder` from its own thread; leaving the `with` block waits for all of
    them. On a full disk `make_room` is asked once for what a frame may take the place of.
    `threads` encode, in whatever order they end; what is durable, and told of, is in order.

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
        threads: int = 1,
    ) -> None:
        self._folder = folder
        self._text = text
        self._bits = bits
        self._on_frame = on_frame
        self._make_room = make_room
        room = AHEAD + threads - 1
        self._queue: queue.Queue[tuple[Finished, Future[_Encoded | None]] | None]
        self._queue = queue.Queue(maxsize=room)
        self._encoders = ThreadPoolExecutor(threads, "frame-encoder")
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
        self._encoders.shutdown()
        if kind is None:
            self._raise()

    def put(self, finished: Finished) -> None:
        """Hand over a frame; waits while the queue is full."""
        self._raise()
        self._queue.put((finished, self._encoders.submit(self._encoded, finished)))

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
            finished, encoded = item
            try:
                if self._error is None:
                    self._write_or_make_room(finished, encoded.result())
            except BaseException as error:
                self._error = error
            finally:
                self._queue.task_done()

    def _encoded(self, item: Finished) -> _Encoded | None:
        if item.pixels is None or self._error is not None:
            return None
        pixels = item.pixels() if callable(item.pixels) else item.pixels
        return _Encoded(pixels, encode_png(pixels, self._bits, self._text(item.index)))

    def _write_or_make_room(self, item: Finished, encoded: _Encoded | None) -> None:
        try:
            self._write(item, encoded)
        except OSError as error:
            if not (_is_full(error) and self._make_room()):
                raise
            self._write(item, encoded)

    def _write(self, item: Finished, encoded: _Encoded | None) -> None:
        if item.state is not None:
            self._folder.keep_state(item.state() if callable(item.state) else item.state)
        if encoded is None:
            return
        values, waited = item.values, item.waited
        self._folder.keep_frame(item.index, encoded.png, item.seconds, values, waited)
        if (now := time.monotonic()) - self._previewed > PREVIEW_SECONDS:
            jpeg = encode_jpeg(encoded.pixels)
            durable.write_bytes(self._folder.path / "preview.jpg", jpeg)
            self._previewed = now
        self._on_frame(item.index)
