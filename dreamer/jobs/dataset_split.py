"""`dataset split`: which pictures are learnt from, and which are kept for testing."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.datasets.dividing import as_table, divide
from dreamer.datasets.listing import pictures_in
from dreamer.engine.stopping import listening
from dreamer.engine.told import Told, Watcher
from dreamer.errors import FolderError, UsageError, printable
from dreamer.learn.split import PARTS, part_of
from dreamer.media import durable

FOLDERS = {"training": "train", "validation": "validation", "test": "test"}
TABLE = ".csv"


@dataclass(frozen=True)
class Divided:
    """How many pictures of each class are in each part, and where that was written."""

    folder: Path
    counts: dict[str, dict[str, int]]
    written: Path | None

    @property
    def lacking(self) -> list[str]:
        """Classes without a picture in some part."""
        return [name for name, row in self.counts.items() if not all(row.values())]

    def as_json(self) -> dict[str, Any]:
        return {
            "folder": str(self.folder),
            "classes": self.counts,
            "lacking": self.lacking,
            "written": None if self.written is None else str(self.written),
        }

    def as_text(self) -> str:
        """A table, a line a class."""
        width = max(map(len, [*self.counts, "all"]))
        sums: dict[str, int] = {p: sum(row[p] for row in self.counts.values()) for p in PARTS}
        rows = {**self.counts, "all": sums}
        lines = [f"{'':{width}}  {'  '.join(f'{part:>10}' for part in PARTS)}"]
        for name, row in rows.items():
            lines.append(f"{name:{width}}  {'  '.join(f'{row[part]:10d}' for part in PARTS)}")
        if self.lacking:
            lines.append(f"without pictures in some part: {', '.join(self.lacking)}")
        return printable("\n".join([*lines, *([str(self.written)] if self.written else [])]))


def _not_parts(out: Path) -> list[str]:
    """Names in `out` that dividing does not make; hidden ones are nobody's."""
    if not out.is_dir():
        return []
    known = set(FOLDERS.values())
    return sorted(p.name for p in out.iterdir() if p.name not in known and p.name[0] != ".")


def split(
    folder: Path,
    out: Path | None = None,
    link: bool = False,
    validation: float = 0.1,
    test: float = 0.1,
    watch: Watcher = lambda told: None,
) -> Divided:
    """Divide the pictures in the class folders of `folder`, as training does.

    Args:
        folder: what `train` gets as `--data`: a picture's part hangs on its name below it.
        out: nothing; a table to write (`….csv`); or a folder, for copies in `train`, `validation`
            and `test`.
        link: hard links instead of copies.
        validation: the fraction of pictures to be held out while learning.
        test: the fraction for testing.
        watch: told of progress.

    Raises:
        UsageError: no pictures, a folder that cannot be read, fractions that leave nothing,
            a table that is there already.
        FolderError: `out` was divided in another way.
        Stopped: a signal asked to stop; the same command goes on.
    """
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise UsageError(
            f"--validation {validation:g} --test {test:g}: expected fractions that leave something "
            "to learn from"
        )
    is_table = out is not None and out.suffix.lower() == TABLE
    if link and (out is None or is_table):
        raise UsageError("--link: only together with --out FOLDER")
    listing = pictures_in(folder)
    for name, reason in listing.unreadable.items():
        raise UsageError(f"{folder / name}: cannot be read ({reason})")
    parts = {
        listed: part_of(listed.split_by, validation=validation, test=test)
        for listed in listing.pictures
    }
    counts: dict[str, dict[str, int]] = {}
    both = Counter((listed.category, part) for listed, part in parts.items())
    for name in sorted({listed.category for listed in parts}):
        counts[name] = {part: both[name, part] for part in PARTS}
    if out is not None and is_table:
        text = as_table(dict(parts))
        if out.exists() and out.read_bytes() != text.encode():
            raise UsageError(f"{out} is there already; give another name")
        durable.write_text(out, text)
    elif out is not None:
        if out.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"--out {out} lies in the data set")
        others = _not_parts(out)
        if others:
            raise FolderError(
                f"{out} holds something else ({others[0]}); name an empty folder, or one that was "
                "divided before"
            )
        began = time.monotonic()

        def told(done: int, of: int) -> None:
            watch(Told(done, of, time.monotonic() - began, done))

        named = {listed: FOLDERS[part] for listed, part in parts.items()}
        with listening() as stop:
            if not divide(named, out, link, lambda: bool(stop), told):
                stop.check("while copying; the same command goes on")
    return Divided(folder, counts, out)
