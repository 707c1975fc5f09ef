"""What lies in a render's folder, to be held against what lies there later."""

from __future__ import annotations

import numpy as np

from dreamer.engine.folder import Folder
from dreamer.media.pictures import read_picture


def frames_of(folder: Folder) -> dict[str, bytes]:
    """Each frame's file, by its name."""
    return {path.name: path.read_bytes() for path in folder.frames.iterdir()}


def films_in(folder: Folder) -> dict[str, bytes]:
    """Each film's file, by what its name has beside the render's."""
    name = folder.name()
    found = [p for p in folder.path.iterdir() if p.suffix[1:] in ("mp4", "gif", "apng", "webm")]
    return {p.name.removeprefix(name): p.read_bytes() for p in found}


def pictures_of(folder: Folder) -> list[np.ndarray]:
    """Each frame as a picture `(3, H, W)` in [0, 1], in order."""
    return [read_picture(path) for path in sorted(folder.frames.iterdir())]
