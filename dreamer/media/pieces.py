"""Pictures that are to be pieces of collages: with their alpha, and not larger than is needed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from dreamer.media.levels import see_through
from dreamer.media.opening import opened, turn
from dreamer.media.small_pictures import one_large

AHEAD = 2  # times the piece's size: the last step down is the piece's own, and no step is seen
GAP = 3.0  # what Pillow says of steps that cannot be told from one


def read_piece(path: Path, width: float, height: float) -> np.ndarray:
    """The picture at `path` for a piece of about `width` × `height` pixels.

    Seen as `pictures.read_picture` sees it: upright, in sRGB, an animation's first frame; but what
    is transparent stays so. It is made small in 8 bits, and is never whole in floats.

    Args:
        path: where it lies.
        width: pixels that all of its width will take; more than the piece's where it is cropped.
        height: pixels that all of its height will take.

    Returns: `(3, h, w)` float32 in [0, 1], or `(4, h, w)` with straight alpha where anything is
        transparent; no side shorter than asked for, unless it is so in the file, and not both more
        than twice as long.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with one_large(path), opened(path) as picture:
        if picture.format == "JPEG":
            sides = (height, width) if turn(picture) in (5, 6, 7, 8) else (width, height)
            scale = _scale(picture.size, *sides)
            wide, tall = picture.size
            picture.draft(None, (math.ceil(wide * scale), math.ceil(tall * scale)))
        shown = see_through(picture)
        scale = _scale(shown.size, width, height)
        if scale < 1:
            size = (math.ceil(shown.width * scale), math.ceil(shown.height * scale))
            shown = shown.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)
        levels = np.ascontiguousarray(np.asarray(shown).transpose(2, 0, 1))
    pixels = levels.astype(np.float32)
    pixels /= 255
    return pixels


def _scale(size: tuple[int, int], width: float, height: float) -> float:
    return min(1.0, AHEAD * max(width / size[0], height / size[1], 1 / max(size)))
