"""`render`: a recipe, or a picture or film with one inside, becomes a picture or film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dreamer.engine.dreamt_collages import on_its_collage
from dreamer.engine.folder import Folder
from dreamer.engine.opening import open_recipe
from dreamer.engine.outcome import Outcome, see_through
from dreamer.engine.preparing import checked, default_folder, taken
from dreamer.engine.told import Watcher
from dreamer.recipe.parse import draft_of

if TYPE_CHECKING:
    from dreamer.engine.collage_ready import ReadyCollage


def render(
    recipe: Path | str,
    *,
    out: Path | None = None,
    overrides: Sequence[str] = (),
    draft: bool = False,
    trust: bool = False,
    command: str | None = None,
    watch: Watcher = lambda told: None,
) -> Outcome:
    """Render `recipe` into `out`, or go on there.

    Args:
        recipe: a YAML file, or a picture or film that dreamer made.
        out: the folder; renders/<name>-<hash8> unless given.
        overrides: `key=value` changes.
        draft: a quarter of the size, 6 frames a second.
        trust: let a recipe found in a picture open files outside its folder.
        command: the command line this is, for the provenance.
        watch: told of progress.

    Raises:
        RecipeError: what cannot be rendered.
        FolderError: a folder that is taken.
        Stopped: a signal asked for it.
    """
    opened = open_recipe(Path(recipe), overrides, trust)
    ready = checked(on_its_collage(opened, lambda one: _collage_made(one, watch)))
    if draft:
        ready = checked(draft_of(ready.recipe, ready.plan.shown[::-1]))
    folder = Folder(out or default_folder(ready))
    with taken(folder, ready, command) as kept:
        return see_through(folder, kept, watch)


def _collage_made(ready: ReadyCollage, watch: Watcher) -> Path:
    from dreamer.engine.collaging import make_collage  # which few renders need

    return make_collage(ready, watch=watch).product
