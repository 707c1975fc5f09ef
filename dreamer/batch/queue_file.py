"""The queue's file: opening it, what is in it, and what is said of one that cannot be used.

SQLite in WAL mode, every commit synced: what was told to be queued or done survives a power cut.
WAL needs memory that all who write share, which hosts do not: where a disk is not known to be this
machine's own, or when somebody says that it is shared, the queue keeps a rollback journal instead,
slower and as safe.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dreamer.batch.disks import is_local
from dreamer.batch.queue_schema import INDEXES, SCHEMA, TABLES
from dreamer.errors import DreamerError

DEFAULT = "batch.sqlite"
VARIABLE = "DREAMER_QUEUE"
OURS = 0x64726D71  # application_id, "drmq"
BUSY_SECONDS = 60.0
SWITCH_SECONDS = 3.0


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
        raise QueueError(_of_contents(path, str(error))) from error


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


def _of_contents(path: Path, words: str) -> str:
    """What a person can do about a file that could not be read: one who only reads may have read
    half of what another wrote meanwhile, so nothing is called damaged before it was looked through.
    """
    if "malformed" not in words and "not a database" not in words:
        return f"the queue {path}: {words}"
    if not _is_damaged(path):
        return f"the queue {path} could not be read while others write to it; try again"
    return (
        f"the queue {path} is damaged ({words}). What was made is whole in its folders: put the "
        "file aside, add the recipes again, and what is done is found done"
    )


def _is_damaged(path: Path) -> bool:
    """Whether it is, looked at while nobody writes to it."""
    writable = _is_writable(path)
    try:
        connection = _at(path, "" if writable else "?mode=ro")
        try:
            connection.execute("BEGIN IMMEDIATE" if writable else "BEGIN")
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok"
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True


def opened(path: Path, make: bool = False, shared: bool = False) -> sqlite3.Connection:
    """A connection to the queue at `path`; `make` one where none is. From then on other hosts may
    use a `shared` one too, whatever disk it is on.

    Of a queue that cannot be written, one that reads.

    Raises:
        QueueError: there is none, or no queue, one of a later dreamer, or one that another host
            uses in a way that hosts cannot share.
    """
    if path.is_dir():
        raise QueueError(f"{path} is a folder; expected a queue's file, like {path / DEFAULT}")
    if not path.exists() and not make:
        raise QueueError(f"no queue at {path}; `dreamer batch add RECIPES…` makes one")
    # The file is opened by SQLite alone: whoever closes it otherwise lets go of all locks that this
    # process has on it.
    with telling(path):
        try:
            return _opened(path, shared or not is_local(path))
        except sqlite3.DatabaseError as error:
            if "not a database" not in str(error):
                raise
            message = f"{path} is no queue (not an SQLite file); name another with --queue"
            raise QueueError(message) from None


def _opened(path: Path, shared: bool) -> sqlite3.Connection:
    writable = _is_writable(path)
    connection = _writing(path, shared) if writable else _reading(path, shared)
    try:
        _make_ready(connection, path, shared, writable)
        if writable and (others := _elsewhere(connection)) and _is_logged(connection):
            connection.close()
            connection = _writing(path, True, others)
        return connection
    except BaseException:
        connection.close()
        raise


def _is_writable(path: Path) -> bool:
    return not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _at(path: Path, how: str = "") -> sqlite3.Connection:
    where = path.resolve().as_uri() + how
    connection = sqlite3.connect(where, timeout=BUSY_SECONDS, isolation_level=None, uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _writing(path: Path, shared: bool, others: str = "") -> sqlite3.Connection:
    """A connection that writes; where hosts share the queue, by a journal that they can share.

    Raises:
        QueueError: somebody has it open in WAL mode, of whom `others` are known to be elsewhere.
    """
    connection, begun = _at(path), time.monotonic()
    try:
        connection.execute("PRAGMA synchronous=FULL")
        while shared and not _is_unlogged(connection, path):
            if time.monotonic() - begun > SWITCH_SECONDS:
                raise QueueError(_is_shared(path, others))
            time.sleep(0.1)
        return connection
    except BaseException:
        connection.close()
        raise


def _is_unlogged(connection: sqlite3.Connection, path: Path) -> bool:
    """Let the queue keep a rollback journal; whether nobody has it open in WAL mode."""
    try:
        _read_alone(connection)  # which needs no shared memory
        connection.execute("PRAGMA journal_mode=DELETE")
        _read_beside(connection)
    except sqlite3.OperationalError:
        if _log_of(path).exists():
            return False
        raise
    return True


def _reading(path: Path, shared: bool) -> sqlite3.Connection:
    """A connection that only reads.

    Raises:
        QueueError: somebody has it open in WAL mode, perhaps on another host.
    """
    if shared and _log_of(path).exists():
        raise QueueError(_is_shared(path))
    connection = _at(path, "?mode=ro")
    try:
        if shared:
            _read_alone(connection)
        _read_beside(connection)
        return connection
    except sqlite3.OperationalError as error:
        connection.close()
        unopened = any(words in str(error) for words in ("unable to open", "I/O"))
        if not unopened or any(path.parent.glob(f"{path.name}-*")):
            raise
    # In WAL mode and without its log nobody writes, and SQLite need not make what writers share.
    return _at(path, "?immutable=1")


def _read_alone(connection: sqlite3.Connection) -> None:
    """Read as one who shares no memory: in WAL mode that is possible to one alone."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()


def _read_beside(connection: sqlite3.Connection) -> None:
    """Read as one of many."""
    connection.execute("PRAGMA locking_mode=NORMAL")
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _is_logged(connection: sqlite3.Connection) -> bool:
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"


def _is_shared(path: Path, others: str = "") -> str:
    by = f", and workers of {others} use it" if others else ""
    return (
        f"the queue {path} is open in WAL mode, which hosts cannot share{by}; end all that has it "
        "open, on every host (`batch run`, `status --watch`), and begin again: it is then kept in "
        "a way that they can"
    )


def _elsewhere(connection: sqlite3.Connection) -> str:
    """Hosts other than this one whose workers or runners have joined."""
    found = connection.execute(
        "SELECT DISTINCT host FROM workers WHERE host != ?", (socket.gethostname(),)
    )
    return ", ".join(sorted(str(row[0]) for row in found))


def _make_ready(connection: sqlite3.Connection, path: Path, shared: bool, writable: bool) -> None:
    ours, schema = _marks(connection)
    if ours != OURS and not _is_empty(connection):
        raise QueueError(f"{path} is an SQLite file of something else; name another with --queue")
    if schema > SCHEMA:
        raise QueueError(
            f"the queue {path} is of a later dreamer (schema {schema}, and this one knows "
            f"{SCHEMA}); update dreamer, or name another with --queue"
        )
    if ours == OURS:
        if writable:
            _execute(connection, INDEXES)  # those of a later dreamer with the same tables
        return
    connection.execute(f"PRAGMA journal_mode={'DELETE' if shared else 'WAL'}")
    connection.execute("BEGIN IMMEDIATE")
    if _marks(connection)[0] != OURS:  # another process may have made it meanwhile
        _execute(connection, TABLES + INDEXES)
        connection.execute(f"PRAGMA application_id={OURS}")
        connection.execute(f"PRAGMA user_version={SCHEMA}")
    connection.execute("COMMIT")


def _execute(connection: sqlite3.Connection, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        connection.execute(statement)


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    """Whose the file is, and of which schema."""
    ours = connection.execute("PRAGMA application_id").fetchone()[0]
    return int(ours), int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
