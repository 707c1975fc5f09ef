"""A picture file looked at once, whole: is it one, how large, how grey, and what it is like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dreamer.datasets.likeness import Likeness, likeness
from dreamer.errors import MediaError
from dreamer.media.kinds import what_it_is
from dreamer.media.opening import read_size
from dreamer.media.small_pictures import read_thumbnail

LEAST_BYTES, LEAST_SIDE, MOST_PIXELS = 5000, 32, 50_000_000
THUMBNAIL = 384
GREY_LEVELS = 3.0  # how far channels are apart, at the 99th percentile, that JPEG alone may make


@dataclass(frozen=True)
class Look:
    """What is seen of a picture: its size in pixels as shown, whether it has no colours, and what
    it is compared by.
    """

    width: int
    height: int
    grey: bool
    likeness: Likeness


class TooManyPixels(Exception):
    """A picture larger than this machine is to decode."""


def look_at(path: Path, most_pixels: int = MOST_PIXELS) -> tuple[Look, Image.Image]:
    """All of the picture at `path` decoded; and the picture, no side longer than 384 pixels.

    Raises:
        TooManyPixels: by its header, before any is decoded.
        MediaError: no picture, or a damaged one.
    """
    width, height = read_size(path)
    if width * height > most_pixels:
        raise TooManyPixels(f"{width}×{height}, more than {most_pixels / 1e6:g} megapixels")
    small, (width, height) = read_thumbnail(path, THUMBNAIL)
    return Look(width, height, _is_grey(small), likeness(small)), small


def _is_grey(picture: Image.Image) -> bool:
    levels = np.asarray(picture).astype(np.int16)
    return bool(np.percentile(levels.max(2) - levels.min(2), 99) <= GREY_LEVELS)


def what_else(path: Path) -> str:
    """What a file is that is no picture (`an HTML page`), or nothing where it begins like one."""
    what = what_it_is(path)
    return "" if what.endswith(" picture") or _can_be_read(path) else what


def _can_be_read(path: Path) -> bool:
    try:
        read_size(path)
    except MediaError as error:
        return not str(error).endswith("expected a picture")
    return True
