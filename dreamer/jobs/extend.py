"""`extend`: a film made longer, going on from its last frame."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

from dreamer.engine.collage_again import freeze_longer_film, same_as_begun, settle_film
from dreamer.engine.collage_homes import is_collage
from dreamer.engine.collage_layout import LAYOUT, read_layout
from dreamer.engine.collaged import Collaged
from dreamer.engine.collaging import make_collage
from dreamer.engine.folder import Folder
from dreamer.engine.moving_pieces import courses
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import checked, kept
from dreamer.engine.provenance import freeze_longer, settle
from dreamer.engine.ready import Ready
from dreamer.engine.told import Watcher
from dreamer.errors import FolderError, UsageError
from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_tree
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.times import parse_time


def extend(
    directory: Path, length: str, *, watch: Watcher = lambda told: None
) -> Outcome | Collaged:
    """Make the film in `directory` longer by `length` (`20s`, or a number of frames).

    Raises:
        UsageError: a length that is none.
        FolderError: no film's folder, or one whose rendered frames would change with its length.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    if is_collage(directory):
        return _longer_collage(folder, length, watch)
    with folder.locked():  # from reading how long it is to the last frame: two may extend at once
        before = kept(folder)
        settle(folder, before)
        if before.plan.frames is None or before.recipe.still:
            kind = "a still" if before.recipe.still else "endless"
            raise FolderError(f"{directory} is {kind}; only a film that ends can be extended")
        if before.recipe.scenes or before.plan.closing is not None:
            kind = "is made of scenes" if before.recipe.scenes else "comes back to its beginning"
            raise FolderError(f"{directory} {kind}; change its recipe and render it anew")
        total = before.plan.frames + _frames(length, before.plan.fps)
        tree = before.recipe.canonical() | {"length": total}
        after = checked(recipe_from_tree(tree, folder.path, before.recipe.name))
        _same_so_far(directory, before, after)
        freeze_longer(folder, after, as_yaml(tree))
        return see_through(folder, kept(folder), watch)


def _longer_collage(folder: Folder, length: str, watch: Watcher) -> Collaged:
    """Make the film of a collage longer."""
    with folder.locked():
        before = same_as_begun(folder)
        settle_film(folder, before)
        recipe = before.recipe
        if recipe.frames is None:
            raise FolderError(f"{folder.path} is a still; only a film that ends can be extended")
        total = recipe.frames + _frames(length, recipe.fps)
        tree = recipe.canonical() | {"length": total}
        longer = collage_from_tree(tree, folder.path, recipe.name)
        _moving_as_before(folder, recipe, longer)
        after = replace(before, recipe=longer)
        freeze_longer_film(folder, after)
        return make_collage(after, folder, watch=watch)


def _moving_as_before(folder: Folder, before: ParsedCollage, after: ParsedCollage) -> None:
    """Refuse a longer film whose pieces would have lain elsewhere in its earlier frames."""
    if not (folder.path / LAYOUT).is_file():  # and so no frame
        return
    layout, _ = read_layout(folder.path / LAYOUT)
    frames, total = before.frames, after.frames
    assert frames is not None
    assert total is not None
    ways = zip(courses(before, layout, frames), courses(after, layout, total), strict=True)
    for was, is_ in ways:
        for part in fields(was):
            old, new = getattr(was, part.name), getattr(is_, part.name)
            for index in range(frames):
                if old[index] != new[index]:
                    raise _other_frame(folder.path, index, "moves")


def _other_frame(directory: Path, index: int, what: str) -> FolderError:
    return FolderError(
        f"{directory}: with another length frame {index} would be another, because its {what} "
        "count in parts of the film (%, end, u, length); render it anew"
    )


def _frames(length: str, fps: Fraction) -> int:
    """How many frames `length` means at `fps`.

    Raises:
        UsageError: a length that is none.
    """
    try:
        more = parse_time(int(length) if length.isascii() and length.isdigit() else length)
    except ValueError:
        more = None
    if more is None or more.unit == "%" or more.value <= 0:
        raise UsageError(f"LENGTH: expected 20s or a number of frames, not {length}")
    return max(1, round(more.frame(fps, None)))


def _same_so_far(directory: Path, before: Ready, after: Ready) -> None:
    """Refuse a longer film whose earlier frames would have had other numbers."""
    for index in range(before.plan.count):
        if before.plan.at(index) != after.plan.at(index):
            raise _other_frame(directory, index, "schedules")
