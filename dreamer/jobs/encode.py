"""`encode`: a film from durable frames, at any time, in another quality or elsewhere."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.finishing import make_product, product_path
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept_recipe
from dreamer.errors import FolderError, UsageError


def encode(
    directory: Path, *, out: Path | None = None, crf: int | None = None, loop: bool | None = None
) -> Path:
    """Make the film of `directory` again; returns where it is.

    Raises:
        FolderError: no film's folder, no frames yet, or `out` is there already.
        UsageError: a crf outside 0 to 51, or `out` where no film can be.
    """
    folder = Folder(directory).require()
    recipe = kept_recipe(folder)
    if recipe.still:
        raise FolderError(f"{directory} is a still; there is no film to make")
    if crf is not None and not 0 <= crf <= 51:
        raise UsageError(f"--crf must be 0 to 51, not {crf}")
    if out is not None:
        out = _elsewhere(out, product_path(folder, recipe))
    count = folder.whole_frames()
    if not count:
        raise FolderError(f"{directory} has no frames yet")
    return make_product(folder, recipe, count, out, crf, loop)


def _elsewhere(out: Path, own: Path) -> Path | None:
    """`out`, if a film can be put there; None where it is the render's `own` one."""
    if out.suffix.lower() != ".mp4":
        raise UsageError(f"--out: expected a name ending in .mp4, not {out.name}")
    if not out.parent.is_dir():
        raise UsageError(f"--out: there is no folder {out.parent}")
    if out.resolve() == own.resolve():
        return None
    if out.exists():
        raise FolderError(f"{out} is there already; name another file")
    return out
