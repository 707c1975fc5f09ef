"""What a build does to a gallery's files, a line before and a line after each: of one that was
killed the next knows what is dreamer's work, and what a person did since.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any

from dreamer.media.durable import naming


class Steps:
    """The lines in the file at `path`; several threads may write them. Nothing is synced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._lock = Lock()

    def told(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """What was written of each file in turn: nothing of one that was going to be made, a record
        of one that was. What a kill left of the last line is passed over.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return
        for line in lines:
            with suppress(ValueError, TypeError):
                name, record = json.loads(line)
                if isinstance(name, str) and isinstance(record, dict | None):
                    yield name, record

    def begin(self) -> None:
        """Write from here on; what was there is gone."""
        with naming(self.path):
            self._file = self.path.open("w", encoding="utf-8")

    def say(self, name: str, record: dict[str, Any] | None = None) -> None:
        """Of the file `name`, that it is going to be made, or what it is."""
        assert self._file is not None
        with self._lock, naming(self.path):
            self._file.write(json.dumps([name, record]) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Leave the lines to the next build."""
        if self._file is not None:
            self._file.close()

    def end(self) -> None:
        """Take them away: the marker says all."""
        self.close()
        self.path.unlink(missing_ok=True)
