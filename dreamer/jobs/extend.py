"""`extend`: a film made longer, going on from its last frame."""

from __future__ import annotations

from pathlib import Path

from dreamer.engine.folder import Folder
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import checked, kept
from dreamer.engine.provenance import freeze_longer, settle
from dreamer.engine.run import Ready, Watcher
from dreamer.errors import FolderError, UsageError
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.times import parse_time


def extend(directory: Path, length: str, *, watch: Watcher = lambda told: None) -> Outcome:
    """Make the film in `directory` longer by `length` (`20s`, or a number of frames).

    Raises:
        UsageError: a length that is none.
        FolderError: no film's folder, or one whose rendered frames would change with its length.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    with folder.locked():  # from reading how long it is to the last frame: two may extend at once
        before = kept(folder)
        settle(folder, before)
        if before.plan.frames is None or before.recipe.still:
            kind = "a still" if before.recipe.still else "endless"
            raise FolderError(f"{directory} is {kind}; only a film that ends can be extended")
        if before.recipe.scenes or before.plan.closing is not None:
            kind = "is made of scenes" if before.recipe.scenes else "comes back to its beginning"
            raise FolderError(f"{directory} {kind}; change its recipe and render it anew")
        total = before.plan.frames + _frames(length, before)
        tree = before.recipe.canonical() | {"length": total}
        after = checked(recipe_from_tree(tree, folder.path, before.recipe.name))
        _same_so_far(directory, before, after)
        freeze_longer(folder, after, as_yaml(tree))
        return see_through(folder, kept(folder), watch)


def _frames(length: str, film: Ready) -> int:
    """How many frames `length` means in `film`.

    Raises:
        UsageError: a length that is none.
    """
    try:
        more = parse_time(int(length) if length.isascii() and length.isdigit() else length)
    except ValueError:
        more = None
    if more is None or more.unit == "%" or more.value <= 0:
        raise UsageError(f"LENGTH: expected 20s or a number of frames, not {length}")
    return max(1, round(more.frame(film.plan.fps, None)))


def _same_so_far(directory: Path, before: Ready, after: Ready) -> None:
    """Refuse a longer film whose earlier frames would have had other numbers."""
    for index in range(before.plan.count):
        if before.plan.at(index) != after.plan.at(index):
            raise FolderError(
                f"{directory}: with another length frame {index} would be another, "
                "because its schedules count in parts of the film (%, end, u, length); "
                "render it anew"
            )
