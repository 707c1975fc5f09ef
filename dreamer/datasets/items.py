"""One address of a list, and what became of it: a line of the manifest."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from dreamer.datasets.likeness import Likeness

Reason = Literal[
    # on its way
    "wanted",  # not asked for yet
    "here",  # a good picture; whether it stays is decided when all are here
    # in the data set
    "kept",
    # good pictures that are left out
    "duplicate",
    "near-duplicate",
    "ambiguous",  # the same picture in several classes
    "removed",  # kept once, and taken away by a person
    # what came is not wanted
    "placeholder",
    "not-a-picture",
    "damaged",
    "too-small",
    "too-large",
    "too-many-pixels",
    "opted-out",
    # nothing came
    "bad-address",
    "private-address",
    "bad-redirect",
    "not-found",
    "refused",
    # nothing came, but may another time
    "server-error",
    "too-many-requests",
    "unreachable",
    "timeout",
    "truncated",
]
REASONS: tuple[str, ...] = get_args(Reason)
MAY_PASS = ("server-error", "too-many-requests", "unreachable", "timeout", "truncated")
OWN_FILE = re.compile(r"(?!\.\.?/)[^/\\\0]+/[0-9a-f]{20}\.(jpg|png|webp)")
Key = tuple[str, str]


@dataclass(frozen=True)
class Item:
    """An address wanted for a class.

    `listed` is the list's file and line. `status` is the last answer's, 0 for none. `sha256` and
    `size` (bytes) are of what came; `file` is where it lies below the data set's folder, and
    `file_sha256` its hash where it had to be written in another format. `detail` says in words what
    `reason` means here. `round` counts the runs that came to their end: what an earlier one kept
    stays before what a later one finds.
    """

    url: str
    category: str
    licence: str = ""
    source: str = ""
    listed: str = ""
    reason: Reason = "wanted"
    detail: str = ""
    final_url: str = ""
    status: int = 0
    sha256: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    likeness: Likeness | None = None
    file: str = ""
    file_sha256: str = ""
    round: int = 1

    @property
    def key(self) -> Key:
        """By what it is known."""
        return self.url, self.category

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def own_sha256(self) -> str:
        """Of the file as it was written here."""
        return self.file_sha256 or self.sha256

    def as_json(self) -> dict[str, Any]:
        """Plain values, without those that say nothing; `category` is called `class`."""
        words: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "likeness" and value is not None:
                words["signs"] = f"{value.signs:016x}"
                words["colours"] = base64.b64encode(value.colours).decode()
            elif value != field.default or field.name == "reason":
                words["class" if field.name == "category" else field.name] = value
        return words


def item_from(words: Mapping[str, Any]) -> Item:
    """What `Item.as_json` wrote.

    Raises:
        ValueError, KeyError, TypeError: it did not write that.
    """
    known = dict(words)
    known["category"] = known.pop("class")
    if "signs" in known:
        colours = base64.b64decode(known.pop("colours"), validate=True)
        known["likeness"] = Likeness(int(known.pop("signs"), 16), colours)
        if len(colours) != 192:
            raise ValueError(f"its colours are {len(colours)} bytes, expected 192")
    made = Item(**known)
    for field in fields(Item):
        kind = {"str": str, "int": int, "Reason": str}.get(str(field.type))
        value = getattr(made, field.name)
        if kind is not None and not (isinstance(value, kind) and not isinstance(value, bool)):
            raise ValueError(f"its {field.name} is {value!r}")
    if made.file and not OWN_FILE.fullmatch(made.file):
        raise ValueError(f"its file is {made.file!r}")
    if made.reason not in REASONS:
        raise ValueError(f"its reason is {made.reason!r}")
    return made
