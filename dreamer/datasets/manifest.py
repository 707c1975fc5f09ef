"""The manifest: what became of every address, a line of JSON each.

While addresses are asked for, what becomes of one is a line at the end; a later line of an address
counts for the earlier. When the run begins and ends the file is written anew, one line an address,
in the order in which they were first listed.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from dreamer.datasets.items import Item, Key, item_from
from dreamer.errors import FolderError
from dreamer.media import durable

MANIFEST = "manifest.jsonl"


def _line(item: Item) -> str:
    return json.dumps(item.as_json(), ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> dict[Key, Item]:
    """The items of a manifest in their order, or none where there is no such file. A last line
    that its writer did not end is as if it had not been begun.

    Raises:
        FolderError: a line that is none of a manifest.
    """
    if not path.exists():
        return {}
    found: dict[Key, Item] = {}
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            item = item_from(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FolderError(
                f"{path}:{number}: not a line of a data set's manifest ({error}); mend or remove it"
            ) from error
        found[item.key] = item
    return found


def write_manifest(path: Path, items: Iterable[Item]) -> None:
    """Put all items at `path`, whole or not at all."""
    durable.write_text(path, "".join(map(_line, items)))


class Manifest:
    """The manifest at `path`, open for what happens now; each line is durable when `add` returns,
    which several threads may call.

    The file was written by `write_manifest`, so that it ends with a whole line.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._whole = self._file.tell()  # bytes of lines that were written to their ends

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, item: Item) -> None:
        """Say what became of an item.

        Raises:
            OSError: it cannot be written, and then is not said.
        """
        line = _line(item).encode()
        data: Any = memoryview(line)
        with self._lock, durable.naming(self._path):
            handle = self._file.fileno()
            if os.fstat(handle).st_size != self._whole:  # half a line, as a full disk leaves it
                os.ftruncate(handle, self._whole)
            while data:
                data = data[self._file.write(data) :]
            os.fsync(handle)
            self._whole += len(line)
