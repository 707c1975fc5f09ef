"""Borders of pieces, as of paper that a picture lies on, with words in their lowest part."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from dreamer.draw.blending import blend
from dreamer.draw.fonts import Font, drawable, font_at
from dreamer.draw.layouts.placement import Frame
from dreamer.draw.light import luminance
from dreamer.draw.sheet import shortened

LETTERS = 0.42  # of the lowest part's height; words that are too long are smaller, to SMALLEST
SMALLEST = 0.22
READABLE = 9  # pixels; letters are no smaller unless the border is
FREE = 0.06  # of the width, at each end of words
INKS = ((0.12, 0.12, 0.13), (0.93, 0.93, 0.91))  # on light paper, on dark paper
LIGHT = 0.18  # luminance from which paper is light


class Letters(NamedTuple):
    """Words on a border: how much of each pixel is ink, `(h, w)` uint8 of 255, in rows that begin
    at `top` and are as wide as the piece, and the ink's colour, `(3,)` float32 in [0, 1].
    """

    ink: np.ndarray
    top: int
    color: np.ndarray


def color_of(words: str) -> np.ndarray:
    """A colour as CSS writes it, or `transparent`: `(4,)` float32 in [0, 1].

    Raises:
        ValueError: no such colour.
    """
    words = "#00000000" if words == "transparent" else words
    return np.array(ImageColor.getcolor(words, "RGBA"), np.float32) / 255


def inner(frame: Frame, width: float, height: float) -> tuple[float, float, float, float]:
    """Where the picture lies inside a border of `width` × `height` pixels: left, top, right,
    bottom; a pixel at least, however broad the border is.
    """
    left, right = _opening(frame.left, frame.right, width)
    top, bottom = _opening(frame.top, frame.bottom, height)
    return left, top, right, bottom


def framed(
    picture: np.ndarray, frame: Frame, left: int, top: int, size: tuple[int, int], caption: str = ""
) -> np.ndarray:
    """`picture` `(4, h, w)` on paper of `size` (width, height), its top left corner at `left` and
    `top`: `(4, height, width)`, straight alpha. A caption that cannot be read for smallness is left
    out.
    """
    width, height = size
    color = color_of(frame.color)
    paper = np.empty((4, height, width), np.float32)
    paper[:] = color[:, None, None]
    rows, columns = picture.shape[1:]
    place = paper[:, top : top + rows, left : left + columns]
    place[...] = blend("normal", place, picture[:3], picture[3])
    letters = lettered(frame, caption, size)
    if letters is not None:
        below = paper[:, letters.top :]
        ink = np.broadcast_to(letters.color[:, None, None], (3, *below.shape[1:]))
        below[...] = blend("normal", below, ink, letters.ink.astype(np.float32) / 255)
    return paper


def _opening(before: float, after: float, length: float) -> tuple[float, float]:
    low = min(max(before, 0.0), length - 1.0)
    return low, max(length - max(after, 0.0), low + 1.0)


def lettered(frame: Frame, caption: str, size: tuple[int, int]) -> Letters | None:
    """`caption` as it stands on the border of a piece of `size` (width, height); nothing, where it
    cannot be read for smallness.
    """
    (width, height), room = size, frame.bottom
    words = drawable(" ".join(caption.split()))
    across = width * (1 - 2 * FREE)
    letters = room * LETTERS
    if letters < 4 or not words:
        return None
    needed = _font(round(letters)).getlength(words)
    least = min(letters, max(room * SMALLEST, READABLE))
    font = _font(round(max(least, min(letters, letters * across / max(needed, 1)))))
    top = max(0, height - math.ceil(room))  # no letter is higher than the border
    sheet = Image.new("L", (width, height - top))
    middle = (width / 2, height - room / 2 - top)
    ImageDraw.Draw(sheet).text(middle, shortened(words, font, across), 255, font, anchor="mm")
    light = bool(luminance(color_of(frame.color)[:3]) >= LIGHT)
    return Letters(np.asarray(sheet), top, np.array(INKS[not light], np.float32))


@lru_cache(256)
def _font(size: int) -> Font:
    return font_at(None, size)
