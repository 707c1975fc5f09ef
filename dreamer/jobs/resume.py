"""`resume`: go on with a render that was stopped, to the bytes it would have had unbroken."""

from __future__ import annotations

import logging
from pathlib import Path

from dreamer.engine.execution import differences
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import here, kept
from dreamer.engine.run import Watcher

log = logging.getLogger("dreamer")


def resume(directory: Path, *, watch: Watcher = lambda told: None) -> Outcome:
    """Go on in `directory`.

    On another machine, or after an update, frames may differ from those an unbroken render would
    have had; this is said.

    Raises:
        FolderError: no render's folder, or one that another process renders into.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    ready = kept(folder)
    for difference in differences(folder.execution(), here(folder.execution())):
        log.warning("%s; new frames may differ a little", difference)
    return see_through(folder, ready, watch)
