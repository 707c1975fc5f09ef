"""The card of a weight file that says of itself only what is in it: which network it is, how many
classes it tells apart, and what it wants of a picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card, Weights, known_cards, labelled, labelled_with
from dreamer.networks.formats.identify import identify
from dreamer.networks.formats.read import Contents, read_weights
from dreamer.networks.label_sets import COUNTS, numbered
from dreamer.networks.labels import Labels, plain_names
from dreamer.networks.own_cards import SHARED, own_card, shared, unclaimed
from dreamer.networks.unfilled import Unfilled

SAME = {"torchvision:googlenet": "torchvision-googlenet"}  # what a file is → what builds it
# Where checkpoints keep the names of their classes.
NAMES = ("classes", "class_names", "class_to_idx", "labels", "categories")


def identified(
    path: Path, labels: Labels | None = None, architecture: str = ""
) -> tuple[Card, Contents]:
    """The card of the file at `path`, and what is in it.

    What it wants of a picture is what the catalogue's network of its architecture and its number
    of classes wants, unless the file says otherwise.

    Args:
        path: a weight file.
        labels: of its classes; the file's own names, those of a set of that many classes, or
            numbers unless given.
        architecture: what builds it, where the file does not tell.

    Raises:
        NetworkError: a file that is none, of no architecture known here, or of another number of
            classes than `labels`.
    """
    contents = read_weights(path)
    if architecture:
        classes = _classes_of(architecture, contents)
    else:
        layers = contents.metadata.get("layers", ())
        found = identify(contents.tensors, layers, path, contents.convention)
        architecture, classes = SAME.get(found.architecture, found.architecture), found.classes
    if labels and len(labels.names) != classes:
        raise NetworkError(
            f"{path} tells {classes} classes apart, and {len(labels.names)} labels were given"
        )
    weights = Weights("file", str(path), contents.sha256)
    base = _nearest(architecture, classes)
    words: dict[str, Any] = {
        "name": path.stem,
        "title": f"{architecture}, {classes or 'no'} classes, from {path.name}",
        "weights": weights,
        "fetching": f"import it again: `dreamer networks import {path.name}`",
        **_range(contents.metadata),
    }
    card = replace(unclaimed(base), **words)
    own = labels or _own_names(contents.metadata, classes, path)
    card = labelled_with(card, own) if own else _labelled_as_a_set(card, classes)
    if not classes:
        card = replace(card, layers=tuple(row for row in card.layers if row.name != "logits"))
    return card, contents


def _classes_of(architecture: str, contents: Contents) -> int:
    """How many classes the head of a file has that is said to be of `architecture`."""
    row = ARCHITECTURES[architecture]
    state = contents.tensors
    if row.from_caffe_names is not None:
        state = row.from_caffe_names(contents.tensors)
    head = state.get(f"{row.head}.weight")
    return 0 if head is None else head.shape[0]


def _labelled_as_a_set(card: Card, classes: int) -> Card:
    """`card` with the names of the set of that many classes, ImageNet's or Places', where others
    trained it; numbers otherwise: another network's names would be wrong ones.
    """
    keys = [key for key, count in COUNTS.items() if count == classes]
    if not keys or ARCHITECTURES[card.architecture].trainable is not None:
        return labelled_with(card, Labels(numbered(classes)))
    words = labelled(keys[0])
    return replace(card, parameters=0 if len(card.classes) != classes else card.parameters, **words)


def _nearest(architecture: str, classes: int) -> Card:
    """The catalogue's card of `architecture`, that of as many classes if there is one."""
    described = SHARED.get(architecture, architecture)
    cards = [card for card in known_cards() if card.architecture == described]
    same = [c for c in cards if len(c.classes) == classes]
    nearest = (same or cards or [own_card(described, Weights("random"))])[0]
    return shared(nearest, architecture)


def _own_names(metadata: Mapping[str, Any], classes: int, file: Path) -> Labels | None:
    """Class names that a checkpoint carries.

    Raises:
        NetworkError: names that no file of labels may have either.
    """
    for key in NAMES:
        found: Any = metadata.get(key)
        if isinstance(found, dict) and all(isinstance(v, int) for v in found.values()):
            found = sorted(found, key=found.__getitem__)  # ImageFolder's class_to_idx
        if (
            isinstance(found, (list, tuple))
            and len(found) == classes
            and all(isinstance(name, str) and name.strip() for name in found)
        ):
            return Labels(plain_names(found, f"{file}: its '{key}' (give it labels of yours)"))
    return None


def _range(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The range that dream-creator's `normalize_params` say: mean and deviation. Means beyond 1
    are Caffe's, BGR of 0–255; others are of RGB in 0–1. The order that may come third is no guide:
    'BGR' is written for both, and older files have none.
    """
    found = metadata.get("normalize_params")
    if not isinstance(found, (list, tuple)) or len(found) < 2:
        return {}
    mean, std = found[:2]
    if not (_triple(mean) and _triple(std) and all(std)):
        return {}
    caffes = max(mean) > 1
    return {
        "mean": tuple(map(float, mean)),
        "std": tuple(map(float, std)),
        "order": "BGR" if caffes else "RGB",
        "scale": 255.0 if caffes else 1.0,
    }


def _triple(values: Any) -> bool:
    return (
        isinstance(values, (list, tuple))
        and len(values) == 3
        and all(isinstance(v, (int, float)) and math.isfinite(v) for v in values)
    )


def shipped(card: Card, contents: Contents) -> dict[str, Tensor]:
    """The tensors of `contents` that the network of `card` needs, to be kept as safetensors: by
    the names they have in `contents`, which are canonical.

    Raises:
        NetworkError: none of them.
    """
    row = ARCHITECTURES[card.architecture]
    with Unfilled():
        wanted = row.build(max(1, len(card.classes))).state_dict()
    kept = {}
    for name, tensor in contents.tensors.items():
        renamed = (
            {name} if row.from_caffe_names is None else row.from_caffe_names({name: tensor}).keys()
        )
        if wanted.keys() & renamed or name.startswith("std."):
            kept[name] = tensor.contiguous()
    if not kept:
        raise NetworkError(f"{card.weights.file} holds nothing that {card.architecture} needs")
    return kept
