"""Pictures as networks look at them, read ahead: while a network works, threads decode what comes
next and make it small, so that what waits in memory are networks' inputs and never pictures.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from fractions import Fraction
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from torch import Tensor

from dreamer.engine.laid import apart
from dreamer.engine.scores import BATCH, fit_rows, fitted_size
from dreamer.engine.subjects import Subject
from dreamer.errors import DreamerError, MediaError
from dreamer.media.decoding import read_frames
from dreamer.media.pictures import read_picture
from dreamer.media.probing import probe
from dreamer.media.small_pictures import Rows, one_large, read_rows
from dreamer.networks.cards import Card
from dreamer.recipe.times import Time

T = TypeVar("T")
AHEAD = 2 * BATCH
MOST_READERS = 4


class View(NamedTuple):
    """One look at a subject: a frame's number and moment in seconds, and the picture as each
    network wants it, `(1, 3, native, native)`.
    """

    subject: Subject
    number: int
    seconds: float
    inputs: tuple[Tensor, ...]


class End(NamedTuple):
    """No more looks at a subject, and why, where it could not be read to its end."""

    subject: Subject
    problem: str = ""


def readers() -> int:
    """How many threads read pictures: as many as there are cores for us, four at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(MOST_READERS, cores or 1)


def looks(
    subjects: Iterable[Subject], cards: Sequence[Card], every: Time
) -> Generator[View | End, None, None]:
    """All looks at each of `subjects`, in order, each subject's followed by its `End`.

    Args:
        subjects: what to look at.
        cards: of the networks that will; `View.inputs` are in their order.
        every: how far apart a film's frames are.
    """
    calls = (partial(_picture, subject, cards) for subject in subjects)
    with closing(ahead(calls, readers(), AHEAD)) as found:
        for subject, views, problem in found:
            yield from views
            if not subject.film or problem:
                yield End(subject, problem)
            else:
                yield from _film(subject, cards, every)


def ahead(calls: Iterable[Callable[[], T]], workers: int, most: int) -> Generator[T, None, None]:
    """What each of `calls` returns, in order; made by `workers` threads, `most` of them before they
    are asked for.
    """
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(workers, "reading") as pool:
        try:
            for call in calls:
                waiting.append(pool.submit(call))
                if len(waiting) >= most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def _picture(subject: Subject, cards: Sequence[Card]) -> tuple[Subject, list[View], str]:
    """The looks at a subject that is a picture; a film's are made when its turn comes."""
    if subject.problem or subject.film:
        return subject, [], subject.problem
    try:
        path = Path(subject.file)
        with one_large(path):
            if subject.samples > 1:
                pictures = _samples(read_picture(path), subject.samples)
                inputs = [_inputs(picture, cards) for picture in pictures]
            else:
                short = max(min(fitted_size(card, (1, 1))) for card in cards)
                inputs = [tuple(fit_rows(read_rows(path, short), cards))]
        return subject, [View(subject, 0, 0.0, one) for one in inputs], ""
    except DreamerError as error:
        return subject, [], str(error)
    except MemoryError:
        return subject, [], f"{subject.file} is too large for the memory there is"


def _samples(sheet: np.ndarray, count: int) -> list[np.ndarray]:
    """The pictures of a render's sheet of samples."""
    columns = int(np.ceil(np.sqrt(count)))
    rows = int(np.ceil(count / columns))
    return apart(sheet, count, (sheet.shape[1] // rows, sheet.shape[2] // columns))


def _film(subject: Subject, cards: Sequence[Card], every: Time) -> Iterator[View | End]:
    try:
        film = Path(subject.file)
        facts = probe(film)
        step = frames_apart(every, facts.fps)
        frames = read_frames(film, step, facts)

        def following() -> View | None:
            one = next(frames, None)
            if one is None:
                return None
            number, picture = one
            return View(subject, number, float(number / facts.fps), _inputs(picture, cards))

        # one thread, as a film is read from its beginning to its end
        with closing(frames), closing(ahead(repeat(following), 1, AHEAD)) as found:
            seen = 0
            while (view := next(found)) is not None:
                seen += 1
                yield view
        if not seen:
            raise MediaError(f"{subject.file} holds no pictures")
        yield End(subject)
    except DreamerError as error:
        yield End(subject, str(error))


def frames_apart(every: Time, fps: Fraction) -> int:
    """How many frames from one that is looked at to the next."""
    return max(1, round(every.frame(fps, None)))


def _inputs(picture: np.ndarray, cards: Sequence[Card]) -> tuple[Tensor, ...]:
    """`picture` `(3, H, W)` fitted as each of `cards` says."""
    rows = Rows((picture.shape[1], picture.shape[2]), iter([picture]))
    return tuple(fit_rows(rows, cards))
