"""Queues that several hosts use, or people who may only read them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dreamer.batch import disks, queue_file
from dreamer.batch.disks import file_system, is_local, words_of_mount
from dreamer.batch.queue import Queue
from dreamer.batch.queue_file import QueueError
from dreamer.batch.status import status_of
from recipes import batch, rows, still

ALONE = """
import sqlite3, sys
there = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
there.execute("PRAGMA locking_mode=EXCLUSIVE")
print(there.execute("PRAGMA journal_mode=DELETE").fetchone()[0])
"""
ADDS = """
import hashlib, sys
from pathlib import Path
from dreamer.batch.job import Job
from dreamer.batch.queue import Queue
place = Path(sys.argv[1])
with Queue(place) as queue:
    for part in range(12):
        names = [hashlib.sha256(f"{part}-{k}".encode()).hexdigest() for k in range(200)]
        homes = [(name, place.parent / name) for name in names]
        queue.add([Job(n, "render", n, "x" * 1500, place.parent, out, n) for n, out in homes])
"""


@pytest.fixture
def afar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every disk is over a network."""
    monkeypatch.setattr(queue_file, "is_local", lambda path: False)


def mode(queue: Queue) -> str:
    return str(queue.rows("PRAGMA journal_mode")[0][0])


def test_a_disk_is_local_where_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_local(tmp_path / "not there yet")
    ask = ["findmnt", "-J", "-T", str(tmp_path)]
    said = json.loads(subprocess.run(ask, capture_output=True, text=True, check=True).stdout)
    kind = said["filesystems"][0]["fstype"]
    monkeypatch.setattr(disks, "LOCAL", disks.LOCAL - {kind})
    assert not is_local(tmp_path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/me", "ext4"), ("/mnt/a b/q", "fuse.rclone"), ("/mnt/a", "ext4"), ("/x", "nfs4")],
)
def test_mounts_are_read(path: str, kind: str) -> None:
    mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:5 / /x rw shared:1 - ext4 /dev/sdb rw\n"
    mounts += "31 22 0:6 / /mnt/a\\040b rw - fuse.rclone r: rw\n32 30 0:7 / /x rw - nfs4 h:/x rw\n"
    assert file_system(Path(path), mounts) == kind


def test_a_mac_s_mounts_are_read() -> None:
    mounts = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "//me@nas/films on /Volumes/films (2) (smbfs, nodev, nosuid, mounted by me)\n"
    )
    assert "local" in words_of_mount(Path("/Users/me/batch.sqlite"), mounts)
    assert words_of_mount(Path("/Volumes/films (2)/q"), mounts)[0] == "smbfs"


def test_a_new_queue_on_a_network_s_disk_has_no_log(tmp_path: Path, job, afar) -> None:
    with Queue(tmp_path / "batch.sqlite", make=True) as queue:
        assert mode(queue) == "delete"
        queue.add([job("a")])
        assert not list(tmp_path.glob("*-wal"))
        with Queue(queue.path) as other:
            assert other.counts() == {"waiting": 1}


def test_a_queue_that_came_to_a_network_s_disk_is_rid_of_its_log(
    queue: Queue, job, afar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while somebody has it open; then with all that the log had."""
    monkeypatch.setattr(queue_file, "SWITCH_SECONDS", 0.2)
    monkeypatch.setattr(queue_file, "BUSY_SECONDS", 0.2)
    assert mode(queue) == "wal"
    queue.add([job("a")])
    with pytest.raises(QueueError, match=r"WAL mode, which hosts cannot share; end all that has"):
        Queue(queue.path)
    queue.close()
    with Queue(queue.path) as there:
        assert mode(there) == "delete"
        assert there.counts() == {"waiting": 1}


def test_what_a_host_exports_of_its_own_disk_is_shared_when_another_has_joined(
    queue: Queue, job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_file, "SWITCH_SECONDS", 0.2)
    monkeypatch.setattr(queue_file, "BUSY_SECONDS", 0.2)
    with queue.writing() as connection:
        connection.execute(
            "INSERT INTO workers (id, pid, host, device, lock, started) "
            "VALUES ('w', 1, 'elsewhere', 'cpu', '', 0)"
        )
    with pytest.raises(QueueError, match="workers of elsewhere use it"):
        Queue(queue.path)
    queue.close()
    with Queue(queue.path) as there:
        assert mode(there) == "delete"


def test_a_queue_is_shared_from_the_beginning_where_somebody_says_so(tmp_path: Path) -> None:
    batch(tmp_path, "add", still(tmp_path, "a", 1), "--shared")
    batch(tmp_path, "add", still(tmp_path, "b", 2))
    assert rows(tmp_path, "PRAGMA journal_mode") == [("delete",)]


def test_to_open_a_queue_twice_lets_go_of_no_lock(queue: Queue, job) -> None:
    """POSIX lets go of all locks on a file when a process closes it once."""
    queue.add([job("a")])
    Queue(queue.path).close()
    alone = [sys.executable, "-c", ALONE, str(queue.path)]
    assert "locked" in subprocess.run(alone, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("shared", [False, True])
def test_who_only_reads_sees_a_queue_that_is_written(
    tmp_path: Path, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "batch.sqlite"
    Queue(path, make=True, shared=shared).close()
    writer = subprocess.Popen([sys.executable, "-c", ADDS, str(path)])
    monkeypatch.setattr(queue_file, "_is_writable", lambda path: False)
    seen = set()
    while writer.poll() is None:
        with Queue(path) as queue:
            seen.add(status_of(queue).total)
            queue.jobs()
    with Queue(path) as queue:
        assert status_of(queue).total == 2400
    assert len(seen) > 2
    assert all(count % 200 == 0 for count in seen)


def test_nothing_is_called_damaged_that_is_whole(queue: Queue, job) -> None:
    queue.add([job(hashlib.sha256(str(k).encode()).hexdigest()) for k in range(50)])
    with (
        pytest.raises(QueueError, match="could not be read while others write"),
        queue_file.telling(queue.path),
    ):
        raise sqlite3.DatabaseError("database disk image is malformed")
