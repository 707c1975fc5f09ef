"""`dataset fetch`: pictures by class from lists of addresses; the same command goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.datasets.gathering import Wants, gather
from dreamer.datasets.lists import read_lists
from dreamer.datasets.manifest import MANIFEST
from dreamer.datasets.tally import Tally, tally
from dreamer.engine.stopping import listening
from dreamer.engine.told import Told, Watcher
from dreamer.errors import Stopped, printable

log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Fetched:
    """The data set's folder, and what is in it."""

    folder: Path
    tally: Tally

    @property
    def empty(self) -> bool:
        """Whether not one picture came of all that was listed."""
        return not self.tally.kept

    def as_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), **self.tally.as_json()}

    def as_text(self) -> str:
        text = f"{self.folder}: {self.tally.as_text()}"
        if self.empty:
            text += f"\nno picture came; {self.folder / MANIFEST} says why of each address"
        if own := self.tally.reasons.get("private-address", 0):
            text += f"\n{own} addresses are of your own network; --allow-private asks them too"
        return printable(text)


def fetch(
    lists: Sequence[Path],
    out: Path,
    wants: Wants | None = None,
    again: bool = False,
    watch: Watcher = lambda told: None,
) -> Fetched:
    """Fetch what `lists` name into `out/<class>/`, or go on there.

    Raises:
        UsageError: lists that are not there or say nothing; an `out` that holds something else.
        FolderError: another process fetches into it, or its manifest is damaged.
        Stopped: a signal asked to stop; the same command goes on.
    """
    listed = read_lists(lists)
    if listed.repeated:
        log.info("%d lines repeat an address of their class", listed.repeated)
    began = time.monotonic()

    def told(done: int, of: int) -> None:
        watch(Told(done, of, time.monotonic() - began, done))

    with listening() as stop:
        found = gather(listed, out, wants or Wants(), again, lambda: bool(stop), told)
    counted = tally(found.items)
    if not found.ended:
        left = counted.reasons.get("wanted", 0)
        raise Stopped(
            f"stopped with {counted.kept} pictures in {out} and {left} addresses to go; the same "
            "command goes on (until its end there may be duplicates)",
            stop.signal or 2,
        )
    return Fetched(out, counted)
