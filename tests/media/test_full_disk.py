"""Errors of a disk that is full say which file it was, though the system does not."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamer.media import durable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a limit on files' sizes is needed")


@pytest.fixture
def small_disk() -> Iterator[int]:
    """No file of this process may be larger than so many bytes: the error of one that would be is
    as nameless as that of a full disk.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    yield 64
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_system_names_no_file(tmp_path: Path, small_disk: int) -> None:
    with (
        pytest.raises(OSError, match="File too large") as failed,
        (tmp_path / "a").open("wb", buffering=0) as file,
    ):
        file.write(bytes(small_disk)) and file.write(b"more")
    assert failed.value.filename is None


def test_what_is_written_whole_is_named_by_its_own_name(tmp_path: Path, small_disk: int) -> None:
    path = tmp_path / "scores.png"
    with pytest.raises(OSError, match="File too large") as failed:
        durable.write_bytes(path, bytes(3 * small_disk))
    assert failed.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


def test_lines_that_are_added_too(tmp_path: Path, small_disk: int) -> None:
    path = tmp_path / "journal.jsonl"
    with pytest.raises(OSError, match="File too large") as failed:
        durable.append_line(path, "x" * 3 * small_disk)
    assert failed.value.filename == str(path)


def test_a_copy_is_named_by_where_it_goes(tmp_path: Path, small_disk: int) -> None:
    source, path = tmp_path / "source.png", tmp_path / "copy.png"
    source.touch()
    with (
        pytest.raises(OSError, match="No space left") as failed,
        durable.replacing(path) as beside,
    ):
        # as shutil.copy2 ends on a full disk: with the source's name first
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source), None, str(beside))
    assert failed.value.filename == str(path)
    assert failed.value.filename2 is None


def test_a_folder_that_is_not_to_be_written_names_the_file_wanted(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "scores.png"
    with pytest.raises(FileNotFoundError) as failed:
        durable.write_text(path, "…")
    assert failed.value.filename == str(path)


def test_what_cannot_be_read_keeps_its_name(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError) as failed,
        durable.replacing(tmp_path / "copy.png") as beside,
    ):
        shutil.copy2(tmp_path / "source.png", beside)
    assert failed.value.filename == str(tmp_path / "source.png")


def test_errors_of_no_disk_are_left_alone(tmp_path: Path) -> None:
    with (
        pytest.raises(ConnectionResetError) as failed,
        durable.naming(tmp_path),
    ):
        raise ConnectionResetError(errno.ECONNRESET, "reset by peer")
    assert failed.value.filename is None
