"""What lies in a render's folder, to be held against what lies there later."""

from __future__ import annotations

from dreamer.engine.folder import Folder


def frames_of(folder: Folder) -> dict[str, bytes]:
    """Each frame's file, by its name."""
    return {path.name: path.read_bytes() for path in folder.frames.iterdir()}
