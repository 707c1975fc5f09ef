"""The journal: which frames are durable, a line each, appended in the order of the film.

A line that is none ends what can be believed: what is before it holds, and the frames after it are
made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class Entry:
    """A journal line: a frame that is durable, the seconds it took, and in how many of them nothing
    was dreamt, while pixels were made ready and the writer waited for.
    """

    index: int
    sha256: str
    seconds: float
    values: Mapping[str, float]
    waited: float = 0.0


class Journal(NamedTuple):
    """For each frame the last line about it, without a hole; how many bytes hold them; what is
    wrong after those, or nothing.
    """

    entries: dict[int, Entry]
    size: int
    damage: str = ""


def read_journal(path: Path, first: int = 0) -> Journal:
    """The journal at `path` of frame `first` and those after it, as far as it can be believed. A
    torn last line is passed over.
    """
    entries: dict[int, Entry] = {}
    size = 0
    if not path.is_file():
        return Journal(entries, size)
    *lines, _ = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            entry = _entry(line)
            if not first <= entry.index <= first + len(entries):
                raise ValueError(f"frame {entry.index} out of order")
        except (ValueError, KeyError, TypeError, RecursionError):
            return Journal(entries, size, f"{path} is damaged from its line {number} on")
        entries[entry.index] = entry
        size += len(line) + 1
    return Journal(entries, size)


def _entry(line: bytes) -> Entry:
    found = json.loads(line.decode())
    entry = Entry(found["frame"], found["sha256"], found["seconds"], found["values"])
    waited = float(found.get("waited", 0.0))
    kinds = ((entry.index, int), (entry.sha256, str), (entry.values, dict))
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise ValueError("not a frame")
    return Entry(entry.index, entry.sha256, float(entry.seconds), entry.values, waited)


def as_line(entry: Entry) -> str:
    """`entry` as its line."""
    line = {
        "frame": entry.index,
        "sha256": entry.sha256,
        "seconds": round(entry.seconds, 4),
        "waited": round(entry.waited, 4),
        "values": {k: round(v, 9) for k, v in entry.values.items()},
    }
    return json.dumps(line)
