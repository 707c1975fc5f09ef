"""What a photomosaic compares: the target's cells and the pieces, in CIE Lab."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from dreamer.draw.lab import lab_of_srgb
from dreamer.draw.layouts.cropping import crop_to
from dreamer.draw.layouts.mosaic_features import cell_features, piece_features
from dreamer.draw.layouts.placement import Piece
from dreamer.engine.looking import ahead, readers
from dreamer.media.pictures import read_picture
from dreamer.media.small_pictures import read_thumbnail

PARTS = 3  # of a cell, across and down: light above dark is another cell than dark above light
SMALL = 48  # pixels of a piece's longer side that are looked at
AHEAD = 64


def rows_of(columns: int, size: tuple[int, int], shape: float) -> int:
    """How many rows of cells of about `shape` (width by height) fill a sheet of (width, height)
    `size` in so many columns.
    """
    return max(1, round(size[1] / (size[0] / columns / shape)))


def target_features(path: Path, columns: int, size: tuple[int, int], shape: float) -> np.ndarray:
    """The cells of the picture at `path`, which covers the sheet of (width, height) `size`, its
    middle in the middle: `(rows, columns, k · k, 3)` CIE Lab.

    Raises:
        MediaError: it cannot be read.
    """
    picture = read_picture(path)
    high, wide = picture.shape[1:]
    scale = max(size[0] / wide, size[1] / high)
    width, height = min(wide, round(size[0] / scale)), min(high, round(size[1] / scale))
    left, top = (wide - width) // 2, (high - height) // 2
    shown = picture[:, top : top + max(1, height), left : left + max(1, width)]
    lab = lab_of_srgb(shown).transpose(1, 2, 0)
    return cell_features(lab, rows_of(columns, size, shape), columns, PARTS)


def features_of(
    pieces: Sequence[Piece], files: Sequence[Path], shape: float, whole: bool
) -> np.ndarray:
    """What is shown of each piece in a cell of `shape`: `(n, k · k, 3)` CIE Lab.

    Raises:
        MediaError: one that cannot be read.
    """
    calls = (
        partial(_features, piece, file, shape, whole)
        for piece, file in zip(pieces, files, strict=True)
    )
    with closing(ahead(calls, readers(), AHEAD)) as found:
        return np.stack(list(found))


def _features(piece: Piece, file: Path, shape: float, whole: bool) -> np.ndarray:
    small, _ = read_thumbnail(file, SMALL)
    levels = np.asarray(small, np.float32).transpose(2, 0, 1) / 255
    crop = (0.0, 0.0, 1.0, 1.0) if whole else crop_to(piece, shape, 1.0)
    return piece_features(lab_of_srgb(levels).transpose(1, 2, 0), PARTS, crop)
