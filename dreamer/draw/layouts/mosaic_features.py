"""What a photomosaic compares: means of CIE Lab over k × k parts of a cell or a picture.

Arrays come in Lab already; nothing here knows of other colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dreamer.draw.layouts.placement import WHOLE, Box


def piece_features(lab: NDArray[np.floating], parts: int, crop: Box = WHOLE) -> NDArray[np.float32]:
    """`(parts · parts, 3)`: mean Lab of equal parts of the crop, row by row from the top left.

    Args:
        lab: a picture `(h, w, 3)`.
        parts: across, and as many down, 1 or more.
        crop: of the picture that is shown.

    A pixel that lies in several parts counts to each by how much of it lies there.
    """
    left, top, right, bottom = crop
    return _means(lab, (top, bottom), parts, (left, right), parts).reshape(parts * parts, 3)


def cell_features(
    lab: NDArray[np.floating], rows: int, columns: int, parts: int, crop: Box = WHOLE
) -> NDArray[np.float32]:
    """`(rows, columns, parts · parts, 3)`: those of every cell of a target `(h, w, 3)`, whose
    `crop` cells share out equally.
    """
    left, top, right, bottom = crop
    means = _means(lab, (top, bottom), rows * parts, (left, right), columns * parts)
    split = means.reshape(rows, parts, columns, parts, 3).swapaxes(1, 2)
    return split.reshape(rows, columns, parts * parts, 3)


def _means(
    lab: NDArray[np.floating],
    down: tuple[float, float],
    rows: int,
    across: tuple[float, float],
    columns: int,
) -> NDArray[np.float32]:
    high, wide = lab.shape[:2]
    along = _shares(high, *down, rows) @ lab.astype(np.float64).reshape(high, wide * 3)
    means = np.einsum("cw,rwl->rcl", _shares(wide, *across, columns), along.reshape(rows, wide, 3))
    return np.asarray(means, np.float32)


def _shares(pixels: int, first: float, last: float, parts: int) -> NDArray[np.float64]:
    """How much of each part of a side each pixel is, `(parts, pixels)`: rows add up to 1."""
    edges = np.linspace(first * pixels, last * pixels, parts + 1)
    starts, ends = edges[:-1, None], edges[1:, None]
    at = np.arange(pixels)[None]
    covered = np.clip(np.minimum(ends, at + 1) - np.maximum(starts, at), 0, None)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))
