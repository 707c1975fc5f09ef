"""What a photomosaic compares: the target's cells and the pieces, in CIE Lab."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from dreamer.draw.lab import lab_of_srgb
from dreamer.draw.layouts.cropping import crop_to
from dreamer.draw.layouts.mosaic_features import cell_features, piece_features
from dreamer.draw.layouts.placement import Box, Piece
from dreamer.engine.looking import ahead, readers
from dreamer.media.levels import on_paper
from dreamer.media.opening import read_size
from dreamer.media.pieces import read_piece

PARTS = 3  # of a cell, across and down: light above dark is another cell than dark above light
SMALL = 48  # pixels of a piece's longer side that are looked at
FINELY = 4  # pixels of the target that are looked at for each part of a cell, across and down,
MOST = 2_000_000  # or so many in all
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
    wide, high = read_size(path)
    scale = max(size[0] / wide, size[1] / high)
    across, down = size[0] / scale / wide / 2, size[1] / scale / high / 2
    rows = rows_of(columns, size, shape)
    parts = columns * PARTS / (2 * across), rows * PARTS / (2 * down)  # of the whole picture
    by = max(1.0, min(FINELY, math.sqrt(MOST / (parts[0] * parts[1]))))
    picture = on_paper(read_piece(path, parts[0] * by, parts[1] * by), 1)
    lab = lab_of_srgb(picture).transpose(1, 2, 0)
    crop = (0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down)
    return cell_features(lab, rows, columns, PARTS, crop)


def features_of(
    pieces: Sequence[Piece],
    files: Sequence[Path],
    shape: float,
    whole: bool,
    ground: tuple[float, float, float] = (1, 1, 1),
) -> np.ndarray:
    """What is shown of each piece in a cell of `shape` on a `ground` of that colour:
    `(n, k · k, 3)` CIE Lab; not numbers, where nothing is.

    Raises:
        MediaError: one that cannot be read.
    """
    calls = (
        partial(_features, piece, file, shape, whole, ground)
        for piece, file in zip(pieces, files, strict=True)
    )
    with closing(ahead(calls, readers(), AHEAD)) as found:
        return np.stack(list(found))


def _features(
    piece: Piece, file: Path, shape: float, whole: bool, ground: tuple[float, float, float]
) -> np.ndarray:
    by = SMALL / max(piece.width, piece.height)
    picture = read_piece(file, piece.width * by, piece.height * by)
    crop = (0.0, 0.0, 1.0, 1.0) if whole else crop_to(piece, shape, 1.0)
    if len(picture) == 4:
        if not _part(picture[3], crop).any():
            return np.full((PARTS * PARTS, 3), np.nan, np.float32)
        under = np.array(ground, np.float32)[:, None, None]
        picture = picture[:3] * picture[3] + under * (1 - picture[3])
    return piece_features(lab_of_srgb(picture).transpose(1, 2, 0), PARTS, crop)


def _part(plane: np.ndarray, crop: Box) -> np.ndarray:
    """All pixels of `plane` `(h, w)` that a crop touches."""
    high, wide = plane.shape
    left, top, right, bottom = crop
    return plane[
        math.floor(top * high) : math.ceil(bottom * high),
        math.floor(left * wide) : math.ceil(right * wide),
    ]


def mean_color(path: Path) -> tuple[float, float, float]:
    """The picture at `path`, on black as collages have it for their ground: its mean, in [0, 1].

    Raises:
        MediaError: it cannot be read.
    """
    red, green, blue = on_paper(read_piece(path, SMALL, SMALL), 0).mean((1, 2)).tolist()
    return red, green, blue
