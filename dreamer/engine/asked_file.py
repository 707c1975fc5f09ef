"""A file that a command is asked to write: whether it may, before any work is done for it."""

from __future__ import annotations

import re
from pathlib import Path

from dreamer.errors import FolderError, UsageError


def free_file(out: Path, ending: str, force: bool) -> Path:
    """`out`, if a file ending in `ending` may be put there.

    Raises:
        UsageError: another ending, a folder, or none to put it into.
        FolderError: `out` is there already, and not to be replaced.
    """
    if out.suffix.lower() != ending:
        raise UsageError(f"--out: expected a name ending in {ending}, not {out.name}")
    if not out.parent.is_dir():
        raise UsageError(f"--out: there is no folder {out.parent}")
    if out.is_dir():
        raise UsageError(f"--out: {out} is a folder")
    if out.exists() and not force:
        raise FolderError(f"{out} is there already; name another file with --out, or say --force")
    return out


def file_name(network: str) -> str:
    """What a file of `network` is called: a name is a stranger's word, or a pattern with slashes,
    and no path.
    """
    return re.sub(r"[^\w.,@-]+", "-", network).lstrip(".") or "network"
