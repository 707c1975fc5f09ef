"""What dreamer must know of a network before it touches it: a card, read as data, without torch.

A card says what the network wants (range, mean, order, size), its layers and their cost, its
labels, where its weights are and whose they are. Recipes are checked against cards alone.
"""

from __future__ import annotations

import ast
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dreamer.errors import NetworkError, did_you_mean

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Layer:
    """A layer's name, its channels, pixels of the picture per step of its grid, and what it
    costs to reach.

    `macs` are multiply-adds for each pixel of the picture, from the picture up to and with this
    layer.
    """

    name: str
    channels: int
    stride: int
    macs: float


@dataclass(frozen=True)
class Weights:
    """Where weights come from: a file in the package, a file of the user's, dreamer's own cache,
    torchvision's cache, chance, or a module in memory (`Card.module`).

    `sha1` is what a publisher gave who gave no SHA-256.
    """

    kind: Literal["package", "file", "cache", "torchvision", "random", "module"]
    file: str = ""
    sha256: str = ""
    seed: int = 0
    sha1: str = ""


@dataclass(frozen=True)
class Source:
    """A place that has weights, and what is known of its file.

    Hashes are hexadecimal; of `sha256` the beginning is enough, which is all that some publishers
    put into a file's name. `size` is in bytes. `member` is the file's path in the archive that lies
    there, where one does; hashes and size are the archive's then.
    """

    url: str
    sha256: str = ""
    sha1: str = ""
    md5: str = ""
    size: int = 0
    member: str = ""


@dataclass(frozen=True)
class Card:
    """One network. Pictures in [0, 1] become `(x · scale − mean) / std`, channels in `order`.

    `groups` says of each class what kind of thing it is; `measured` what the network is known to
    reach, and how it was trained. `crops` says that one place of `logits` sees a whole picture of
    the native size. `places` have the weights, the authors' own first; a later one's file may hold
    the same numbers in another format. `module` is the torch module itself where weights are of
    that kind.
    """

    name: str
    title: str
    architecture: str
    weights: Weights
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    native: int
    smallest: int
    layers: tuple[Layer, ...]
    classes: tuple[str, ...]
    scale: float = 1.0
    order: Literal["RGB", "BGR"] = "RGB"
    fit: Literal["squash", "centre"] = "squash"
    resize: int = 256
    aliases: tuple[tuple[str, str], ...] = ()
    default_layer: str = "inception_4c"
    fetching: str = "name a file of them with network: {architecture: …, weights: FILE}"
    licence: str = ""
    sources: str = ""
    notes: str = ""
    groups: tuple[str, ...] = ()
    measured: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    crops: bool = False
    places: tuple[Source, ...] = ()
    module: Any = field(default=None, hash=False, compare=False, repr=False)

    def layer(self, name: str) -> Layer:
        """The row of the layer called exactly `name`."""
        for row in self.layers:
            if row.name == name:
                return row
        near = did_you_mean(name, [row.name for row in self.layers])
        raise NetworkError(f"{self.name} has no layer '{name}'{near}")


@cache
def imagenet_classes() -> tuple[str, ...]:
    """The thousand ImageNet class names, in order, as torchvision publishes them.

    Read as data from its source where that works, since importing torchvision takes seconds.
    """
    found = importlib.util.find_spec("torchvision")
    if found is not None and found.origin:
        meta = Path(found.origin).parent / "models" / "_meta.py"
        if meta.is_file():
            for node in ast.parse(meta.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
                    names = ast.literal_eval(node.value)
                    if len(names) == 1000:
                        return tuple(names)
    from torchvision.models import GoogLeNet_Weights

    return tuple(GoogLeNet_Weights.IMAGENET1K_V1.meta["categories"])


def numbered(count: int) -> tuple[str, ...]:
    """Names for classes that nobody has named: `class 17`."""
    return tuple(f"class {number}" for number in range(count))


def _classes(words: list[str] | str | int) -> tuple[str, ...]:
    if isinstance(words, int):
        return numbered(words)
    return imagenet_classes() if words == "imagenet" else tuple(words)


def _read(path: Path) -> Card:
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    raw["layers"] = tuple(Layer(*row) for row in raw["layers"])
    raw["classes"] = _classes(raw["classes"])
    raw["weights"] = Weights(**raw["weights"])
    raw["aliases"] = tuple(raw.get("aliases", {}).items())
    raw["groups"] = tuple(raw.get("groups", ()))
    raw["places"] = tuple(Source(**place) for place in raw.get("places", ()))
    raw["mean"], raw["std"] = tuple(raw["mean"]), tuple(raw["std"])
    return Card(**raw)


def card_names() -> tuple[str, ...]:
    """Names in the catalogue, `house` first."""
    names = sorted(path.stem for path in (HERE / "cards").glob("*.json"))
    return tuple(sorted(names, key=lambda name: name != "house"))


@cache
def catalogue_card(name: str) -> Card:
    """The card of a network in the catalogue; its name may be abbreviated without ambiguity.

    Raises:
        NetworkError: no such network, or several that the abbreviation could mean.
    """
    names = card_names()
    folded = name.lower().replace("_", "-")
    matches = [n for n in names if n == folded] or [n for n in names if n.startswith(folded)]
    if len(matches) == 1:
        return _read(HERE / "cards" / f"{matches[0]}.json")
    if matches:
        raise NetworkError(f"'{name}' could be {' or '.join(matches)}")
    near = did_you_mean(name, names)
    raise NetworkError(f"no network '{name}' in the catalogue ({', '.join(names)}){near}")


def card_at(path: Path) -> Card:
    """The card that a training wrote at `path`, with the weights that lie beside it.

    Raises:
        NetworkError: no file, or not a card.
    """
    try:
        card = _read(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NetworkError(f"{path} is no network's card: {error}") from error
    beside = path.parent / card.weights.file
    return replace(card, weights=replace(card.weights, kind="file", file=str(beside)))


def _is_typical(card: Card) -> bool:
    """Whether a card speaks for its architecture. For one of torchvision's that is the card of
    torchvision's weights: others' may want another range, and have other classes.
    """
    return card.weights.kind == "torchvision" or not card.architecture.startswith("torchvision:")


def own_card(
    architecture: str,
    weights: Weights,
    classes: tuple[str, ...] | None = None,
) -> Card:
    """The card of a network of the user's own: the catalogue's card of that architecture, with
    other weights, and nothing said of whose they are.

    Raises:
        NetworkError: an architecture no card describes.
    """
    cards = [catalogue_card(n) for n in card_names()]
    for card in cards:
        if architecture == card.name or (architecture == card.architecture and _is_typical(card)):
            chance = weights.kind == "random"
            return replace(
                card,
                name=f"{card.name}:random" if chance else Path(weights.file).stem,
                title=f"{card.architecture} with {'random weights' if chance else 'other weights'}",
                weights=weights,
                classes=classes or card.classes,
                places=(),
                licence="",
                sources="",
                notes="",
            )
    if architecture.startswith("torchvision:"):
        from dreamer.networks.modules import torchvision_card  # torch, for the layers' table

        return replace(
            torchvision_card(architecture), weights=weights, classes=classes or imagenet_classes()
        )
    known = [c.name for c in cards]
    near = did_you_mean(architecture, known)
    raise NetworkError(f"no architecture '{architecture}' ({', '.join(known)}){near}")
