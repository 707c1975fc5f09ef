"""The frames of a film or folder that is dreamt on, in order, read ahead by a thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from dreamer.engine.clips import survey_of
from dreamer.media.footage import film_frames
from dreamer.media.picture_folder import pictures_in
from dreamer.media.pictures import read_picture

AHEAD = 2  # pictures that wait to be dreamt on: a large film's have a hundred megabytes each


def frames_of(path: Path, numbers: Sequence[int]) -> Generator[np.ndarray, None, None]:
    """The frames `numbers`, none lower than the one before, of the film or folder at `path`,
    `(3, H, W)` float32 in [0, 1].

    Raises:
        MediaError: one that cannot be read, after those before it.
    """
    if not path.is_dir():
        yield from film_frames(path, numbers, survey_of(path))
        return
    paths = pictures_in(path)
    for number in numbers:
        yield read_picture(paths[number])


def read_ahead(
    read: Callable[[], Generator[np.ndarray, None, None]], most: int = AHEAD
) -> Generator[np.ndarray, None, None]:
    """What `read()` gives, read by a thread, at most `most` of it before it is asked for. What it
    raises is raised here, in its place; closing this ends the thread and closes what it reads.
    """
    waiting: queue.Queue[np.ndarray | BaseException | None] = queue.Queue(most)
    ended = threading.Event()

    def put(item: np.ndarray | BaseException | None) -> bool:
        while not ended.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            with closing(read()) as items:
                for item in items:
                    if not put(item):
                        return
            put(None)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=work, name="frame-reader", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        ended.set()
        thread.join()
