"""A collage drawn: from where its pieces lie to pixels, in bands from top to bottom, each piece
made ready once, when the first band that it touches is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from dreamer.draw.canvas import Ground, compose
from dreamer.draw.dress import Dress
from dreamer.draw.framing import inner
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.looks import LOOKS, Chosen, looked
from dreamer.draw.piece import Ready, bounds, prepare
from dreamer.engine.collage_layout import Placed
from dreamer.engine.dressed import dress_of
from dreamer.engine.looking import ahead, readers
from dreamer.media.pieces import read_piece

BAND = 6_000_000  # pixels of a band: what is drawn at once
AHEAD = 12  # pieces that wait, made ready
MOST_WHOLE = 50_000_000  # pixels that a look at the whole may have


@dataclass(frozen=True)
class Sheet:
    """What is to be drawn: the (width, height) in pixels, what lies below all pieces, the pieces
    lowest first, their files by number, and looks of the whole.
    """

    size: tuple[int, int]
    ground: Ground
    placed: Sequence[Placed]
    files: Callable[[int], Path]
    finish: tuple[Chosen, ...] = ()


def band_height(size: tuple[int, int]) -> int:
    """How many rows of a sheet of (width, height) `size` are drawn at once."""
    return max(1, min(size[1], BAND // size[0]))


def bands(
    sheet: Sheet, exact: bool = False, on_rows: Callable[[int], None] = lambda rows: None
) -> Iterator[np.ndarray]:
    """`sheet` from top to bottom, `(3 or 4, h, W)` float32 in [0, 1]; the same pixels whatever
    bands they come in.

    Args:
        sheet: what is drawn.
        exact: pieces lie between pixels, for those that move.
        on_rows: told after each band how many rows are done.

    Raises:
        MediaError: a piece that cannot be read.
    """
    drawn = _drawn(sheet, exact, on_rows)
    if all(LOOKS[name].by_pixel for name, _ in sheet.finish):
        for band in drawn:
            yield looked(band, sheet.finish)
    else:
        yield looked(np.concatenate(list(drawn), 1), sheet.finish)


def needs_whole(looks: Sequence[Chosen]) -> str:
    """The first of `looks` that looks at more of a picture than a pixel, or nothing."""
    return next((name for name, _ in looks if not LOOKS[name].by_pixel), "")


def _drawn(sheet: Sheet, exact: bool, on_rows: Callable[[int], None]) -> Iterator[np.ndarray]:
    width, height = sheet.size
    waiting = []
    for k, one in enumerate(sheet.placed):
        dress = dress_of(one.dress, min(one.place.width, one.place.height))
        left, top, right, bottom = bounds(one.place, dress, exact)
        if right > 0 and left < width and bottom > 0 and top < height and one.place.alpha > 0:
            waiting.append((top, k, bottom, one.place, dress))
    waiting.sort(key=lambda item: item[:2])
    calls = (
        partial(_ready, sheet.files(place.number), place, dress, exact)
        for _, _, _, place, dress in waiting
    )
    touching: dict[int, tuple[int, Ready]] = {}  # by height: where it ends, and the piece
    begun, step = 0, band_height(sheet.size)
    with closing(ahead(calls, readers(), AHEAD)) as made:
        for upper in range(0, height, step):
            lower = min(height, upper + step)
            while begun < len(waiting) and waiting[begun][0] < lower:
                _, k, bottom, _, _ = waiting[begun]
                touching[k] = (bottom, next(made))
                begun += 1
            touching = {k: found for k, found in touching.items() if found[0] > upper}
            lying = [touching[k][1] for k in sorted(touching)]
            yield compose(lambda *_: lying, upper, lower, sheet.ground)  # noqa: B023 - at once
            on_rows(lower)


def _ready(file: Path, place: Placement, dress: Dress, exact: bool) -> Ready:
    left, top, right, bottom = place.crop
    width, height = place.width, place.height
    if place.frame is not None:
        x0, y0, x1, y1 = inner(place.frame, max(1, round(width)), max(1, round(height)))
        width, height = x1 - x0, y1 - y0
    picture = read_piece(file, width / (right - left), height / (bottom - top))
    return prepare(picture, place, dress, exact)
