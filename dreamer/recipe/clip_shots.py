"""From a clip's words to what is shown of it: a film, a still, a title, a sheet, or a wall of
those.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dreamer.recipe.cells import LEAST, cell_of
from dreamer.recipe.clip import MOST_CELLS, MOST_DECODED, Clip
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.film_shots import film_shot
from dreamer.recipe.marks import Path_
from dreamer.recipe.sheet_shots import sheet_shot
from dreamer.recipe.shots import FileFacts, Shot


def shots_of(cutting: Cutting, clip: Clip, path: Path_, size: tuple[int, int]) -> Iterator[Shot]:
    """What is shown of `clip`, said at `path`, on a canvas of `size`: one shot, or one for each
    file that it names.
    """
    if clip.title is not None:
        yield Shot("title", path, clip, cutting.length(clip), size)
    elif clip.wall is not None:
        yield from _wall(cutting, clip, clip.wall, path, size)
    elif clip.sheet is not None:
        for file in cutting.good((*path, "sheet"), clip.sheet):
            yield from sheet_shot(cutting, clip, (*path, "sheet"), file, size)
    elif clip.file is not None:
        written = (*path, "file")
        for file in cutting.good(written, clip.file):
            made = film_shot if file.film is not None else _still
            yield from made(cutting, clip, path, file, size)


def _still(
    cutting: Cutting, clip: Clip, path: Path_, file: FileFacts, size: tuple[int, int]
) -> Iterator[Shot]:
    said = clip.model_fields_set
    for key in sorted(said & {"start", "end", "speed", "rates", "volume"}):
        cutting.refuse((*path, key), f"is of films, and {file.name} is a picture; leave it out")
    moves = clip.zoom is not None or clip.center is not None
    if "ease" in said and not moves:
        cutting.refuse((*path, "ease"), f"{file.name} does not move; say zoom: 1.3 too")
    fit = clip.fit or ("cover" if moves else cutting.words.fit)
    yield Shot("still", path, clip, cutting.length(clip), size, fit, file)


def _wall(
    cutting: Cutting, clip: Clip, cells: Sequence[Clip], path: Path_, size: tuple[int, int]
) -> Iterator[Shot]:
    listed = list(_cells(cutting, clip, cells, path))
    tried = [s for where, c in listed for s in shots_of(cutting, c, where, size)]
    if not tried:
        return
    here = (*path, "wall")
    if len(tried) > MOST_CELLS:
        cutting.refuse(here, f"has {len(tried)} clips; at most {MOST_CELLS}")
        return
    films = [shot.file.size for shot in tried if shot.kind == "film" and shot.file is not None]
    if (decoded := sum(across * down for across, down in films)) > MOST_DECODED:
        what = f"decodes {decoded / 1e6:.0f} megapixels at once, more than memory is sure to hold"
        cutting.refuse(here, f"{what} ({MOST_DECODED / 1e6:.0f}); say fewer films, or smaller ones")
        return
    columns = min(clip.columns or math.ceil(math.sqrt(len(tried))), len(tried))
    rows = math.ceil(len(tried) / columns)
    across, down = cell_of(size, columns, rows, clip.gutter)
    if min(across, down) < LEAST:
        what = f"{columns} × {rows} clips on {size[0]}×{size[1]} are smaller than {LEAST} pixels"
        cutting.refuse(here, what)
        return
    already = len(cutting.problems)  # told above
    shots = [s for where, c in listed for s in shots_of(cutting, c, where, (across, down))]
    del cutting.problems[already:]
    heard = tuple(k for k, s in enumerate(shots) if s.sounds and _is_heard(s, clip))
    if "sound_of" in clip.model_fields_set and clip.sound_of != "none":
        if not cutting.clips_heard:
            what = "is not heard, for `sound` is heard alone; say clips_sound: true too"
            cutting.refuse((*path, "sound_of"), what)
        elif not heard and (clip.sound_of == "all" or clip.sound_of <= len(listed)):
            cutting.refuse((*path, "sound_of"), "has no sound; leave it out, or name another clip")
    moving = [shot.frames for shot in shots if shot.kind == "film"]
    longest = max(moving or [shot.frames for shot in shots])
    frames = longest if clip.length is None else max(1, cutting.frames(clip.length))
    yield Shot(
        "wall", path, clip, frames, size, cells=tuple(shots), columns=columns,
        cell=(across, down), heard=heard,
    )  # fmt: skip


def _is_heard(cell: Shot, wall: Clip) -> bool:
    number = cell.path[-1]
    return wall.sound_of == "all" or (isinstance(number, int) and wall.sound_of == number + 1)


def _cells(
    cutting: Cutting, wall: Clip, cells: Sequence[Clip], path: Path_
) -> Iterator[tuple[Path_, Clip]]:
    """The clips of a wall, with what it says for all of them, and where each is said."""
    heard = wall.sound_of
    if isinstance(heard, int) and heard > len(cells):
        cutting.refuse((*path, "sound_of"), f"is clip {heard}, and the wall has {len(cells)}")
    for number, cell in enumerate(cells):
        where = (*path, "wall", number)
        said = cell.model_fields_set
        if cell.wall is not None:
            cutting.refuse((*where, "wall"), "a wall inside a wall; give it the clips themselves")
            continue
        if "transition" in said:
            cutting.refuse((*where, "transition"), "clips of a wall are seen at once")
        if "name" in said:
            cutting.refuse((*where, "name"), "clips of a wall begin no chapters; name the wall")
        if "volume" in said and heard not in ("all", number + 1):
            what = f"this clip of the wall is not heard; say sound_of: {number + 1}, or all"
            cutting.refuse((*where, "volume"), what)
        theirs = {"background": cell.background or wall.background}
        if cell.file is not None:
            theirs["fit"] = cell.fit or wall.fit
        yield where, cell.model_copy(update=theirs)
