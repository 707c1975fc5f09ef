"""From a recipe to a folder ready to render into: checked, planned, sources copied, execution
decided.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from dreamer import __version__
from dreamer.engine.execution import Execution, decide
from dreamer.engine.facts import Gathered, gather
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE
from dreamer.engine.run import Ready
from dreamer.errors import FolderError
from dreamer.media import durable
from dreamer.media.ffmpeg import ffmpeg_version
from dreamer.media.pictures import read_picture
from dreamer.networks.locate import sha256_of, weights_path
from dreamer.recipe.parse import Parsed, as_yaml, recipe_from_text
from dreamer.recipe.planning import plan


def checked(recipe: Parsed) -> Ready:
    """`recipe` with its facts and plan.

    Raises:
        RecipeError: all that cannot be rendered.
    """
    gathered = gather(recipe)
    return Ready(recipe, gathered, plan(recipe, gathered.facts))


def kept(folder: Folder) -> Ready:
    """The recipe a folder was made from, its sources being the folder's own copies."""
    recipe = recipe_from_text(
        folder.require().recipe(), folder.path, str(folder.path / "recipe.yaml")
    )
    return checked(recipe)


def default_folder(ready: Ready) -> Path:
    """`renders/<recipe name>-<hash8>`."""
    return Path("renders", f"{ready.recipe.name}-{_digest(ready)[:8]}")


def _digest(ready: Ready) -> str:
    return ready.recipe.digest(ready.gathered.sha256)


def portable(recipe: Parsed, gathered: Gathered) -> str:
    """The recipe's text with pictures called as they are in the render's folder, weights by
    their whole path.
    """
    names = _copies(gathered)
    return as_yaml(recipe.with_files(lambda path: names.get(path, path)))


def _copies(gathered: Gathered) -> dict[str, str]:
    """What each source is called in the folder: by its own name, made unlike any other."""
    names: dict[str, str] = {}
    for path in gathered.sha256:
        name = Path(path).name
        while f"sources/{name}" in names.values():
            name = f"_{name}"
        names[path] = f"sources/{name}"
    return names


def prepare(folder: Folder, ready: Ready, command: str) -> Ready:
    """Make `folder` the folder of `ready`, or take it up where it is; returns the recipe as the
    folder keeps it.

    Raises:
        FolderError: another recipe's folder, or no render's.
        MediaError: a source that is damaged.
    """
    digest = _digest(ready)
    if folder.exists():
        there = kept(folder)
        if _digest(there) != digest:
            raise FolderError(
                f"{folder.path} holds the render of another recipe; name another one "
                f"with --out, or go on there by `dreamer resume {folder.path}`"
            )
        return there
    words = ready.recipe.words
    execution = decide(words.device, words.precision)
    folder.refuse_foreign()
    for path in ready.gathered.sha256:
        read_picture(Path(path))  # a header may be whole where the picture is not
    folder.lock()  # two renders begun at once must not write over each other
    try:
        for path, name in _copies(ready.gathered).items():
            target = folder.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            durable.write_bytes(target, Path(path).read_bytes())
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.write_json(PROVENANCE, _provenance(ready, digest, command))
        folder.create(portable(ready.recipe, ready.gathered), execution)
    finally:
        folder.unlock()
    return kept(folder)


def _provenance(ready: Ready, digest: str, command: str) -> Mapping[str, object]:
    weights = {}
    for key, card in ready.gathered.cards.items():
        path = weights_path(card)
        weights[key] = f"random, seed {card.weights.seed}" if path is None else sha256_of(path)
    versions = {"dreamer": __version__, "python": platform.python_version()}
    versions |= {n: metadata.version(n) for n in ("torch", "torchvision", "numpy", "pillow")}
    return {
        "name": ready.recipe.name,
        "recipe_sha256": digest,
        "parent_sha256": None,
        "sources": {Path(p).name: h for p, h in ready.gathered.sha256.items()},
        "weights": weights,
        "versions": versions | {"ffmpeg": ffmpeg_version()},
        "command": command,
    }


def here(kept_execution: Execution) -> Execution:
    """What this machine would do in place of a kept execution."""
    return decide(kept_execution.device, kept_execution.precision)
