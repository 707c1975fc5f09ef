"""`resume`: go on with a render that was stopped, to the bytes it would have had unbroken."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import kept
from dreamer.engine.run import Watcher


def resume(directory: Path, *, watch: Watcher = lambda told: None) -> Outcome:
    """Go on in `directory`.

    On another machine, or after an update, frames may differ from those an unbroken render would
    have had; this is said.

    Raises:
        FolderError: no render's folder, or one that another process renders into.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    with folder.locked():
        return see_through(folder, kept(folder), watch)
