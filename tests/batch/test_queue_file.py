"""A queue's file that is none, damaged, of a later dreamer, or where nothing can be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from claiming import one

from dreamer.batch import queue_schema
from dreamer.batch.claims import Member
from dreamer.batch.queue import Queue
from dreamer.batch.queue_file import QueueError, place_of
from dreamer.batch.status import status_of


def test_a_queue_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(QueueError, match=r"no queue at .*batch add RECIPES…` makes one"):
        Queue(tmp_path / "batch.sqlite")


def test_where_the_queue_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DREAMER_QUEUE", raising=False)
    assert place_of(None) == Path("batch.sqlite")
    monkeypatch.setenv("DREAMER_QUEUE", "/shared/q.sqlite")
    assert place_of(None) == Path("/shared/q.sqlite")
    assert place_of(Path("mine")) == Path("mine")


def test_a_file_that_is_no_queue_stays_as_it_is(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("not for queues")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (a)")
    connection.close()
    before = other.read_bytes()
    for path, why in ((text, "not an SQLite file"), (other, "of something else")):
        with pytest.raises(QueueError, match=why):
            Queue(path, make=True)
    with pytest.raises(QueueError, match="is a folder"):
        Queue(tmp_path, make=True)
    assert text.read_text() == "not for queues"
    assert other.read_bytes() == before


def test_an_empty_file_becomes_a_queue(tmp_path: Path) -> None:
    path = tmp_path / "batch.sqlite"
    path.touch()
    with Queue(path, make=True) as queue:
        assert queue.counts() == {}


def test_a_queue_of_a_later_dreamer_is_left_alone(tmp_path: Path, queue: Queue) -> None:
    queue.rows(f"PRAGMA user_version={queue_schema.SCHEMA + 1}")
    with pytest.raises(QueueError, match="is of a later dreamer"):
        Queue(queue.path)


def test_a_damaged_queue_is_told(tmp_path: Path, queue: Queue, job) -> None:
    queue.add([job(f"j{k}") for k in range(200)])
    queue.close()
    data = bytearray(queue.path.read_bytes())
    data[4096 : len(data) - 4096] = os.urandom(len(data) - 8192)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(data)
    with (
        pytest.raises(QueueError, match=r"is damaged .* put the file aside"),
        Queue(broken) as there,
    ):
        there.jobs()


def test_a_queue_that_was_cut_off_is_told(tmp_path: Path, queue: Queue, job) -> None:
    queue.add([job(f"j{k}") for k in range(200)])
    queue.close()
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(queue.path.read_bytes()[:9000])
    with pytest.raises(QueueError, match="is damaged"), Queue(broken) as there:
        there.jobs()


def test_what_was_committed_survives_a_copy_of_a_running_queue(
    tmp_path: Path, queue: Queue, job
) -> None:
    """As the disk is after a power cut: the file and its log, nothing closed."""
    queue.add([job("a"), job("b")])
    one(queue, Member("me"))
    there = tmp_path / "after"
    there.mkdir()
    for path in tmp_path.glob("batch.sqlite*"):
        shutil.copy(path, there / path.name)
    with Queue(there / "batch.sqlite") as other:
        assert other.counts() == {"running": 1, "waiting": 1}


@pytest.fixture
def read_only(tmp_path: Path, queue: Queue, job):
    """A queue on a disk that cannot be written, even by root."""
    queue.add([job("a")])
    queue.close()
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    shutil.copy(queue.path, place / "batch.sqlite")
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    yield place / "batch.sqlite"
    subprocess.run(["umount", str(place)], check=True)


def test_a_queue_on_a_disk_that_cannot_be_written(read_only: Path, job) -> None:
    with Queue(read_only) as queue:
        assert status_of(queue).counts == {"waiting": 1}
        with pytest.raises(QueueError, match="read-only"):
            queue.add([job("b")])
    with pytest.raises(QueueError, match="cannot be opened"):
        Queue(read_only.with_name("new.sqlite"), make=True)


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(QueueError, match=r"cannot be opened; .*file is no folder"):
        Queue(tmp_path / "file" / "batch.sqlite", make=True)
