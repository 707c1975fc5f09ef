"""A raster seen at any places between its pixels: Catmull and Rom's cubic (*A class of local
interpolating splines*, 1974), which goes through the pixels and stays as sharp as they are.

Every place is reckoned for itself, by sums and products in one order, so that it comes out the same
whatever others are asked for.
"""

from __future__ import annotations

import numpy as np

TAPS = 4
AT_ONCE = 1 << 13


def sampled(raster: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """`raster` at places in pixels: its first pixel's middle is at (0.5, 0.5).

    Args:
        raster: `(h, w, 4)` float32; what lies outside is as its edge.
        across: `(n,)` float64.
        down: `(n,)` float64.

    Returns: `(n, 4)` float32, which may pass the raster's own range a little, as cubics do.
    """
    height, width = raster.shape[:2]
    # Four floats are moved as one: what is gathered is copied and not reckoned with.
    pixels = np.ascontiguousarray(raster, np.float32).reshape(-1).view(np.complex128)
    out = np.empty((len(across), 4), np.float32)
    for k in range(0, len(across), AT_ONCE):
        columns, by_column = _taps(across[k : k + AT_ONCE], width)
        rows, by_row = _taps(down[k : k + AT_ONCE], height)
        found = out[k : k + AT_ONCE]
        found[:] = 0
        gathered = np.empty(len(found), np.complex128)
        taken = gathered.view(np.float32).reshape(-1, 4)
        for row, of_row in zip(rows, by_row, strict=True):
            begin = row * width
            line = np.zeros_like(found)
            for column, of_column in zip(columns, by_column, strict=True):
                np.take(pixels, begin + column, out=gathered, mode="clip")
                np.multiply(taken, of_column, out=taken)
                line += taken
            line *= of_row
            found += line
    return out


def between(plane: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """A soft `plane` `(h, w)` at places as `sampled` has them, by straight lines between its
    pixels: `(n,)` float32.
    """
    height, width = plane.shape
    flat = np.ascontiguousarray(plane).reshape(-1)
    out = np.zeros(len(across), np.float32)
    x, y = np.floor(across - 0.5), np.floor(down - 0.5)
    t, u = (across - 0.5 - x).astype(np.float32), (down - 0.5 - y).astype(np.float32)
    columns = [np.clip(x.astype(np.int64) + k, 0, width - 1) for k in range(2)]
    for row, of_row in ((y, 1 - u), (y + 1, u)):
        begin = np.clip(row.astype(np.int64), 0, height - 1) * width
        line = flat.take(begin + columns[0]) * (1 - t) + flat.take(begin + columns[1]) * t
        out += line * of_row
    return out


def _taps(place: np.ndarray, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """For each of the four pixels about a place which one it is, `(n,)`, and its weight, once for
    each channel, `(n, 4)`.
    """
    first = np.floor(place - 0.5)
    t = np.repeat((place - 0.5 - first).astype(np.float32), 4).reshape(-1, 4)
    begin = first.astype(np.int64) - 1
    which = [np.clip(begin + k, 0, count - 1) for k in range(TAPS)]
    weights = [
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]
    return which, weights
