"""Whether a machine sees the driver's storage, found out and not configured: the driver writes a
random word beside the folders that jobs are made in, and who reads it there sees them.
"""

from __future__ import annotations

import logging
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

from dreamer.media.locks import taken

log = logging.getLogger("dreamer")
BEGINS = ".dreamer-"
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Tokens:
    """The words that a driver has written, each in a file that it holds; its last act is to take
    them away.
    """

    def __init__(self) -> None:
        self._by_folder: dict[str, str] = {}
        self._held: list[IO[str]] = []

    def of(self, folder: str) -> str:
        """The word of `folder`, written there when it is first asked for; those that killed drivers
        left there go.
        """
        if folder not in self._by_folder:
            token = secrets.token_hex(16)
            try:
                Path(folder).mkdir(parents=True, exist_ok=True)
                _sweep(Path(folder))
                path = _file(Path(folder), token)
                with suppress(OSError):  # a file system without locks
                    self._held.append(taken(path))
                path.write_text(token, encoding="utf-8")
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
        for file in self._held:
            file.close()
        self._held.clear()


def _sweep(folder: Path) -> None:
    """Take away words that nobody holds. One of a living driver that goes by mistake costs time
    only: what its places make is carried to it.
    """
    for path in folder.glob(f"{BEGINS}*"):
        token = path.name.removeprefix(BEGINS)
        with suppress(OSError, UnicodeDecodeError):
            if _TOKEN.fullmatch(token) and path.read_text(encoding="utf-8") in (token, ""):
                with taken(path):
                    path.unlink()


def is_seen(folder: Path, token: str) -> bool:
    """Whether the driver's `folder` is here under the same name."""
    try:
        return _file(folder, token).read_text(encoding="utf-8") == token
    except OSError:
        return False


def _file(folder: Path, token: str) -> Path:
    return folder / f"{BEGINS}{token}"
