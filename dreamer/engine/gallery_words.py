"""What a recipe is about, in words: what it amplifies, in which network, from what; for facets,
captions and those who do not see the picture. Recipes of any kind and age are read as they are:
what is not understood is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

MOST_WORDS, LONGEST = 400, 300  # of a recipe told flat, and letters of one
NAMED = 3  # things that a description names
NETWORK = "house"


class Aims(NamedTuple):
    """Networks, layers and classes that a recipe names, each once, in its order."""

    networks: tuple[str, ...]
    layers: tuple[str, ...]
    classes: tuple[str, ...]


def flat(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """`ascent.steps`, `3` for every value in a recipe, a list of plain values being one."""
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list) and any(isinstance(part, Mapping | list) for part in tree):
        for number, value in enumerate(tree):
            yield from flat(value, f"{path}.{number}")
    else:
        yield path, told(tree)


def words_of(tree: Any) -> tuple[tuple[str, str], ...]:
    """All of `flat`, or as much as anybody reads."""
    found: list[tuple[str, str]] = []
    for word in flat(tree if isinstance(tree, Mapping) else {}):
        if len(found) == MOST_WORDS:
            break
        found.append(word)
    return tuple(found)


def told(value: Any) -> str:
    """A value as a recipe would say it, in one line."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "none"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str | int | float):
        text = str(value)
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key}: {told(part)}" for key, part in value.items()) + "}"
    elif isinstance(value, Sequence):
        text = "[" + ", ".join(map(told, value)) + "]"
    else:
        text = json.dumps(value, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def aims_of(tree: Mapping[str, Any]) -> Aims:
    """What the recipe of a render amplifies, its scenes' too."""
    networks: dict[str, None] = {}
    layers: dict[str, None] = {}
    classes: dict[str, None] = {}

    def read(part: Mapping[str, Any]) -> None:
        if "network" in part:
            networks[_network(part["network"])] = None
        for target in _each(part.get("target")):
            if isinstance(target, str):
                layers[target] = None
            elif isinstance(target, Mapping):
                layers.update(dict.fromkeys(_named(target.get("layer"))))
                classes.update(dict.fromkeys(_named(target.get("class"))))
                if "network" in target:
                    networks[_network(target["network"])] = None

    read(tree)
    if "network" not in tree:
        networks = {NETWORK: None, **networks}
    for scene in _each(tree.get("scenes")):
        if isinstance(scene, Mapping):
            read(scene)
    return Aims(tuple(networks), tuple(layers), tuple(classes))


def _each(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and isinstance(value.get("keys"), list):  # one that changes
        return [key.get("value") for key in value["keys"] if isinstance(key, Mapping)]
    return value if isinstance(value, list) else [] if value is None else [value]


def _named(value: Any) -> Iterator[str]:
    for name in _each(value):
        if isinstance(name, str | int | float):
            yield told(name)


def _network(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("weights") or value.get("architecture") or "a network"
    text = str(value)
    return PurePath(text).stem if "/" in text or "\\" in text else text


def source_of(tree: Mapping[str, Any]) -> str:
    """`plasma noise`, `the picture photo.png`; "" where a recipe does not say."""
    source = tree.get("source")
    if not isinstance(source, Mapping):
        return ""
    for key, words in SOURCES.items():
        value = source.get(key)
        if isinstance(value, str):
            return words.format(PurePath(value).name if key in FILES else value)
        if value is not None:
            return BARE.get(key, key)
    return ""


FILES = ("image", "video", "folder")
SOURCES = {
    "image": "the picture {}",
    "video": "the film {}",
    "folder": "the pictures in {}",
    "noise": "{} noise",
    "procedural": "a drawn {}",
    "color": "the color {}",
    "collage": "a collage",
}
BARE = {"procedural": "a drawing", "collage": "a collage", "video": "a film", "noise": "noise"}


def joined(names: Sequence[str], most: int = NAMED) -> str:
    """`a, b and c`; of many, `a, b, c and 4 more`."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def described(tree: Mapping[str, Any], kind: str, count: int) -> str:
    """A picture in words, as far as its recipe tells them; of `count` frames or pieces."""
    if kind == "collage":
        return _collage(tree, count)
    if kind == "compilation":
        clips = tree.get("clips")
        many = len(clips) if isinstance(clips, list) else 0
        return f"A compilation of {many} clips" if many > 1 else "A compilation of films"
    aims = aims_of(tree)
    what = "A film" if kind == "film" else "A picture"
    if count > 1:
        what += f" of {count} frames"
    names = [name.replace("_", " ") for name in aims.classes]
    names += [f"the layer {name}" for name in aims.layers]
    if names:
        what += f" of {joined(names)}"
    what += f", as {joined(aims.networks)} {'sees' if len(aims.networks) == 1 else 'see'} "
    what += "them" if len(names) > 1 else "it"
    source = source_of(tree)
    return f"{what}, dreamt from {source}" if source else what


def _collage(tree: Mapping[str, Any], pieces: int) -> str:
    said = tree.get("collage")
    said = said if isinstance(said, Mapping) else {}
    what = f"A collage of {pieces} pictures" if pieces > 1 else "A collage"
    layout, words = said.get("layout"), None
    if isinstance(layout, Mapping):
        layout, words = next(iter(layout.items()), (None, None))
    if isinstance(layout, str):
        what += f", laid as {layout}"
    target = words.get("target") if isinstance(words, Mapping) else None
    if isinstance(target, str):
        what += f" that shows {PurePath(target).name}"
    about = said.get("class")
    return f"{what}, of what is most {about}" if isinstance(about, str) else what
