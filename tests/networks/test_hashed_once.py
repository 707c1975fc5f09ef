"""Files that many jobs name are read once, and what was changed is read again."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from dreamer.networks import locate
from dreamer.networks.locate import sha256_once


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files as they are read."""
    found: list[Path] = []
    real = locate.sha256_of

    def counting(path: Path) -> str:
        found.append(path)
        return real(path)

    monkeypatch.setattr(locate, "sha256_of", counting)
    return found


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock be ahead of all files."""
    now = time.time_ns() + 10**10
    monkeypatch.setattr(locate.time, "time_ns", lambda: now)


def test_a_file_is_read_once(tmp_path: Path, reads, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"one")
    later(monkeypatch)
    assert [sha256_once(path) for _ in range(5)] == [hashed(b"one")] * 5
    assert len(reads) == 1


def test_a_file_that_looks_the_same_is_read_again(tmp_path: Path, reads, monkeypatch) -> None:
    """Of the same size, and its time set back."""
    path = tmp_path / "weights"
    path.write_bytes(b"one")
    later(monkeypatch)
    sha256_once(path)
    at = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert sha256_once(path) == hashed(b"two")


def test_a_file_that_was_written_just_now_is_not_trusted(tmp_path: Path, reads) -> None:
    path = tmp_path / "weights"
    for word in (b"one", b"two", b"six"):  # within what the file system tells apart
        path.write_bytes(word)
        assert sha256_once(path) == hashed(word)
    assert len(reads) == 3
