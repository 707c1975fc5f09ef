"""The frames of a compilation, one after another: each shot by an ffmpeg of its own, joined two at
a time, so that as few films are open as are seen at once however many there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import ffmpeg
import numpy as np
from PIL import Image

from dreamer.draw.titling import Line, laid, lettered
from dreamer.engine.captions import Drawn
from dreamer.engine.clips import survey_of
from dreamer.errors import MediaError
from dreamer.media.clip_frames import THREADS, clip_frames, decoding
from dreamer.media.fitting import Fitting
from dreamer.media.pictures import read_picture
from dreamer.media.piped import Graph, through
from dreamer.recipe.colors import rgb
from dreamer.recipe.easing import EASINGS
from dreamer.recipe.marks import Path_
from dreamer.recipe.shots import Cut, Placed, Shot

Frames = Generator[np.ndarray, None, None]
Key = tuple[Path_, str]
NEARER = (1.2, 1.2)  # a still whose place changes and that does not zoom
MOMENT = 0.085  # height of a moment's words on a sheet, in parts of its picture's
MOST_LARGER = 4.0  # sides of what is kept of a still that is zoomed into, in the film's


@dataclass(frozen=True)
class Making:
    """All that the frames of a film are made from: its plan, the words over each shot by
    `key_of`, and the colour behind everything.
    """

    cut: Cut
    words: Mapping[Key, Sequence[Drawn]]
    background: str

    def behind(self, shot: Shot) -> tuple[float, float, float]:
        """The colour behind `shot`."""
        return rgb(shot.words.background or self.background)


def key_of(shot: Shot) -> Key:
    """What sets `shot` apart: where the recipe says it, and of several files there, which."""
    return shot.path, "" if shot.file is None else str(shot.file.file)


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
                    what = f"the way from {placed.shot.name} to {after.shot.name}"
                    yield from through(transition(after, making.cut), both, what)
            except BaseException:
                coming.close()
                raise
            here.close()
            here = coming
    finally:
        here.close()


def transition(placed: Placed, cut: Cut) -> Graph:
    """How the shot before becomes `placed`: frame j of n is j/n of it."""

    def build(streams: list[Any]) -> Any:
        seconds = f"{float(placed.over / cut.fps):.6f}"
        return ffmpeg.filter(streams, "xfade", transition=placed.xfade, duration=seconds, offset=0)

    return Graph(cut.size, 2, cut.size, cut.fps, build)


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
    frame = _plain(shot.size, making.behind(shot))
    for _ in range(shot.frames):
        yield frame


def _plain(size: tuple[int, int], color: tuple[float, float, float]) -> np.ndarray:
    frame = np.empty((size[1], size[0], 3), np.uint16)
    frame[:] = [round(255 * level) * 257 for level in color]
    return frame


def _film(shot: Shot, making: Making, threads: int) -> Frames:
    assert shot.file is not None
    path, seen = shot.file.file, survey_of(shot.file.file)
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


def fitting_of(shot: Shot, making: Making) -> Fitting:
    """How the file of `shot` is shown."""
    assert shot.file is not None
    return Fitting(shot.file.size, shot.size, shot.fit, making.behind(shot))


def _still(shot: Shot, making: Making, threads: int) -> Frames:
    words = shot.words
    graph = still_graph(shot, making)
    picture = _on(making.behind(shot), shot)
    (frame,) = through(graph, iter([[picture]]), shot.name)
    if words.zoom is None and words.center is None:
        for _ in range(shot.frames):
            yield frame
        return
    whole = Image.fromarray(((frame.astype(np.uint32) + 128) // 257).astype(np.uint8))
    for box in boxes(shot, graph.made):
        view = whole.resize(shot.size, Image.Resampling.LANCZOS, box)
        yield np.asarray(view).astype(np.uint16) * 257


def still_graph(shot: Shot, making: Making) -> Graph:
    """How a still is shown; one that is zoomed into, as much larger as it is sharp there."""
    assert shot.file is not None
    larger = 1.0
    if shot.words.zoom is not None or shot.words.center is not None:
        sides = zip(shot.file.size, shot.size, strict=True)
        sharp = min(own / shown for own, shown in sides)
        larger = max(1.0, min(max(zooms(shot)), sharp, MOST_LARGER))
    canvas = round(shot.size[0] * larger), round(shot.size[1] * larger)
    fitting = Fitting(shot.file.size, canvas, shot.fit, making.behind(shot))
    return Graph(shot.file.size, 1, canvas, making.cut.fps, lambda streams: fitting(streams[0]))


def _on(behind: tuple[float, float, float], shot: Shot) -> np.ndarray:
    """The picture of `shot` on a sheet of that colour, `(H, W, 3)` uint16."""
    assert shot.file is not None
    path = shot.file.file
    black = read_picture(path, paper=0)
    if any(behind):
        # What is seen of white paper and not of black is what of the paper is seen.
        clear = np.clip(read_picture(path, paper=1) - black, 0, 1)
        black = black + clear * np.asarray(behind, np.float32)[:, None, None]
    levels = np.clip(black, 0, 1).transpose(1, 2, 0) * 65535 + 0.5
    return np.ascontiguousarray(levels.astype("<u2"))


def zooms(shot: Shot) -> tuple[float, float]:
    """How near the still of `shot` is seen, at first and at last."""
    zoom = shot.words.zoom
    if zoom is None:
        return NEARER if shot.words.center is not None else (1.0, 1.0)
    return zoom if isinstance(zoom, tuple) else (1.0, zoom)


def boxes(shot: Shot, size: tuple[int, int]) -> Iterator[tuple[float, float, float, float]]:
    """What of a picture of `size` (width, height) each frame of `shot` shows, as (left, top, right,
    bottom): nearer and farther in equal ratios, never beyond an edge.
    """
    first, last = zooms(shot)
    center = shot.words.center or (0.5, 0.5)
    ways: Any = center if isinstance(center[0], tuple) else (center, center)
    ease = EASINGS[shot.words.ease]
    for number in range(shot.frames):
        part = ease(number / max(1, shot.frames - 1))
        near = first * (last / first) ** part
        box: list[float] = []
        for side, begin, end in zip(size, *ways, strict=True):
            half = side / near / 2
            middle = (begin + (end - begin) * part) * side
            middle = min(max(middle, half), side - half)
            box += [max(0.0, middle - half), min(float(side), middle + half)]
        yield box[0], box[2], box[1], box[3]


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
        dark = _plain(cell.size, (0.0, 0.0, 0.0))
        for _ in range(left):
            yield dark if wall.words.ends == "black" or frame is None else frame
        return


def wall_graph(shot: Shot, making: Making) -> Graph:
    """How the cells of a wall lie beside and below each other."""
    width, height = shot.cell
    gap, count = shot.words.gutter, len(shot.cells)
    rows = math.ceil(count / shot.columns)
    places = [
        f"{k % shot.columns * (width + gap)}_{k // shot.columns * (height + gap)}"
        for k in range(count)
    ]
    color = _as_ffmpeg(making.behind(shot))
    whole = (shot.columns * (width + gap) - gap, rows * (height + gap) - gap)

    def build(streams: list[Any]) -> Any:
        made = streams[0]
        if count > 1:
            layout = "|".join(places)
            made = ffmpeg.filter(streams, "xstack", inputs=count, layout=layout, fill=color)
        return _framed(made, whole, shot.size, color)

    return Graph(shot.cell, count, shot.size, making.cut.fps, build)


def _framed(made: Any, whole: tuple[int, int], size: tuple[int, int], color: str) -> Any:
    left, top = ((side - inner) // 2 for side, inner in zip(size, whole, strict=True))
    return made.filter("pad", *size, left, top, color=color)


def _as_ffmpeg(color: tuple[float, float, float]) -> str:
    return "0x" + "".join(f"{round(255 * level):02x}" for level in color)


def _sheet(shot: Shot, making: Making, threads: int) -> Frames:
    (frame,) = through(sheet_graph(shot, making), ([one] for one in _moments(shot)), shot.name)
    for _ in range(shot.frames):
        yield frame


def _moments(shot: Shot) -> Frames:
    """The pictures of a sheet, each with its moment."""
    assert shot.file is not None
    path = shot.file.file
    fitting = Fitting(shot.file.size, shot.cell, "contain")
    size = max(MOMENT, min(0.3, 11 / shot.cell[1]))
    frames = clip_frames(path, shot.numbers, survey_of(path), fitting)
    with closing(frames):
        for frame, moment in zip(frames, shot.moments, strict=True):
            words = [Line(clock(moment), size)]
            yield laid(frame, lettered(words, shot.cell, "bottom_right"))


def clock(seconds: float) -> str:
    """`1:05.2` or `3.0 s`: a moment of a film."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest / 10:04.1f}" if minutes else f"{rest / 10:.1f} s"


def sheet_graph(shot: Shot, making: Making) -> Graph:
    """How the pictures of a sheet, one after another, become one."""
    width, height = shot.cell
    gap, count = shot.words.gutter, len(shot.numbers)
    rows = math.ceil(count / shot.columns)
    color = _as_ffmpeg(making.behind(shot))
    whole = (shot.columns * (width + gap) - gap, rows * (height + gap) - gap)

    def build(streams: list[Any]) -> Any:
        layout = f"{shot.columns}x{rows}"
        tiled = streams[0].filter("tile", layout, nb_frames=count, padding=gap, color=color)
        return _framed(tiled, whole, shot.size, color)

    return Graph(shot.cell, 1, shot.size, Fraction(1), build)


def commands(making: Making) -> Iterator[tuple[str, list[str]]]:
    """What ffmpeg is told for each shot and each way between two, by what it makes."""
    for placed in making.cut.shots:
        if placed.over:
            yield f"into {placed.shot.name}", transition(placed, making.cut).arguments()
        yield from _commands(placed.shot, making)


def _commands(
    shot: Shot, making: Making, threads: int = THREADS
) -> Iterator[tuple[str, list[str]]]:
    if shot.kind == "film":
        assert shot.file is not None
        path, numbers = shot.file.file, list(shot.numbers)
        if shot.mixed:
            numbers.append(min(numbers[-1] + 1, len(survey_of(path).times) - 1))
        told = decoding(path, numbers, survey_of(path), fitting_of(shot, making), threads)
        yield shot.name, told
    elif shot.kind == "still":
        yield shot.name, still_graph(shot, making).arguments()
    elif shot.kind == "sheet":
        assert shot.file is not None
        path, fitting = shot.file.file, Fitting(shot.file.size, shot.cell, "contain")
        yield f"frames of {shot.name}", decoding(path, shot.numbers, survey_of(path), fitting)
        yield shot.name, sheet_graph(shot, making).arguments()
    elif shot.kind == "wall":
        for cell in shot.cells:
            yield from _commands(cell, making, 1)
        yield shot.name, wall_graph(shot, making).arguments()


_MAKERS: dict[str, Callable[[Shot, Making, int], Frames]] = {
    "title": _title,
    "film": _film,
    "still": _still,
    "wall": _wall,
    "sheet": _sheet,
}
