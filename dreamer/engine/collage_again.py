"""A collage's folder taken up again: what was begun there and whether it still is that, what of it
is whole, and a film of it made longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dreamer.engine.collage_layout import LAYOUT, Layout, as_text, read_layout
from dreamer.engine.collage_ready import ReadyCollage, entry_of, ready_again, ready_collage
from dreamer.engine.collage_strays import with_strays
from dreamer.engine.collage_told import words_from
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE, RECIPE, REPORT
from dreamer.engine.opening import open_collage
from dreamer.engine.provenance import end_extending
from dreamer.errors import DreamerError, FolderError
from dreamer.media import durable
from dreamer.networks.locate import sha256_of
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.dumping import as_yaml

TOLD = 3  # changed pieces that are named one by one


def kept_collage(folder: Folder, said: Sequence[str] = ()) -> ParsedCollage:
    """The recipe of the collage in `folder`, changed by what is `said`; nothing it names is looked
    at.

    Raises:
        RecipeError: it is damaged.
        FolderError: nothing says what it is called.
    """
    recipe = open_collage(folder.path / RECIPE, said)
    return replace(with_strays(recipe, folder.path), name=folder.name())


def begun(folder: Folder, said: Sequence[str] = ()) -> ReadyCollage:
    """What was begun in `folder`, unless something else is `said`.

    Raises:
        RecipeError: what is not there any more.
        FolderError: pieces that are not what they were, of one that was drawn again.
    """
    if not said and folder.read_json(PROVENANCE).get("drawn_again"):
        return ready_again(folder.path / LAYOUT)
    return ready_collage(kept_collage(folder, said))


def is_same(folder: Folder, ready: ReadyCollage) -> bool:
    """Whether `ready` is what was begun in `folder`."""
    known = folder.read_json(PROVENANCE)
    return ready.identity in (known.get("recipe_sha256"), known.get("extending"))


def same_as_begun(folder: Folder) -> ReadyCollage:
    """What was begun in `folder`, to go on with.

    Raises:
        FolderError: it would be another now.
        RecipeError: what is not there any more.
    """
    ready = begun(folder)
    if is_same(folder, ready):
        return ready
    before = folder.read_json(PROVENANCE).get("pieces")
    was = set(before.values()) if isinstance(before, dict) else set()
    new = [entry.name for entry in ready.entries if entry.sha256 not in was]
    gone = len(was - {entry.sha256 for entry in ready.entries})
    changes = []
    if new:
        more = ", …" if len(new) > TOLD else ""
        changes.append(f"{', '.join(new[:TOLD])}{more} {'is' if len(new) == 1 else 'are'} new")
    if gone:
        changes.append(f"{gone} of its pictures {'is' if gone == 1 else 'are'} gone")
    what = " and ".join(changes) or f"its {RECIPE} or networks are not what they were"
    raise FolderError(
        f"{folder.path}: {what}; put that back, or make another collage of what is there now by "
        f"`dreamer collage {folder.path}`"
    )


def keep_layout(folder: Folder, recipe: ParsedCollage, layout: Layout) -> None:
    """Write layout.json."""
    about = {"name": recipe.name, "recipe": words_from(recipe, folder.path)}
    durable.write_text(folder.path / LAYOUT, as_text(layout, folder.path, about))


def freeze_longer_film(folder: Folder, longer: ReadyCollage) -> None:
    """Make `longer` what was begun in `folder`, its old recipe the parent; what is finished is not
    any more. Killed at any moment, the folder holds the one or the other.
    """
    said = folder.read_json(PROVENANCE)
    (folder.path / REPORT).unlink(missing_ok=True)
    folder.write_json(PROVENANCE, {**said, "extending": longer.identity})
    if longer.layout is not None:  # which is where one that is drawn again has its words
        keep_layout(folder, longer.recipe, longer.layout)
    settle_film(folder, longer)


def settle_film(folder: Folder, ready: ReadyCollage) -> None:
    """End a change of length that somebody was killed in; the folder's lock must be held."""
    if "extending" not in folder.read_json(PROVENANCE):
        return
    folder.freeze_recipe(as_yaml(words_from(ready.recipe, folder.path)))
    end_extending(folder, ready.identity)


def sealed_in(folder: Folder) -> dict[str, str]:
    """SHA-256 of what was made in `folder` when it was finished, by name; nothing before."""
    if not (folder.path / REPORT).is_file():
        return {}
    said = folder.read_json(REPORT).get("sha256")
    return said if isinstance(said, dict) else {}


def changed_layout(folder: Folder) -> bool:
    """Whether somebody changed the layout.json of what was finished in `folder`."""
    path, was = folder.path / LAYOUT, sealed_in(folder).get(LAYOUT)
    return was is not None and path.is_file() and sha256_of(path) != was


def changed_files(folder: Folder, recipe: ParsedCollage) -> tuple[int, int, list[str]]:
    """How many of the files that were made in `folder`, without frames and films, are as they were
    written, of how many; and what is wrong with the others. A layout.json may have been changed by
    hand, to be drawn.
    """
    sealed = sealed_in(folder)
    wanted = [LAYOUT, *([f"{folder.name()}.png"] if recipe.still else [])]
    wanted += [Path(name).name for name in sealed if name not in wanted]
    found = []
    for name in wanted:
        path = folder.path / name
        if not path.is_file():
            found.append(f"{path} is missing")
        elif name != LAYOUT and name in sealed and sha256_of(path) != sealed[name]:
            found.append(f"{path} is not the file that was written")
    return len(wanted) - len(found), len(wanted), found


def changed_pieces(folder: Folder) -> list[str]:
    """Which pieces of the collage in `folder` are not where they were, or not what they were."""
    try:
        layout, _ = read_layout(folder.path / LAYOUT)
    except FolderError:
        return []  # which `changed_files` says
    found = []
    for source in layout.sources.values():
        try:
            entry_of(source, folder.path)
        except (DreamerError, OSError) as error:
            found.append(str(error))
    return found
