"""Groups of small stills, and what of their folders is promised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dreamer.engine.folder import Folder
from dreamer.engine.grouped import Member, render_together
from dreamer.engine.outcome import Outcome
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.media.pictures import read_picture
from dreamer.recipe.parse import recipe_from_tree

STILL: dict[str, Any] = {
    "size": 48,
    "target": "inception_3b",
    "ascent": {"octaves": 2, "steps": 2},
    "classify": "off",
}


def still(folder: Path | None = None, **changes: Any) -> Ready:
    """A small still, its files relative to `folder`."""
    return checked(recipe_from_tree(STILL | changes, folder, name="still"))


def members(folder: Path, readies: Sequence[Ready]) -> list[Member]:
    """A member of each, in folders of their own."""
    return [Member(Folder(folder / str(k)), ready) for k, ready in enumerate(readies)]


def group(folder: Path, readies: Sequence[Ready]) -> list[Outcome]:
    """What a group of `readies` makes in folders of their own, if all is well."""
    found = render_together(members(folder, readies))
    for one in found:
        if isinstance(one, Exception):
            raise one
    return [one for one in found if isinstance(one, Outcome)]


def alone(folder: Path, readies: Sequence[Ready]) -> list[Outcome]:
    """As `group`, one after another."""
    return [group(folder / f"of {k}", [ready])[0] for k, ready in enumerate(readies)]


def levels(one: Outcome, other: Outcome) -> int:
    """How far two pictures are apart where they are furthest, in 8-bit levels."""
    apart = np.abs(read_picture(one.product) - read_picture(other.product)).max()
    return round(float(apart) * 255)


def promised(folder: Path) -> dict[str, bytes]:
    """Everything of a still's folder that is the same every time."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in ("journal.jsonl", "report.json", "provenance.json", "preview.jpg")
    }
