"""`dataset pack`: all photographs of class folders in one small file, to be carried to the machine
that trains.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.errors import DataError, UsageError
from dreamer.learn.listed import data_above, listed
from dreamer.learn.packs import write_pack
from dreamer.media.class_folders import class_folders


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
    try:
        found = listed(data, wanted)
    except DataError as error:
        if meant := _meant(data, folders, wanted):
            above, *names = meant
            said = ["dataset", "pack", above, str(out), *(f"--folder={name}" for name in names)]
            raise DataError(f"{error}; did you mean `dreamer {shlex.join(said)}`?") from error
        raise
    return Packed(out, write_pack(found, side, out, quality))


def _meant(data: Path, folders: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The data and its folders that were meant where `data` is a folder of class folders itself."""
    above = next(filter(None, (data_above(data, folder) for folder in folders)), None)
    if above is not None:
        return [str(above), *folders]
    inside = [class_folders(data / name) for name in wanted if (data / name).is_dir()]
    if folders or any(one.pictures for one in inside) or not any(one.unread for one in inside):
        return []
    here = data if data.name and ".." not in data.parts else data.resolve()
    return [str(here.parent), here.name]
