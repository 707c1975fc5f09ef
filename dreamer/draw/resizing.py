"""Pictures made larger or smaller once: every pixel of the result has its share of all that it
covers, and what is transparent lends no colour.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

LEAST_ALPHA = 1 / 65535  # what has less has no colour that could be told


def resized(
    picture: np.ndarray,
    width: int,
    height: int,
    crop: tuple[float, float, float, float] = (0, 0, 1, 1),
) -> np.ndarray:
    """`picture` `(3 or 4, H, W)` in [0, 1] as `(3 or 4, height, width)` float32 in [0, 1].

    Smaller by Lanczos' filter over the area, larger by a cubic, each way by itself.

    Args:
        picture: straight alpha.
        width: of the result, 1 or more.
        height: of the result, 1 or more.
        crop: the part of it that is seen: left, top, right, bottom as parts, wherever they lie
            between pixels.
    """
    tall, wide = picture.shape[1:]
    left, right = _within(crop[0] * wide, crop[2] * wide, wide)
    top, bottom = _within(crop[1] * tall, crop[3] * tall, tall)
    planes = premultiplied(picture)
    if (left, top, right, bottom) != (0, 0, wide, tall) or (wide, tall) != (width, height):
        across = _filter(width, right - left)
        down = _filter(height, bottom - top)
        planes = np.stack(
            [
                _plane(plane, (left, top, right, bottom), width, height, across, down)
                for plane in planes
            ]
        )
    return straight(np.clip(planes, 0, 1))


def shrunk(plane: np.ndarray, width: int, height: int) -> np.ndarray:
    """`plane` `(h, w)` in [0, 1] as `(height, width)` float32, no larger than it is."""
    high, wide = plane.shape
    lanczos = Image.Resampling.LANCZOS
    found = _plane(plane, (0, 0, wide, high), width, height, lanczos, lanczos)
    return np.asarray(np.clip(found, 0, 1), np.float32)


def premultiplied(picture: np.ndarray) -> np.ndarray:
    """`(3 or 4, h, w)` with colours multiplied by their alpha, float32."""
    picture = picture.astype(np.float32, copy=False)
    if len(picture) == 3:
        return picture
    return np.concatenate([picture[:3] * picture[3:], picture[3:]])


def straight(planes: np.ndarray) -> np.ndarray:
    """What `premultiplied` made, undone, its colours in [0, 1]."""
    if len(planes) == 3:
        return planes
    alpha = planes[3:]
    seen = alpha >= LEAST_ALPHA
    colour = np.where(seen, planes[:3] / np.where(seen, alpha, 1), 0)
    return np.concatenate([np.clip(colour, 0, 1), np.where(seen, alpha, 0)])


def _within(low: float, high: float, length: int) -> tuple[float, float]:
    """An interval inside [0, length] that is not empty."""
    low = min(max(low, 0.0), length - 1e-3)
    return low, min(max(high, low + 1e-3), float(length))


def _filter(count: int, length: float) -> Image.Resampling:
    return Image.Resampling.LANCZOS if count < length else Image.Resampling.BICUBIC


def _plane(
    plane: np.ndarray,
    box: tuple[float, float, float, float],
    width: int,
    height: int,
    across: Image.Resampling,
    down: Image.Resampling,
) -> np.ndarray:
    shown = Image.fromarray(np.ascontiguousarray(plane))
    if across == down:
        return np.asarray(shown.resize((width, height), across, box))
    left, top, right, bottom = box
    narrow = shown.resize((width, shown.height), across, (left, 0, right, shown.height))
    return np.asarray(narrow.resize((width, height), down, (0, top, width, bottom)))
