"""Borders of pieces, as of paper that a picture lies on, with words in their lowest part."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from dreamer.draw.blending import blend
from dreamer.draw.fonts import LOOK, Font, drawable, font_at
from dreamer.draw.layouts.placement import Frame
from dreamer.draw.light import luminance
from dreamer.draw.sheet import shortened

LETTERS = 0.42  # of the lowest part's height; words that are too long are smaller, to SMALLEST
SMALLEST = 0.22
READABLE = 9  # pixels; letters are no smaller
MOST = 0.7  # but for a border that they would fill more of than this
FREE = 0.06  # of the width, at each end of words
INKS = ((0.12, 0.12, 0.13), (0.93, 0.93, 0.91))  # on light paper, on dark paper
LIGHT = 0.18  # luminance from which paper is light
# Words are drawn larger and made small: at their own size letters are moved to whole pixels and
# stand unevenly.
FINE = 8  # times as large, or less where they are large themselves:
ENOUGH = 320  # pixels that letters need not be higher than


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
    picture: np.ndarray,
    frame: Frame,
    left: int,
    top: int,
    size: tuple[int, int],
    caption: str = "",
    font: Path | None = None,
) -> np.ndarray:
    """`picture` `(4, h, w)` on paper of `size` (width, height), its top left corner at `left` and
    `top`: `(4, height, width)`, straight alpha. A caption that cannot be read for smallness is left
    out; its `font` is dreamer's own unless given.
    """
    width, height = size
    color = color_of(frame.color)
    paper = np.empty((4, height, width), np.float32)
    paper[:] = color[:, None, None]
    rows, columns = picture.shape[1:]
    place = paper[:, top : top + rows, left : left + columns]
    place[...] = blend("normal", place, picture[:3], picture[3])
    letters = lettered(frame, caption, size, font)
    if letters is not None:
        below = paper[:, letters.top :]
        ink = np.broadcast_to(letters.color[:, None, None], (3, *below.shape[1:]))
        below[...] = blend("normal", below, ink, letters.ink.astype(np.float32) / 255)
    return paper


def _opening(before: float, after: float, length: float) -> tuple[float, float]:
    low = min(max(before, 0.0), length - 1.0)
    return low, max(length - max(after, 0.0), low + 1.0)


def lettered(
    frame: Frame, caption: str, size: tuple[int, int], file: Path | None = None
) -> Letters | None:
    """`caption` as it stands on the border of a piece of `size` (width, height), in the font of
    `file` or dreamer's own; nothing, where it cannot be read for smallness.
    """
    width, height = size
    room = frame.bottom if frame.foot is None else frame.foot
    words = drawable(" ".join(caption.split()), file)
    across = width * (1 - 2 * FREE)
    letters = max(room * LETTERS, min(READABLE, room * MOST))
    if letters < 4 or not words:
        return None
    needed = _font(file, LOOK).getlength(words) * letters / LOOK
    least = min(letters, max(room * SMALLEST, READABLE))
    letters = max(least, min(letters, letters * across / max(needed, 1e-6)))
    fine = max(1, min(FINE, int(ENOUGH / letters)))
    font = _font(file, round(letters * fine))
    top = max(0, math.floor(height - room))  # above it there are no words
    strip = Image.new("L", (width * fine, (height - top) * fine))
    ascent, descent = font.getmetrics()
    base = round((height - top - room / 2) + (ascent - descent) / 2 / fine)  # on a whole pixel
    shown = shortened(words, font, across * fine)
    ImageDraw.Draw(strip).text((width * fine / 2, base * fine), shown, 255, font, anchor="ms")
    light = bool(luminance(color_of(frame.color)[:3]) >= LIGHT)
    ink = np.asarray(strip.reduce(fine))
    return Letters(ink, top, np.array(INKS[not light], np.float32))


@lru_cache(256)
def _font(file: Path | None, size: int) -> Font:
    return font_at(file, size)
