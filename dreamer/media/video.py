"""Films of picture files: any number at once, each picture read once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.encoding import Encoding, encode_all
from dreamer.media.film import Film
from dreamer.media.opening import read_size
from dreamer.media.pictures import read_picture


def encode_film(
    frames: Sequence[Path],
    out: Path,
    fps: Fraction,
    *,
    crf: int | None = None,
    preset: str = "medium",
    metadata: Mapping[str, str] | None = None,
    on_frame: Callable[[int], None] = lambda index: None,
) -> None:
    """Make an H.264 MP4 of picture files: `encode_films` where nothing else is asked for."""
    film = Film(fps, crf=crf, preset=preset, texts=metadata or {})
    encode_films(frames, {out: film}, on_frame)


def encode_films(
    frames: Sequence[Path],
    films: Mapping[Path, Film],
    on_frame: Callable[[int], None] = lambda index: None,
) -> None:
    """Make films of picture files: true BT.709 where they are not RGB, the index in front, the
    same bytes every time. A film appears at its place when whole.

    Where a codec wants even sides, odd ones get their last row or column once more. What is
    transparent in a picture is over black, as around a film.

    Args:
        frames: pictures of one size, in order.
        films: what to make, by where; a name beside that is used until it is whole.
        on_frame: told each frame's number, again for each that is needed again.

    Raises:
        MediaError: no frames, frames of several sizes, or what ffmpeg complained about.
    """
    if not frames:
        raise MediaError(f"no frames to make {', '.join(map(str, films))} of")
    size = read_size(frames[0])

    def read(index: int) -> np.ndarray:
        return read_levels(frames[index], size)

    making: list[Encoding] = []
    try:
        for out, film in films.items():
            making.append(Encoding(film, out, size))
    except BaseException as error:
        for one in making:
            one.abandon(error)
        raise
    encode_all(making, len(frames), read, on_frame)


def read_levels(path: Path, size: tuple[int, int]) -> np.ndarray:
    """The picture at `path` as films are made of it: `(H, W, 3)` uint16, over black.

    Raises:
        MediaError: it cannot be read, or has another size than `size` (width, height).
    """
    pixels = read_picture(path, paper=0)
    width, height = size
    if pixels.shape[1:] != (height, width):
        found = f"{pixels.shape[2]}×{pixels.shape[1]}"
        raise MediaError(f"{path} is {found}, the first frame {width}×{height}")
    levels = np.clip(pixels, 0, 1) * np.float32(65535) + np.float32(0.5)
    return np.ascontiguousarray(levels.transpose(1, 2, 0).astype("<u2"))
