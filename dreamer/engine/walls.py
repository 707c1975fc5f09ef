"""Many pictures on one canvas: walls of clips that are seen at once, and sheets of a film's frames
with their moments, as filter graphs.
"""

from __future__ import annotations

import math
from contextlib import closing
from fractions import Fraction
from typing import Any

import ffmpeg

from dreamer.draw.titling import Line, laid, lettered
from dreamer.engine.making import Frames, Making, film_of
from dreamer.media.clip_frames import clip_frames
from dreamer.media.fitting import Fitting
from dreamer.media.piped import Graph, through
from dreamer.recipe.shots import Shot

MOMENT = 0.11  # height of a moment's words on a sheet, in parts of its picture's


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


def sheet_frames(shot: Shot, making: Making, threads: int) -> Frames:
    """The frames of a sheet, all alike."""
    (frame,) = through(sheet_graph(shot, making), ([one] for one in _moments(shot)), shot.name)
    for _ in range(shot.frames):
        yield frame


def _moments(shot: Shot) -> Frames:
    """The pictures of a sheet, each with its moment."""
    assert shot.file is not None
    path, seen = film_of(shot)
    fitting = Fitting(shot.file.size, shot.cell, "contain")
    size = max(MOMENT, min(0.3, 12 / shot.cell[1]))
    frames = clip_frames(path, shot.numbers, seen, fitting)
    with closing(frames):
        for frame, moment in zip(frames, shot.moments, strict=True):
            words = [Line(clock(moment), size)]
            yield laid(frame, lettered(words, shot.cell, "bottom_right", style="box"))


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
