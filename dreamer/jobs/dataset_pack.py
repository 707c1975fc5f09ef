"""`dataset pack`: all photographs of class folders in one small file, to be carried to the machine
that trains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.errors import UsageError
from dreamer.learn.listed import listed
from dreamer.learn.packs import write_pack


@dataclass(frozen=True)
class Packed:
    """The file, and how many bytes it has."""

    file: Path
    size: int

    def as_json(self) -> dict[str, Any]:
        return {"file": str(self.file), "bytes": self.size}

    def as_text(self) -> str:
        return f"{self.file}: {self.size / 2**20:.1f} MiB"


def pack(
    data: Path, out: Path, folders: Sequence[str] = (), side: int = 128, quality: int = 70
) -> Packed:
    """Pack the class folders in `folders` below `data`; in all of its folders unless given.

    Raises:
        UsageError: `out` is there already, or its folder is not.
        DataError: no pictures, or a file that is none.
    """
    if out.exists():
        raise UsageError(f"{out} is there already; give another name")
    for folder in (data, out.parent):
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder")
    wanted = list(folders) or sorted(
        p.name for p in data.iterdir() if p.is_dir() and not p.name.startswith(".")
    )
    return Packed(out, write_pack(listed(data, wanted), side, out, quality))
