"""PNG written from top to bottom, so that pictures which fit no memory can be made: a band at a
time goes through the filter and the compressor, and is gone.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from dreamer.errors import MediaError
from dreamer.media.durable import replacing
from dreamer.media.png import KINDS, SIGNATURE, chunk, text_chunk

LEVEL = 4  # half of the time of 6, for a few hundredths of the size
AT_ONCE = 1 << 20  # bytes of a picture that are filtered together
CHUNK = 1 << 18  # bytes of a file's chunk of pixels
INCH = 0.0254  # metres
SUB, UP, PAETH = 1, 2, 4  # PNG's numbers of these filters


class PngInBands:
    """A PNG of `width` × `height` pixels and 8 bits a channel at `out`, whole or not there.

        with PngInBands(out, 20_000, 14_000) as picture:
            for band in bands:
                picture.write(band)

    Args:
        out: where it is to be; what was there stays until all is written.
        width: in pixels.
        height: in pixels.
        texts: what travels inside, as iTXt chunks, in this order.
        alpha: four channels instead of three, straight.
        dpi: pixels an inch, for who prints it (`pHYs`).

    Raises:
        ValueError: no pixels.
        MediaError: fewer rows than promised, when the block ends.
    """

    def __init__(
        self,
        out: Path,
        width: int,
        height: int,
        texts: Mapping[str, str] | None = None,
        alpha: bool = False,
        dpi: float | None = None,
    ) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"expected a picture of one pixel or more, not {width}×{height}")
        self.out, self.width, self.height = out, width, height
        self.channels = 4 if alpha else 3
        self.texts, self.dpi = dict(texts or {}), dpi
        self.written = 0  # rows
        self._above = np.zeros(width * self.channels, np.uint8)
        self._packer = zlib.compressobj(LEVEL, strategy=zlib.Z_FILTERED)
        self._packed = bytearray()
        self._whole = self._opened()

    def __enter__(self) -> PngInBands:
        self._file = self._whole.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self._whole.__exit__(kind, error, trace)

    def write(self, rows: np.ndarray) -> None:
        """Add `rows` `(h, width, 3 or 4)` of uint8 below those that are there.

        Raises:
            ValueError: of another shape than was promised, or too many.
            OSError: the disk is full, or what else hinders writing.
        """
        if (
            rows.ndim != 3
            or rows.shape[1:] != (self.width, self.channels)
            or rows.dtype != np.uint8
        ):
            raise ValueError(
                f"expected (h, {self.width}, {self.channels}) of uint8, not {rows.shape} of "
                f"{rows.dtype}"
            )
        if self.written + len(rows) > self.height:
            raise ValueError(f"expected {self.height} rows, not {self.written + len(rows)}")
        flat = np.ascontiguousarray(rows).reshape(len(rows), -1)
        step = max(1, AT_ONCE // flat.shape[1])
        for top in range(0, len(flat), step):
            part = flat[top : top + step]
            self._put(self._packer.compress(filtered(part, self._above, self.channels).data))
            self._above = part[-1].copy()
        self.written += len(rows)

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with replacing(self.out) as partial, partial.open("wb") as file:
            shape = (self.width, self.height, 8, KINDS[self.channels], 0, 0, 0)
            file.write(SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", *shape)))
            file.write(chunk(b"sRGB", b"\0"))
            if self.dpi is not None:
                metre = round(self.dpi / INCH)
                file.write(chunk(b"pHYs", struct.pack(">IIB", metre, metre, 1)))
            file.writelines(text_chunk(key, text) for key, text in self.texts.items())
            yield file
            if self.written < self.height:
                raise MediaError(
                    f"{self.out} was to have {self.height} rows and got only {self.written}"
                )
            self._put(self._packer.flush(), last=True)
            file.write(chunk(b"IEND", b""))
            file.flush()
            os.fsync(file.fileno())

    def _put(self, packed: bytes, last: bool = False) -> None:
        """Add to the file, in chunks of one length, so that bands do not change it."""
        self._packed += packed
        while len(self._packed) >= CHUNK or (last and self._packed):
            self._file.write(chunk(b"IDAT", bytes(self._packed[:CHUNK])))
            del self._packed[:CHUNK]


def filtered(rows: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    """Rows of bytes as PNG packs them: `(h, 1 + w)` uint8, each with the number of its filter, the
    one of Sub, Up and Paeth that leaves the least (PNG specification, 12.7).

    Args:
        rows: `(h, w)` uint8.
        above: the row above them, `(w,)`; zeros at the top of a picture.
        step: bytes a pixel.
    """
    before = np.concatenate([above[None], rows[:-1]])
    left, corner = (np.pad(side[:, :-step], ((0, 0), (step, 0))) for side in (rows, before))
    a, b, c = left.astype(np.int16), before.astype(np.int16), corner.astype(np.int16)
    by_row, by_column = b - c, a - c  # how far a + b − c is from a, and from b
    to_left, to_above, to_corner = np.abs(by_row), np.abs(by_column), np.abs(by_row + by_column)
    paeth = np.where(to_above <= to_corner, before, corner)
    np.copyto(paeth, left, where=(to_left <= to_above) & (to_left <= to_corner))
    least, out = None, np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
    for number, guess in ((SUB, left), (UP, before), (PAETH, paeth)):
        rest = rows - guess
        size = np.minimum(rest, -rest).sum(1, dtype=np.int64)
        better = np.ones(len(rows), bool) if least is None else size < least
        out[better, 0], out[better, 1:] = number, rest[better]
        least = size if least is None else np.minimum(least, size)
    return out
