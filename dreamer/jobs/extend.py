"""`extend`: a film made longer, going on from its last frame."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import checked, kept
from dreamer.engine.run import Ready, Watcher
from dreamer.errors import FolderError, UsageError
from dreamer.recipe.parse import as_yaml, recipe_from_tree
from dreamer.recipe.times import parse_time


def extend(directory: Path, length: str, *, watch: Watcher = lambda told: None) -> Outcome:
    """Make the film in `directory` longer by `length` (`20s`, or a number of frames).

    Raises:
        UsageError: a length that is none.
        FolderError: no film's folder, or one whose rendered frames would change with its length.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    before = kept(folder)
    if before.plan.frames is None or before.recipe.still:
        kind = "a still" if before.recipe.still else "endless"
        raise FolderError(f"{directory} is {kind}; only a film that ends can be extended")
    try:
        more = parse_time(int(length) if length.isdigit() else length)
    except ValueError as error:
        raise UsageError(f"LENGTH: {error}") from None
    if more.unit == "%" or more.value <= 0:
        raise UsageError(f"LENGTH: expected 20s or a number of frames, not {length}")
    total = before.plan.frames + max(1, round(more.frame(before.plan.fps, None)))
    tree = before.recipe.canonical() | {"length": total}
    after = checked(recipe_from_tree(tree, folder.path, str(directory)))
    _same_so_far(directory, before, after)
    folder.lock()
    try:
        provenance = folder.read_json(PROVENANCE)
        parent = provenance["recipe_sha256"]
        digest = after.recipe.digest(after.gathered.sha256)
        folder.write_json(
            PROVENANCE, provenance | {"recipe_sha256": digest, "parent_sha256": parent}
        )
        folder.freeze_recipe(as_yaml(tree))
    finally:
        folder.unlock()
    return see_through(folder, after, watch)


def _same_so_far(directory: Path, before: Ready, after: Ready) -> None:
    """Refuse a longer film whose earlier frames would have had other numbers."""
    for index in range(before.plan.count):
        if before.plan.at(index) != after.plan.at(index):
            raise FolderError(
                f"{directory}: with another length frame {index} would be another, "
                "because its schedules count in parts of the film (%, end, u, length); "
                "render it anew"
            )
