"""The pictures of a data set that is looked over or divided: those a training would read."""

from __future__ import annotations

from pathlib import Path

from dreamer.errors import UsageError
from dreamer.media.class_folders import ClassFolders, class_folders


def pictures_in(root: Path) -> ClassFolders:
    """What is in the class folders below `root`.

    Raises:
        UsageError: no such folder, or no pictures in class folders.
    """
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder")
    found = class_folders(root)
    if not found.pictures:
        why = "".join(f"; {name}: {reason}" for name, reason in found.unreadable.items())
        raise UsageError(
            f"{root}: no pictures in class folders ({root}/<class>/<picture>.jpg){why}"
        )
    return found
