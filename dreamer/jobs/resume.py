"""`resume`: go on with a render or collage that was stopped, to the bytes that it would have had
unbroken.
"""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.collage_again import same_as_begun
from dreamer.engine.collage_homes import is_collage
from dreamer.engine.collaged import Collaged
from dreamer.engine.collaging import make_collage
from dreamer.engine.folder import Folder
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import kept
from dreamer.engine.told import Watcher


def resume(directory: Path, *, watch: Watcher = lambda told: None) -> Outcome | Collaged:
    """Go on in `directory`, a render's or collage's folder.

    On another machine, or after an update, frames may differ from those an unbroken render would
    have had; this is said.

    Raises:
        FolderError: no render's folder, one that another process renders into, or a collage whose
            pieces are not what they were.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    if is_collage(directory):
        with folder.locked():
            return make_collage(same_as_begun(folder), folder, watch=watch)
    with folder.locked():
        return see_through(folder, kept(folder), watch)
