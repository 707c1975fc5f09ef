"""What lies of a file that is still being fetched: a `.part`, and beside it a note of what it is
of, so that a part of another file or of another place is never continued.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from dreamer.errors import NetworkError
from dreamer.networks.cards import Source

FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Origin:
    """What a part is of: the place, and what its server said of the file (`total` 0: nothing)."""

    url: str
    etag: str = ""
    modified: str = ""
    total: int = 0

    @property
    def validator(self) -> str:
        """What tells this file from every other that the place may come to have, or nothing."""
        strong = self.etag if self.etag.startswith('"') else ""
        return strong or self.modified


def part_of(path: Path) -> Path:
    """Where what comes of `path` is gathered."""
    return path.with_name(f"{path.name}.part")


def note_of(part: Path) -> Path:
    """Where it stands what `part` is of."""
    return part.with_name(f"{part.name}.of")


def begin(part: Path, origin: Origin) -> None:
    """An empty part of `origin`; emptied before the note is written, which is never of others'
    bytes.
    """
    part.write_bytes(b"")
    note_of(part).write_text(json.dumps(asdict(origin)), encoding="utf-8")


def origin_of(part: Path) -> Origin | None:
    """What `part` is of, or None where nobody can say."""
    try:
        return Origin(**json.loads(note_of(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def kept_bytes(part: Path, place: Source) -> int:
    """How much of the file of `place` lies in `part` and may be continued."""
    origin = origin_of(part)
    if origin is None or origin.url != place.url or not origin.validator or not part.is_file():
        return 0
    return part.stat().st_size


def append(file: FileIO, block: bytes) -> None:
    """Write all of `block`; nothing waits in a buffer, so that closing cannot fail."""
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]


def forget(part: Path) -> None:
    """Remove a part and what is known of it."""
    part.unlink(missing_ok=True)
    note_of(part).unlink(missing_ok=True)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Failures to write, which no other place would mend, as what a person can mend.

    Raises:
        NetworkError: it could not be written.
    """
    try:
        yield
    except OSError as error:
        more = "; make room and fetch again: what came is kept" if error.errno in FULL else ""
        raise NetworkError(f"cannot write {path}: {error.strerror or error}{more}") from error
