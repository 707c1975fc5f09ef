"""What ffmpeg is told to make the frames of a compilation, for whoever wants to see it first."""

from __future__ import annotations

from collections.abc import Iterator

from dreamer.engine.making import Making, film_of, fitting_of
from dreamer.engine.stills import still_graph
from dreamer.engine.transitions import transition
from dreamer.engine.walls import sheet_graph, wall_graph
from dreamer.media.clip_frames import THREADS, decoding
from dreamer.media.fitting import Fitting
from dreamer.recipe.joins import THROUGH
from dreamer.recipe.shots import Shot


def commands(making: Making) -> Iterator[tuple[str, list[str]]]:
    """What ffmpeg is told for each shot and each way between two, by what it makes."""
    for placed in making.cut.shots:
        if placed.over and placed.xfade not in THROUGH:
            yield f"into {placed.shot.name}", transition(placed, making.cut).arguments()
        yield from _commands(placed.shot, making)


def _commands(
    shot: Shot, making: Making, threads: int = THREADS
) -> Iterator[tuple[str, list[str]]]:
    if shot.kind == "film":
        assert shot.file is not None
        (path, seen), numbers = film_of(shot), list(shot.numbers)
        if shot.mixed:
            numbers.append(min(numbers[-1] + 1, len(seen.times) - 1))
        told = decoding(path, numbers, seen, fitting_of(shot, making), threads)
        yield shot.name, told
    elif shot.kind == "still":
        yield shot.name, still_graph(shot, making).arguments()
    elif shot.kind == "sheet":
        assert shot.file is not None
        (path, seen), fitting = film_of(shot), Fitting(shot.file.size, shot.cell, "contain")
        yield f"frames of {shot.name}", decoding(path, shot.numbers, seen, fitting)
        yield shot.name, sheet_graph(shot, making).arguments()
    elif shot.kind == "wall":
        for cell in shot.cells:
            yield from _commands(cell, making, 1)
        yield shot.name, wall_graph(shot, making).arguments()
