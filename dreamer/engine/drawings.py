"""Sheets that a command draws where a person says: drawn anew as often as somebody likes, and never
over a file that is none of them.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dreamer.engine.asked_file import free_file
from dreamer.errors import FolderError, MediaError
from dreamer.media import durable
from dreamer.media.png import read_png_text

DRAWN = "dreamer:drawn"  # the key of a text that only these have


def require_place(option: str, path: Path) -> None:
    """Refuse to draw at `path`, which `option` said, before any work.

    Raises:
        UsageError: it is no name of a PNG, or has no folder that can be written.
        FolderError: there is a file that is no drawing of these.
    """
    free_file(option, path, force=True, ending=".png")
    if not path.exists():
        return
    try:
        ours = DRAWN in read_png_text(path)
    except MediaError:
        ours = False
    if not ours:
        raise FolderError(
            f"{path} is there already, and no drawing of dreamer's; name another with {option}"
        )


def keep_drawing(path: Path, picture: Image.Image, what: str) -> None:
    """Put `picture` at `path`, marked as a drawing of `what`."""
    mark, file = PngInfo(), io.BytesIO()
    mark.add_text(DRAWN, what)
    picture.save(file, "PNG", pnginfo=mark)
    durable.write_bytes(path, file.getvalue())
