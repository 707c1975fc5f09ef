"""Which motifs there are, and their colours: data, read without torch."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def palettes() -> dict[str, tuple[str, ...]]:
    """The palettes of each motif, rows of five hexadecimal colours: the main one, its companion,
    a third, an accent, a ground.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("palettes.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, row = line.partition(" ")
            found[name] = (*found.get(name, ()), row)
    return found
