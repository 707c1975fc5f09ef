"""A collage drawn: from where its pieces lie to pixels, in bands from top to bottom, each piece
made ready once, when the first band that it touches is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Lock

import numpy as np

from dreamer.draw.canvas import Ground, compose
from dreamer.draw.dress import Dress
from dreamer.draw.framing import inner
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.looks import LOOKS, Chosen, looked
from dreamer.draw.piece import Ready, bounds, made_alike, moved, prepare
from dreamer.engine.collage_layout import Placed
from dreamer.engine.dressed import dress_of
from dreamer.engine.held_pieces import Held
from dreamer.engine.looking import ahead, readers
from dreamer.media.pieces import read_piece

BAND = 4_000_000  # pixels of a band: what is drawn at once
AHEAD = 2  # pieces that are made ready while others are laid
RASTER = 1_000_000  # pixels that a piece is held at, if its picture has no more,
MOST_RASTER = 8_000_000  # or as many as that has, up to these; what is larger is spread when laid
LARGE = 3_000_000  # pixels of a piece from which on only one at a time is made ready
MOST_WHOLE = 30_000_000  # pixels that a look at the whole may have: what two gigabytes hold
_large = Lock()


@dataclass(frozen=True)
class Sheet:
    """What is to be drawn: the (width, height) in pixels, what lies below all pieces, the pieces
    lowest first, their files by number, looks of the whole, and the font's file of captions, where
    it is not dreamer's own.
    """

    size: tuple[int, int]
    ground: Ground
    placed: Sequence[Placed]
    files: Callable[[int], Path]
    finish: tuple[Chosen, ...] = ()
    font: Path | None = None


def band_height(size: tuple[int, int]) -> int:
    """How many rows of a sheet of (width, height) `size` are drawn at once."""
    return max(1, min(size[1], BAND // size[0]))


def bands(
    sheet: Sheet,
    exact: bool | Sequence[bool] = False,
    on_rows: Callable[[int], None] = lambda rows: None,
    held: Held | None = None,
) -> Iterator[np.ndarray]:
    """`sheet` from top to bottom, `(3 or 4, h, W)` float32 in [0, 1]; the same pixels whatever
    bands they come in.

    Args:
        sheet: what is drawn.
        exact: pieces lie between pixels, for those that move; of all, or of each.
        on_rows: told after each band how many rows are done.
        held: pieces that are ready from another frame, and those that will be.

    Raises:
        MediaError: a piece that cannot be read.
    """
    each = (exact,) * len(sheet.placed) if isinstance(exact, bool) else exact
    drawn = _drawn(sheet, each, Held() if held is None else held, on_rows)
    if all(LOOKS[name].by_pixel for name, _ in sheet.finish):
        for band in drawn:
            yield looked(band, sheet.finish)
    else:
        yield looked(_whole(drawn, sheet.size), sheet.finish)


def _whole(drawn: Iterator[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """All bands, each put where it belongs as it is drawn."""
    first, top = next(drawn), 0
    whole = np.empty((len(first), size[1], size[0]), np.float32)
    for band in chain([first], drawn):
        whole[:, top : top + band.shape[1]] = band
        top += band.shape[1]
    return whole


def needs_whole(looks: Sequence[Chosen]) -> str:
    """The first of `looks` that looks at more of a picture than a pixel, or nothing."""
    return next((name for name, _ in looks if not LOOKS[name].by_pixel), "")


def _drawn(
    sheet: Sheet, exact: Sequence[bool], held: Held, on_rows: Callable[[int], None]
) -> Iterator[np.ndarray]:
    width, height = sheet.size
    lying = []
    for k, (one, between) in enumerate(zip(sheet.placed, exact, strict=True)):
        dress = dress_of(one.dress, min(one.place.width, one.place.height), sheet.font)
        left, top, right, bottom = bounds(one.place, dress, between)
        if right > 0 and left < width and one.place.alpha > 0:
            file = sheet.files(one.place.number)
            lying.append((top, bottom, k, partial(_laid, held, k, file, one.place, dress, between)))
    step = band_height(sheet.size)
    for upper in range(0, height, step):
        lower = min(height, upper + step)
        touching = [one for one in lying if one[0] < lower and one[1] > upper]
        held.keep([k for *_, k, _ in touching])
        with closing(ahead([make for *_, make in touching], readers(), AHEAD)) as ready:
            yield compose(lambda *_, ready=ready: ready, upper, lower, sheet.ground)
        on_rows(lower)


def _laid(
    held: Held, number: int, file: Path, place: Placement, dress: Dress, exact: bool
) -> Ready:
    by = made_alike(place, exact), dress
    ready = held.get(number, by, lambda: _ready(file, place, dress, exact))
    return moved(ready, place, exact)


def _ready(file: Path, place: Placement, dress: Dress, exact: bool) -> Ready:
    width, height = place.width, place.height
    if place.frame is not None:
        x0, y0, x1, y1 = inner(place.frame, max(1, round(width)), max(1, round(height)))
        width, height = x1 - x0, y1 - y0
    left, top, right, bottom = place.crop
    across, down = width / (right - left), height / (bottom - top)
    shrunk = min(1.0, math.sqrt(MOST_RASTER / (across * down)))
    picture = read_piece(file, across * shrunk, down * shrunk)
    area = place.width * place.height
    most = min(max(RASTER, picture.shape[1] * picture.shape[2]), MOST_RASTER)
    with _large if min(area, most) > LARGE else nullcontext():
        return prepare(picture, place, dress, exact, most)
