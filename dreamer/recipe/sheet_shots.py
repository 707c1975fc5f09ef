"""A sheet of a film's frames: which, how far apart, and how large on the film."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from dreamer.recipe.cells import LEAST, best_columns, cell_of
from dreamer.recipe.clip import Clip
from dreamer.recipe.clip_times import shown_at
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.film_shots import part_shown
from dreamer.recipe.marks import Path_
from dreamer.recipe.shots import FileFacts, Shot
from dreamer.recipe.times import parse_time

MOST = 1600
SHEET = 24  # pictures on a sheet that does not say how far apart they are


def sheet_shot(
    cutting: Cutting, clip: Clip, path: Path_, file: FileFacts, size: tuple[int, int]
) -> Iterator[Shot]:
    """The sheet of `file` that `clip`, whose `sheet` is said at `path`, asks for."""
    if file.film is None:
        cutting.refuse(path, f"{file.name} is a picture; a sheet is of a film's frames")
        return
    if (part := part_shown(cutting, clip, path[:-1], file)) is None:
        return
    source, start, frames = part
    if clip.every is None:
        apart = max(Fraction(1), Fraction(frames, SHEET))
    else:
        time = parse_time(clip.every)
        rate = cutting.fps if time.unit == "s" else Fraction(1)
        apart = Fraction(time.value).limit_denominator(10**6) * rate
    count = math.ceil(frames / apart)
    few = f"say every: {math.ceil(10 * frames / SHEET / cutting.fps) / 10:g}s"
    if count > MOST:
        cutting.refuse(path, f"{count} frames are more than a sheet has, {MOST}; {few}")
        return
    wanted = shown_at(source, file.film, cutting.fps / apart, 0, count)
    aspect = Fraction(*file.size)
    columns = clip.columns or best_columns(count, aspect, size, clip.gutter)
    rows = math.ceil(count / columns)
    across, down = cell_of(size, columns, rows, clip.gutter)
    across, down = min(across, math.floor(down * aspect)), min(down, math.ceil(across / aspect))
    if min(across, down) < LEAST:
        what = f"{count} frames on {size[0]}×{size[1]} are smaller than {LEAST} pixels"
        cutting.refuse(path, f"{what}; {few if count > SHEET else 'say other columns'}")
        return
    moments = tuple(float(start + k * apart / cutting.fps) for k in range(count))
    yield Shot(
        "sheet", path[:-1], clip, cutting.length(clip), size, file=file, numbers=wanted,
        columns=columns, cell=(across, down), moments=moments,
    )  # fmt: skip
