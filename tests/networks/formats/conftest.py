"""What reads the files that the tests write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dreamer.networks.formats.read import Contents, read_weights


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Contents]:
    """What `read_weights` makes of bytes; the file's name says nothing of them."""

    def of(data: bytes) -> Contents:
        path = tmp_path / "weights.bin"
        path.write_bytes(data)
        return read_weights(path)

    return of
