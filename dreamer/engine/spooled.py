"""Rows of numbers that are too many for memory: every class of every frame of a long film."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dreamer.media import durable

ROWS_AT_ONCE = 1024


class Spool:
    """Rows of `width` float32 in a temporary file, which is gone when it is closed."""

    def __init__(self, width: int) -> None:
        self.width, self.count = width, 0
        self.peak = np.zeros(width, np.float32)
        self._file = tempfile.TemporaryFile(prefix="dreamer-")  # noqa: SIM115 (closed by `close`)

    def add(self, row: np.ndarray) -> None:
        """Put `row` `(width,)` behind the others."""
        values = np.ascontiguousarray(row, np.float32)
        with durable.naming(Path(tempfile.gettempdir())):
            self._file.write(values.tobytes())
        self.peak = np.maximum(self.peak, values)
        self.count += 1

    def columns(self, numbers: Sequence[int]) -> np.ndarray:
        """Columns `numbers` of all rows, `(count, len(numbers))`."""
        chosen = list(numbers)
        parts = [block[:, chosen] for block in self._blocks()]
        return np.concatenate([np.empty((0, len(chosen)), np.float32), *parts])

    def _blocks(self) -> Iterator[np.ndarray]:
        self._file.seek(0)
        while data := self._file.read(ROWS_AT_ONCE * self.width * 4):
            yield np.frombuffer(data, np.float32).reshape(-1, self.width)

    def close(self) -> None:
        """Let the rows go."""
        self._file.close()
