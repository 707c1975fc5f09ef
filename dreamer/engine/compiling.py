"""The frames of a compilation, one after another: each shot by an ffmpeg of its own, joined two at
a time, so that as few films are open as are seen at once however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import islice

import numpy as np

from dreamer.draw.titling import laid
from dreamer.engine.making import Frames, Making, film_of, fitting_of, key_of, plain
from dreamer.engine.stills import still_frames
from dreamer.engine.transitions import on_the_way
from dreamer.engine.walls import sheet_frames, wall_graph
from dreamer.errors import MediaError
from dreamer.media.clip_frames import THREADS, clip_frames
from dreamer.media.piped import through
from dreamer.recipe.shots import Shot


def film_frames(making: Making) -> Frames:
    """Every frame of the film, `(H, W, 3)` uint16.

    Raises:
        MediaError: a clip that cannot be read any more, or what ffmpeg complained about.
    """
    cut = making.cut
    with closing(_joined(making)) as frames:
        count = 0
        for count, frame in enumerate(frames, 1):
            part = 1.0
            if cut.fade_in:
                part = min(part, (count - 1) / cut.fade_in)
            if cut.fade_out:
                part = min(part, (cut.frames - count) / cut.fade_out)
            yield frame if part >= 1 else (frame * np.float32(max(part, 0.0))).astype(np.uint16)
    if count != cut.frames:
        raise MediaError(f"the film came out with {count} frames instead of {cut.frames}")


def _joined(making: Making) -> Frames:
    shots = making.cut.shots
    here = shot_frames(shots[0].shot, making)
    try:
        for number, placed in enumerate(shots):
            after = shots[number + 1] if number + 1 < len(shots) else None
            alone = placed.shot.frames - placed.over - (after.over if after else 0)
            yield from islice(here, alone)
            if after is None:
                return
            coming = shot_frames(after.shot, making)
            try:
                if after.over:
                    both = zip(islice(here, after.over), islice(coming, after.over), strict=True)
                    yield from on_the_way(after, making.cut, both)
            except BaseException:
                coming.close()
                raise
            here.close()
            here = coming
    finally:
        here.close()


def shot_frames(shot: Shot, making: Making, threads: int = THREADS) -> Frames:
    """The frames of `shot` with the words over it, `(H, W, 3)` uint16."""
    words = making.words.get(key_of(shot), ())
    with closing(_MAKERS[shot.kind](shot, making, threads)) as frames:
        last: tuple[list[tuple[int, float]], np.ndarray, np.ndarray] | None = None
        for number, frame in enumerate(frames):
            parts = [(k, one.part(number)) for k, one in enumerate(words)]
            if last is not None and last[0] == parts and last[1] is frame:
                yield last[2]  # stills stay the same for seconds
                continue
            made = frame
            for one, (_, part) in zip(words, parts, strict=True):
                if part:
                    made = laid(made, one.layer, part)
            last = (parts, frame, made)
            yield made


def _title(shot: Shot, making: Making, threads: int) -> Frames:
    frame = plain(shot.size, making.behind(shot))
    for _ in range(shot.frames):
        yield frame


def _film(shot: Shot, making: Making, threads: int) -> Frames:
    path, seen = film_of(shot)
    fitting = fitting_of(shot, making)
    if not shot.mixed:
        yield from clip_frames(path, shot.numbers, seen, fitting, threads)
        return
    last = len(seen.times) - 1
    wanted = [n for number in shot.numbers for n in (number, min(number + 1, last))]
    ordered = sorted(set(wanted))
    with closing(clip_frames(path, ordered, seen, fitting, threads)) as frames:
        near: dict[int, np.ndarray] = {}
        coming = iter(ordered)
        for number, part in zip(shot.numbers, shot.mixed, strict=True):
            after = min(number + 1, last)
            while after not in near or number not in near:
                near[next(coming)] = next(frames)
            near = {k: frame for k, frame in near.items() if k >= number}
            first, second = (near[k].astype(np.float32) for k in (number, after))
            yield (first + np.float32(part) * (second - first) + 0.5).astype(np.uint16)


def _wall(shot: Shot, making: Making, threads: int) -> Frames:
    cells = [_lasting(cell, shot, making) for cell in shot.cells]

    def rows() -> Generator[Sequence[np.ndarray], None, None]:
        try:
            yield from zip(*cells, strict=True)
        finally:
            for cell in cells:
                cell.close()

    yield from through(wall_graph(shot, making), rows(), shot.name)


def _lasting(cell: Shot, wall: Shot, making: Making) -> Frames:
    """The frames of `cell` for as long as its wall is seen."""
    left = wall.frames
    while left:
        frame = None
        for frame in islice(shot_frames(cell, making, 1), left):
            yield frame
            left -= 1
        if wall.words.ends == "loop" and frame is not None:
            continue
        dark = plain(cell.size, (0.0, 0.0, 0.0))
        for _ in range(left):
            yield dark if wall.words.ends == "black" or frame is None else frame
        return


_MAKERS: dict[str, Callable[[Shot, Making, int], Frames]] = {
    "title": _title,
    "film": _film,
    "still": still_frames,
    "wall": _wall,
    "sheet": sheet_frames,
}
