"""Whether a machine sees the driver's storage, found out and not configured: the driver writes a
random word beside the folders that jobs are made in, and who reads it there sees them.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("dreamer")


class Tokens:
    """The words that a driver has written; its last act is to take them away."""

    def __init__(self) -> None:
        self._by_folder: dict[str, str] = {}

    def of(self, folder: str) -> str:
        """The word of `folder`, written there when it is first asked for."""
        if folder not in self._by_folder:
            token = secrets.token_hex(16)
            try:
                Path(folder).mkdir(parents=True, exist_ok=True)
                _file(Path(folder), token).write_text(token, encoding="utf-8")
            except OSError as error:  # nobody sees it then, and what is made is carried here
                log.warning("%s: %s", folder, error.strerror)
            self._by_folder[folder] = token
        return self._by_folder[folder]

    def take_away(self) -> None:
        """Remove all of them."""
        for folder, token in self._by_folder.items():
            with suppress(OSError):
                _file(Path(folder), token).unlink(missing_ok=True)
        self._by_folder.clear()


def is_seen(folder: Path, token: str) -> bool:
    """Whether the driver's `folder` is here under the same name."""
    try:
        return _file(folder, token).read_text(encoding="utf-8") == token
    except OSError:
        return False


def _file(folder: Path, token: str) -> Path:
    return folder / f".dreamer-{token}"
