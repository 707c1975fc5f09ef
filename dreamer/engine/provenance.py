"""What a render is made of, by hashes: its recipe, pictures, sound, weights and labels. Two renders
are one if these are; a render whose materials changed since cannot go on. A sound belongs to it
as a picture does, though no number may follow it: the film has it inside.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from dreamer import __version__
from dreamer.engine.clips import contents_of
from dreamer.engine.facts import Gathered
from dreamer.engine.folder import Folder
from dreamer.engine.layout import PROVENANCE, RECIPE
from dreamer.engine.ready import Ready
from dreamer.errors import FolderError, MediaError
from dreamer.media.ffmpeg import ffmpeg_version


def identity(ready: Ready) -> str:
    """SHA-256 of the recipe with all it names: pictures, sound, weights and labels by what is in
    them, networks of the catalogue by their weights, and those that did not come with dreamer by
    what their cards say too.
    """
    recipe = ready.recipe.digest(ready.gathered.sha256)
    weights = list(ready.gathered.weights.values())  # in the order the recipe names networks in
    return hashlib.sha256(json.dumps([recipe, weights, *_said(ready)]).encode()).hexdigest()


def _said(ready: Ready) -> list[Any]:
    """What a person may change about a network without changing its weights: its range, and by the
    names of its classes which of them a target is, or is compared to.
    """
    cards = {key: c for key, c in ready.gathered.cards.items() if c.weights.kind != "package"}
    ranges = [
        [c.architecture, c.mean, c.std, c.scale, c.order, c.native, c.fit, c.resize]
        for c in cards.values()
    ]
    named = [t for one in ready.plan.targets for t in (one, one.other) if t is not None]
    classes = [t.class_index for t in named if t.network in cards]
    return [ranges, classes] if cards else []


def copies(gathered: Gathered) -> dict[str, str]:
    """What each picture, sound, film or folder of pictures is called in the folder: by its own
    name, made unlike any other.
    """
    names: dict[str, str] = {}
    for path in gathered.sources:
        name = Path(path).name or "pictures"
        while f"sources/{name}" in names.values():
            name = f"_{name}"
        names[path] = f"sources/{name}"
    return names


def provenance(ready: Ready, command: str | None) -> dict[str, Any]:
    """What provenance.json says of a new render; `command` is the command line it came from."""
    versions = {"dreamer": __version__, "python": platform.python_version()}
    versions |= {n: metadata.version(n) for n in ("torch", "torchvision", "numpy", "pillow")}
    named = copies(ready.gathered)
    return {
        "name": ready.recipe.name,
        "recipe_sha256": identity(ready),
        "parent_sha256": None,
        "sources": {Path(named[p]).name: h for p, h in ready.gathered.sources.items()},
        "weights": ready.gathered.weights,
        "versions": versions | {"ffmpeg": ffmpeg_version()},
        "command": command,
    }


def changed_sources(folder: Folder, only: Path | None = None) -> list[str]:
    """Which of the folder's copies, or whether `only` this one, are not what they were, in
    words.
    """
    said = folder.read_json(PROVENANCE).get("sources")
    found = []
    for name, sha256 in (said if isinstance(said, dict) else {}).items():
        path = folder.sources / Path(name).name
        if only is not None and path.resolve() != only.resolve():
            continue
        try:
            if contents_of(path) != sha256:
                many, one = "does not hold the pictures that were", "is not the file that was"
                found.append(f"{path} {many if path.is_dir() else one} copied")
        except MediaError as error:
            found.append(f"{path} is missing" if not path.exists() else str(error))
    return found


def refuse_another(folder: Folder, sound: Path) -> None:
    """Refuse the file `sound` in `folder` if it is not the one its render was begun with: films
    made later would sound otherwise.

    Raises:
        FolderError: it changed, or is missing.
    """
    if changes := changed_sources(folder, sound):
        raise FolderError(
            f"{folder.path}: {'; '.join(changes)}, and films made of it would not be those that "
            "were made before; put it back, or render into another folder with --out"
        )


def refuse_changed(folder: Folder, ready: Ready) -> None:
    """Refuse to go on with other pictures, weights, labels or words than the render was begun with.

    Raises:
        FolderError: one of them changed.
    """
    said = folder.read_json(PROVENANCE)
    if identity(ready) in (said.get("recipe_sha256"), said.get("extending")):
        return
    changes = changed_sources(folder)
    before = said.get("weights")
    for key, sha256 in ready.gathered.weights.items():
        if isinstance(before, dict) and before.get(key) != sha256:
            card = ready.gathered.cards[key]
            changes.append(f"the weights of {card.name} are not what they were")
    what = "; ".join(changes) or f"its {RECIPE} or labels are not what they were"
    raise FolderError(
        f"{folder.path}: {what}, and new frames would not fit the old ones; "
        "put them back, or render into another folder with --out"
    )


def freeze_longer(folder: Folder, longer: Ready, text: str) -> None:
    """Make `longer`, whose text is `text`, the recipe of `folder`, its old one the parent.

    The intention is written first, so that a kill at any moment leaves one recipe or the other, and
    `settle` knows which.
    """
    said: Mapping[str, Any] = folder.read_json(PROVENANCE)
    folder.write_json(PROVENANCE, {**said, "extending": identity(longer)})
    folder.freeze_recipe(text)
    settle(folder, longer)


def settle(folder: Folder, ready: Ready) -> None:
    """End a change of recipe that somebody was killed in, `ready` being the recipe that is there.

    The folder's lock must be held.
    """
    if "extending" in folder.read_json(PROVENANCE):
        end_extending(folder, identity(ready))


def end_extending(folder: Folder, there: str) -> None:
    """End a change of recipe, `there` being the identity of the one that is there."""
    said = folder.read_json(PROVENANCE)
    extending = said.pop("extending", None)
    if there == extending:
        said |= {"recipe_sha256": extending, "parent_sha256": said.get("recipe_sha256")}
    folder.write_json(PROVENANCE, said)
