"""The queue's file: opening it, what is in it, and what is said of one that cannot be used.

SQLite in WAL mode, every commit synced: what was told to be queued or done survives a power cut.
WAL needs memory that all who write share, which hosts do not: on a network's file system the queue
keeps a rollback journal instead, slower and as safe.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dreamer.errors import DreamerError

DEFAULT = "batch.sqlite"
VARIABLE = "DREAMER_QUEUE"
SCHEMA = 1
OURS = 0x64726D71  # application_id, "drmq"
BUSY_SECONDS = 60.0
NETWORKS = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "fuse.sshfs", "lustre", "gpfs", "beegfs"),
        *("ceph", "fuse.ceph", "glusterfs", "fuse.glusterfs", "afs", "9p", "ocfs2", "gfs2"),
        *("panfs", "wekafs", "virtiofs"),
    }
)
HEAD = b"SQLite format 3\0"
TABLES = """
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  recipe TEXT NOT NULL,
  base TEXT NOT NULL,
  out TEXT NOT NULL UNIQUE,
  identity TEXT NOT NULL,
  inputs TEXT NOT NULL,
  version TEXT NOT NULL,
  threads INTEGER NOT NULL,
  device TEXT NOT NULL,
  cost REAL,
  likeness TEXT,
  most INTEGER NOT NULL,
  grp TEXT,
  row INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  lot INTEGER NOT NULL,
  sweep TEXT,
  coordinates TEXT,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  tries INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  crashed_at INTEGER NOT NULL DEFAULT 0,
  alone INTEGER NOT NULL DEFAULT 0,
  together INTEGER NOT NULL DEFAULT 1,
  company INTEGER NOT NULL DEFAULT 0,
  not_before REAL NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  cancel INTEGER NOT NULL DEFAULT 0,
  worker TEXT,
  run INTEGER NOT NULL DEFAULT 0,
  done REAL NOT NULL DEFAULT 0,
  of INTEGER,
  said TEXT NOT NULL DEFAULT '',
  made TEXT,
  added REAL NOT NULL,
  started REAL,
  ended REAL
);
CREATE INDEX jobs_turn ON jobs (state, priority DESC, number);
CREATE UNIQUE INDEX jobs_place ON jobs (lot, row);
CREATE TABLE runs (
  job INTEGER NOT NULL REFERENCES jobs (number),
  number INTEGER NOT NULL,
  worker TEXT NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  together INTEGER NOT NULL,
  started REAL NOT NULL,
  ended REAL,
  exit TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  log TEXT NOT NULL,
  PRIMARY KEY (job, number)
);
CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  runner TEXT,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  device TEXT NOT NULL,
  lock TEXT NOT NULL,
  started REAL NOT NULL,
  beats INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class QueueError(DreamerError):
    """A queue that is not there, is none, or cannot be read or written."""


def place_of(asked: Path | None) -> Path:
    """Where the queue lies: as asked, as DREAMER_QUEUE says, or batch.sqlite here."""
    return asked or Path(os.environ.get(VARIABLE) or DEFAULT)


def rooms_of(path: Path) -> Path:
    """The folder beside the queue that logs and locks lie in."""
    return path.with_name(path.name + ".d")


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Let SQLite's errors in the block say the queue's file, and what a person can do.

    Raises:
        QueueError: one of them.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise QueueError(f"the queue {path}: {_of_operation(str(error), path)}") from error
    except sqlite3.DatabaseError as error:
        raise QueueError(_damaged(path, str(error))) from error


def _of_operation(words: str, path: Path) -> str:
    if "locked" in words or "busy" in words:
        return f"another process has kept it for more than {BUSY_SECONDS:.0f} seconds"
    if "readonly" in words:
        return "it cannot be written (read-only)"
    if "unable to open" in words:
        where = "may not be written" if path.parent.is_dir() else "is no folder"
        return f"it cannot be opened; {path.parent} {where}"
    if "full" in words or ("I/O" in words and _is_full(path.parent)):
        return "No space left on device"
    return words


def _is_full(folder: Path) -> bool:
    """SQLite says no more of what it could not write beside its file than that it could not."""
    try:
        return os.statvfs(folder).f_bavail == 0
    except (AttributeError, OSError):
        return False


def _damaged(path: Path, words: str) -> str:
    if "malformed" not in words and "not a database" not in words:
        return f"the queue {path}: {words}"
    return (
        f"the queue {path} is damaged ({words}). What was made is whole in its folders: put the "
        "file aside, add the recipes again, and what is done is found done"
    )


def opened(path: Path, make: bool = False) -> sqlite3.Connection:
    """A connection to the queue at `path`; `make` one where none is.

    Of a queue that cannot be written, one that reads.

    Raises:
        QueueError: there is none, or no queue, or one of a later dreamer.
    """
    if path.is_dir():
        raise QueueError(f"{path} is a folder; expected a queue's file, like {path / DEFAULT}")
    if not path.exists() and not make:
        raise QueueError(f"no queue at {path}; `dreamer batch add RECIPES…` makes one")
    if path.is_file():
        _refuse_others(path)
    with telling(path):
        connection = _connected(path)
        try:
            _make_ready(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _refuse_others(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(HEAD))
    except OSError as error:
        raise QueueError(f"the queue {path}: {error.strerror}") from error
    if head and head != HEAD:
        raise QueueError(f"{path} is no queue (not an SQLite file); name another with --queue")


def _connected(path: Path) -> sqlite3.Connection:
    options = {"timeout": BUSY_SECONDS, "isolation_level": None}
    writable = not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    where = path.resolve().as_uri()
    if not writable:
        log = path.with_name(path.name + "-wal")
        # Without a log nobody writes, and SQLite need not make the files it shares.
        where += "?mode=ro" if log.exists() else "?immutable=1"
    connection = sqlite3.connect(where, uri=True, **options)  # type: ignore[call-overload]
    connection.row_factory = sqlite3.Row
    return connection  # type: ignore[no-any-return]


def _make_ready(connection: sqlite3.Connection, path: Path) -> None:
    for pragma in ("synchronous=FULL", f"busy_timeout={int(BUSY_SECONDS * 1000)}"):
        connection.execute(f"PRAGMA {pragma}")
    ours, schema = _marks(connection)
    if ours != OURS and not _is_empty(connection):
        raise QueueError(f"{path} is an SQLite file of something else; name another with --queue")
    if schema > SCHEMA:
        raise QueueError(
            f"the queue {path} is of a later dreamer (schema {schema}, and this one knows "
            f"{SCHEMA}); update dreamer, or name another with --queue"
        )
    if ours == OURS:
        return
    connection.execute(f"PRAGMA journal_mode={'DELETE' if on_network(path) else 'WAL'}")
    connection.execute("BEGIN IMMEDIATE")
    if _marks(connection)[0] != OURS:  # another process may have made it meanwhile
        for statement in filter(str.strip, TABLES.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={OURS}")
        connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.execute("COMMIT")


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    """Whose the file is, and of which schema."""
    ours = connection.execute("PRAGMA application_id").fetchone()[0]
    return int(ours), int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT 1 FROM sqlite_master").fetchone()


def on_network(path: Path) -> bool:
    """Whether `path` lies on a file system that several hosts may have, as far as Linux tells."""
    if sys.platform != "linux":
        return False
    home, found, longest = path.resolve(), "", -1
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        if not right or len(fields := left.split()) < 5:
            continue
        point = Path(fields[4].replace("\\040", " "))
        if home.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = right.split()[0], len(point.parts)
    return found in NETWORKS
