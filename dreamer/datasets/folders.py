"""Class names as folder names that every file system keeps apart, and that stay as lists grow."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
MOST_BYTES = 120


def folders_of(categories: Iterable[str], taken: Mapping[str, str] | None = None) -> dict[str, str]:
    """A folder's name for each class: the class's own where a file system allows, and where two
    would be one (`Rose` and `rose`), the later has the beginning of its hash added.

    Args:
        categories: the classes, first come first served.
        taken: folders that classes have already.
    """
    folders = dict(taken or {})
    used = {_folded(name) for name in folders.values()}
    for category in categories:
        if category in folders:
            continue
        name = _safe(category)
        if _folded(name) in used:
            name = f"{name}-{hashlib.sha256(category.encode()).hexdigest()[:8]}"
        folders[category] = name
        used.add(_folded(name))
    return folders


def _safe(category: str) -> str:
    name = FORBIDDEN.sub("_", unicodedata.normalize("NFC", category))
    name = "".join(c if c.isprintable() else "_" for c in name).strip(" .")
    while len(name.encode()) > MOST_BYTES:
        name = name[:-1].rstrip(" .")
    if not name or DEVICES.fullmatch(name):
        name += "_"
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFD", name).casefold()
