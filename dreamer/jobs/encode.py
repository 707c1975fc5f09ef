"""`encode`: a film from durable frames, at any time, in another quality or elsewhere."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.finishing import make_product, product_path
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept
from dreamer.errors import FolderError, UsageError


def encode(
    directory: Path, *, out: Path | None = None, crf: int | None = None, loop: bool | None = None
) -> Path:
    """Make the film of `directory` again; returns where it is.

    Raises:
        FolderError: no film's folder, no frames yet, or `out` is there already.
        UsageError: a crf outside 0 to 51.
    """
    folder = Folder(directory).require()
    ready = kept(folder)
    if ready.recipe.still:
        raise FolderError(f"{directory} is a still; there is no film to make")
    if crf is not None and not 0 <= crf <= 51:
        raise UsageError(f"--crf must be 0 to 51, not {crf}")
    if out is not None and out.suffix.lower() != ".mp4":
        raise UsageError(f"--out: expected a name ending in .mp4, not {out.name}")
    if out is not None and out.exists() and out.resolve() != product_path(folder, ready).resolve():
        raise FolderError(f"{out} is there already; name another file")
    if not folder.whole_frames():
        raise FolderError(f"{directory} has no frames yet")
    return make_product(folder, ready, out, crf, loop)
