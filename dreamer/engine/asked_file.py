"""A file that a command is asked to write: whether it may, before any work is done for it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from dreamer.errors import FolderError, UsageError


def free_file(option: str, path: Path, force: bool, ending: str = "") -> Path:
    """`path`, where `option` may put a file, whose name ends in `ending`.

    Raises:
        UsageError: another ending, no folder to put it into or none that can be written, or it is
            a folder.
        FolderError: there is a file, and nobody said to replace it.
    """
    if ending and path.suffix.lower() != ending:
        raise UsageError(f"{option}: expected a name ending in {ending}, not {path.name}")
    if path.is_dir():
        raise UsageError(f"{option}: {path} is a folder; expected a file's name")
    if not path.parent.is_dir():
        raise UsageError(f"{option}: there is no folder {path.parent}")
    if (path.exists() or path.is_symlink()) and not force:
        raise FolderError(f"{path} is there already; name another with {option}, or say --force")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UsageError(
            f"{option}: nothing can be written into {path.parent}: {error.strerror}"
        ) from error
    return path


def file_name(network: str) -> str:
    """What a file of `network` is called: a name is a stranger's word, or a pattern with slashes,
    and no path.
    """
    return re.sub(r"[^\w.,@-]+", "-", network).lstrip(".") or "network"
