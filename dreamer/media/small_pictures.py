"""Pictures that are to be made small, without ever holding large ones in floats: in pieces, as
thumbnails, as squares.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from dreamer.media.levels import at_8_bits, from_grey, from_rgb, in_rgb, is_deep, on_paper
from dreamer.media.opening import opened, read_size, turn
from dreamer.media.png import decode_png16

LARGE = 25_000_000  # pixels; above it, one at a time
PIECE = 1 << 18  # pixels that are in floats at once
DRAFT = 4  # times the size that is needed: nearer than that a JPEG's own halving would show
_large = threading.Lock()


class Rows(NamedTuple):
    """A picture in pieces: its (height, width), and from top to bottom `(3, h, W)` float32 RGB in
    [0, 1].
    """

    size: tuple[int, int]
    pieces: Iterator[np.ndarray]


@contextmanager
def one_large(path: Path) -> Iterator[None]:
    """Wait, if the picture at `path` is very large, until no other thread decodes such a one.

    Raises:
        MediaError: no such file, no picture, too large.
    """
    width, height = read_size(path)
    with _large if width * height > LARGE else nullcontext():
        yield


def read_rows(path: Path, short: int) -> Rows:
    """The picture at `path` as `read_picture` has it on white, but never whole in floats: to be
    made small, piece by piece.

    A JPEG is decoded no larger than is needed, and very large pictures of more than 8 bits at 8,
    so that there is a byte a channel and pixel, and not four.

    Args:
        path: where it lies.
        short: how long the shorter side of what is wanted is; a JPEG's own is four times that at
            least, or what it is in the file.

    Raises:
        MediaError: as `read_picture`.
    """
    with opened(path) as picture:
        large = picture.width * picture.height > LARGE
        profile, turned = picture.info.get("icc_profile"), turn(picture)
        if picture.format == "PNG" and not profile and turned == 1 and not large:
            deep = decode_png16(path)
            if deep is not None:
                whole = on_paper(deep, 1.0)
                return Rows((whole.shape[1], whole.shape[2]), iter([whole]))
        if picture.format == "JPEG":
            least = 4 * short / min(picture.size)
            width, height = picture.size
            picture.draft(None, (math.ceil(width * least), math.ceil(height * least)))
        picture.load()
        shown = picture if turned == 1 else ImageOps.exif_transpose(picture)
        if not is_deep(shown):
            shown = in_rgb(shown, profile, 1.0)
    return Rows((shown.height, shown.width), _pieces(shown))


def _pieces(shown: Image.Image) -> Iterator[np.ndarray]:
    height = max(1, PIECE // shown.width)
    for top in range(0, shown.height, height):
        piece = shown.crop((0, top, shown.width, min(shown.height, top + height)))
        yield from_grey(piece) if is_deep(piece) else from_rgb(piece)


def read_thumbnail(path: Path, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """The picture at `path` in 8-bit RGB, no side longer than `side`, and the (width, height) it
    has itself; seen as `read_picture` has it, what is transparent over white.

    All of it is decoded, so that damage anywhere is found, in a quarter of `read_picture`'s memory.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with opened(path) as picture:
        small = at_8_bits(picture)
    size = small.size
    small.thumbnail((side, side))
    return small, size


def read_within(
    path: Path, box: tuple[int, int], by: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    """The picture at `path` as `read_thumbnail` sees it, no wider and no higher than `box`, made
    small `by` a filter; a JPEG is decoded no larger than twice that.

    Raises:
        MediaError: as `read_picture`.
    """
    with one_large(path), opened(path) as picture:
        if picture.format == "JPEG":
            picture.draft(None, (2 * box[0], 2 * box[1]))
        small = at_8_bits(picture)
    small.thumbnail(box, by)
    return small


def read_square(path: Path, side: int, fit: Literal["squash", "centre"] = "centre") -> np.ndarray:
    """The picture at `path` as a square to learn from, `(side, side, 3)` uint8, sRGB; seen as
    `read_thumbnail` sees it.

    It is made small as networks classify (`engine.scores.fit`), by triangles over areas. A very
    large JPEG is decoded at a part of its size, and no picture of 8 bits is ever held in floats.

    Args:
        path: where it lies.
        side: of the square, in pixels.
        fit: `centre` scales the short side and takes the middle, `squash` stretches to the square.

    Raises:
        MediaError: as `read_picture`.
    """
    with opened(path) as picture:
        if picture.format == "JPEG":
            least = DRAFT * side / min(picture.size)
            width, height = picture.size
            picture.draft(None, (math.ceil(width * least), math.ceil(height * least)))
        shown = at_8_bits(picture)
        if fit == "centre":
            shown = ImageOps.fit(shown, (side, side), Image.Resampling.BILINEAR)
        else:
            shown = shown.resize((side, side), Image.Resampling.BILINEAR)
        return np.array(shown)
