"""From a recipe to a folder ready to render into: checked, planned, sources copied, execution
decided.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dreamer.engine.clips import recall
from dreamer.engine.copying import copied, copy_sources
from dreamer.engine.execution import Execution
from dreamer.engine.facts import Gathered, gather
from dreamer.engine.films import require_encoders
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE, RECIPE
from dreamer.engine.provenance import copies, identity, provenance, refuse_changed
from dreamer.engine.ready import Ready
from dreamer.engine.soundtrack import soundtrack
from dreamer.engine.tile_size import decided, with_tiles
from dreamer.errors import FolderError
from dreamer.media.pictures import read_picture
from dreamer.media.sound_probing import whole_seconds
from dreamer.networks.cards import Card
from dreamer.networks.weights import load_module
from dreamer.recipe.clip_times import settled
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import SoundFacts
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.planning import plan

log = logging.getLogger("dreamer")


def checked(recipe: Parsed, given: Mapping[str, Card] | None = None) -> Ready:
    """`recipe` with its facts and plan; `given` are cards by name that no catalogue has.

    Raises:
        RecipeError: all that cannot be rendered.
    """
    gathered = gather(recipe, given)
    found = plan(recipe, gathered.facts)
    return Ready(settled(recipe, gathered.facts), gathered, found)


def kept_recipe(folder: Folder) -> Parsed:
    """The recipe a folder was made from, its words alone: the networks it names need not be here.

    Raises:
        FolderError: no render's folder, or a damaged one.
    """
    text = folder.require().recipe()
    recall(folder.sources)
    recipe = recipe_from_text(text, folder.path, str(folder.path / RECIPE))
    return replace(recipe, name=folder.name())


def kept(folder: Folder) -> Ready:
    """The recipe a folder was made from, its sources being the folder's own copies.

    Raises:
        FolderError: what it was made from has changed since.
    """
    ready = checked(kept_recipe(folder))
    refuse_changed(folder, ready)
    return ready


def default_folder(ready: Ready) -> Path:
    """`renders/<recipe name>-<hash8>`."""
    return Path("renders", f"{ready.recipe.name}-{identity(ready)[:8]}")


def portable(recipe: Parsed, gathered: Gathered) -> str:
    """The recipe's text with pictures and sound called as they are in the render's folder, weights
    by their whole path.
    """
    names = copies(gathered)
    return as_yaml(recipe.with_files(lambda path: names.get(path, path)))


def prepare(folder: Folder, ready: Ready, command: str | None = None) -> Ready:
    """As `taken`, the folder being anybody's again afterwards."""
    with taken(folder, ready, command) as kept_ready:
        return kept_ready


@contextmanager
def taken(
    folder: Folder,
    ready: Ready,
    command: str | None = None,
    of: Mapping[str, Any] | None = None,
    row: int = 0,
    rows: int = 1,
    execution: Execution | None = None,
) -> Iterator[Ready]:
    """Make `folder` the folder of `ready`, or take it up where it is; gives the recipe as the
    folder keeps it, the folder being this process's while the block runs. `of` is what a new
    folder's provenance says more: of which sweep it is; a new one is member number `row` of a
    group of `rows`, and computed as this machine decides, or as `execution` says.

    Raises:
        FolderError: another recipe's folder, no render's, or another process's.
        MediaError: a source that is damaged, or a film that ffmpeg here cannot write.
        UsageError: a device that is not here.
    """
    if not folder.exists():
        folder.refuse_foreign()
        if execution is None:
            decided(ready)  # what cannot be begun leaves no folder
        if not ready.recipe.still:
            require_encoders(ready.recipe.words.output)
            soundtrack(ready.recipe)  # which tells of a film that will be silent
        for path in ready.gathered.pictures:
            read_picture(Path(path))  # a header may be whole where the picture is not
        for path, sound in ready.gathered.facts.sounds.items():
            if isinstance(sound, SoundFacts) and sound.heard is None:
                whole_seconds(Path(path))  # nor the sound, which was not heard yet
        for card in ready.gathered.cards.values():
            if card.weights.kind == "file":
                load_module(card)  # a plan believes what a recipe says of a file
    with folder.locked():
        # Looked at again under the lock: another process may have begun the same render meanwhile.
        if not folder.exists():
            begun = decided(ready) if execution is None else with_tiles(execution, ready)
            _make(folder, ready, command, of or {}, replace(begun, row=row, rows=rows))
        copied(folder)
        there = kept(folder)
        if identity(there) != identity(ready):
            raise FolderError(
                f"{folder.path} holds the render of another recipe; name another one "
                f"with --out, or go on there by `dreamer resume {folder.path}`"
            )
        yield there


def _make(
    folder: Folder,
    ready: Ready,
    command: str | None,
    of: Mapping[str, Any],
    execution: Execution,
) -> None:
    if execution.precision == "tf32" and not execution.device.startswith("cuda"):
        log.warning("precision: tf32 is of GPUs; on this processor it is float32")
    # The provenance first: beside it a folder that is half made is known as ours.
    folder.write_json(PROVENANCE, {**provenance(ready, command), **of})
    copy_sources(folder, ready.gathered)
    folder.create(portable(ready.recipe, ready.gathered), execution)
