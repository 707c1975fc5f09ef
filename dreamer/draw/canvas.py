"""A band of a collage: what lies below, and pieces laid on it one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from dreamer.draw.blending import laid
from dreamer.draw.dress import Dress
from dreamer.draw.framing import color_of
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.patches import rows
from dreamer.draw.piece import Ready, prepare

Ground = Callable[[int, int], np.ndarray]
"""Rows `top` to `bottom` of what lies below all pieces: `(3 or 4, bottom - top, W)` float32 in
[0, 1], and the caller's to change."""


def compose(
    pieces: Callable[[int, int], Iterable[Ready]], top: int, bottom: int, ground: Ground
) -> np.ndarray:
    """Rows `top` to `bottom` of a collage, the same bytes whatever bands it is drawn in.

    Args:
        pieces: those that touch the rows from one to another, lowest first; others do no harm.
        top: the first row.
        bottom: the one after the last.
        ground: what lies below all of them.

    Returns: `(3 or 4, bottom - top, W)` float32 in [0, 1], as the ground is.
    """
    canvas = ground(top, bottom)
    width = canvas.shape[2]
    for piece in pieces(top, bottom):
        for patch in rows(piece, top, bottom, width):
            laid(canvas, patch._replace(top=patch.top - top))
    return canvas


def plain(color: str, width: int) -> Ground:
    """One colour as CSS writes it; `transparent`, or one with alpha, makes a ground of four
    channels.

    Raises:
        ValueError: no such colour.
    """
    levels = color_of(color)
    channels = levels if levels[3] < 1 else levels[:3]

    def ground(top: int, bottom: int) -> np.ndarray:
        band = np.empty((len(channels), bottom - top, width), np.float32)
        band[:] = channels[:, None, None]
        return band

    return ground


def covered(
    picture: np.ndarray, width: int, height: int, under: str = "black", most: int | None = None
) -> Ground:
    """`picture` `(3 or 4, h, w)` over a whole canvas: as large as covers it, its middle in the
    middle; over the colour `under` where it is transparent. It is not held larger than it is, nor
    in many more than `most` pixels.
    """
    tall, wide = picture.shape[1:]
    scale = max(width / wide, height / tall)
    across, down = width / scale / wide / 2, height / scale / tall / 2
    crop = (0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down)
    placed = Placement(0, width / 2, height / 2, width, height, crop=crop)
    own = max(1, round(width / scale * height / scale))
    piece = prepare(picture, placed, Dress(), most=own if most is None else min(own, most))
    below = plain(under, width)

    def ground(top: int, bottom: int) -> np.ndarray:
        return compose(lambda *_: [piece], top, bottom, below)

    return ground
