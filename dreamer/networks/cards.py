"""What dreamer must know of a network before it touches it: a card, read as data, without torch.

A card says what the network wants (range, mean, order, size), its layers and their cost, its
labels, where its weights are and whose they are. Recipes are checked against cards alone.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.card_words import once, wrong_card
from dreamer.networks.home import networks_folder
from dreamer.networks.label_sets import COUNTS, bare_set, kept_files, label_set, numbered
from dreamer.networks.labels import Labels

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

    `synsets` are the classes' wordnet ids, where they are known; `label_set` is the set of labels
    they are of, and `mislabelled` what is wrong with the file of it that a person kept.

    `groups` says of each class what kind of thing it is; `measured` what the network is known to
    reach, and how it was trained. `crops` says that one place of `logits` sees a whole picture of
    the native size. `parameters` is how many weights and biases it has, 0 where nobody counted.
    `places` have the weights, the authors' own first; a later one's file may hold the same numbers
    in another format. `module` is the torch module itself where weights are of that kind.
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
    synsets: tuple[str, ...] = ()
    mislabelled: str = ""
    label_set: str = ""
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
    parameters: int = 0
    places: tuple[Source, ...] = ()
    module: Any = field(default=None, hash=False, compare=False, repr=False)

    def layer(self, name: str) -> Layer:
        """The row of the layer called exactly `name`."""
        for row in self.layers:
            if row.name == name:
                return row
        near = did_you_mean(name, [row.name for row in self.layers])
        raise NetworkError(f"{self.name} has no layer '{name}'{near}")


def labelled(words: list[str] | str | int) -> dict[str, Any]:
    """What a card's JSON says of its classes (names, how many, or a set's key), as words of a
    `Card`.

    A bad file that a person kept must not take the network's card away from those who only list
    it: it stands on the card as the reason not to use it.
    """
    if not isinstance(words, str):
        return {"classes": numbered(words) if isinstance(words, int) else tuple(words)}
    if words not in COUNTS:
        raise ValueError(f"no set of labels '{words}' ({', '.join(COUNTS)})")
    try:
        found, wrong = label_set(words), ""
    except NetworkError as error:
        found, wrong = bare_set(words), str(error)
    return {
        "classes": found.names,
        "synsets": found.synsets,
        "mislabelled": wrong,
        "label_set": words,
    }


def _read(path: Path) -> Card:
    """The card in the file at `path`.

    Raises:
        NetworkError: no file, or what of it is not as a card's words should be.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
        wrong = wrong_card(raw)
    except (OSError, ValueError, RecursionError) as error:
        wrong = [str(error)]
    if wrong:
        raise NetworkError(f"{path} is no network's card: {'; '.join(wrong)}")
    raw["layers"] = tuple(Layer(*row) for row in raw["layers"])
    raw["synsets"] = tuple(raw.get("synsets", ()))
    raw |= labelled(raw["classes"])
    raw["weights"] = Weights(**raw["weights"])
    raw["aliases"] = tuple(raw.get("aliases", {}).items())
    raw["groups"] = tuple(raw.get("groups", ()))
    raw["places"] = tuple(Source(**place) for place in raw.get("places", ()))
    raw["mean"], raw["std"] = tuple(raw["mean"]), tuple(raw["std"])
    return Card(**raw)


def _files() -> dict[str, Path]:
    """The catalogue's cards by name: those that come with dreamer, and those of networks that were
    imported, which come before what dreamer knows of the same networks.
    """
    folders = (HERE / "cards", networks_folder())
    paths = (path for folder in folders for path in sorted(folder.glob("*.json")))
    return {path.stem: path for path in paths if not path.name.startswith(".")}  # macOS's ._x.json


def card_names() -> tuple[str, ...]:
    """Names in the catalogue, `house` first."""
    return tuple(sorted(_files(), key=lambda name: (name != "house", name)))


def known_cards() -> tuple[Card, ...]:
    """The cards that come with dreamer, whether or not their weights are here."""
    names = sorted(path.stem for path in (HERE / "cards").glob("*.json"))  # a part before the whole
    return tuple(_shipped(f"{name}.json", kept_files()) for name in names)


@cache
def _shipped(name: str, kept: Hashable) -> Card:
    """The card in the file `name`; `kept` tells when the labels that are kept have changed."""
    return _read(HERE / "cards" / name)


def catalogue_card(name: str) -> Card:
    """The card of a network in the catalogue; its name may be abbreviated without ambiguity.

    Raises:
        NetworkError: no such network, or several that the abbreviation could mean.
    """
    files = _files()
    folded = name.lower().replace("_", "-")
    matches = [n for n in files if n == folded] or [n for n in files if n.startswith(folded)]
    if len(matches) == 1:
        path = files[matches[0]]
        return _shipped(path.name, kept_files()) if path.parent == HERE / "cards" else card_at(path)
    if matches:
        raise NetworkError(f"'{name}' could be {' or '.join(sorted(matches))}")
    near = did_you_mean(folded, files, most=3)
    raise NetworkError(
        f"no network '{name}' in the catalogue{near or ';'} `dreamer networks list` shows all"
    )


def card_at(path: Path) -> Card:
    """The card at `path`, with the weights that lie beside it: a card is often a stranger's, and
    names no file elsewhere.

    Raises:
        NetworkError: no file, or not a card.
    """
    card = _read(path)
    beside = path.parent / card.weights.file
    return replace(card, weights=replace(card.weights, kind="file", file=str(beside)))


def labelled_with(card: Card, labels: Labels) -> Card:
    """`card` with other names of its classes."""
    return replace(
        card,
        classes=labels.names,
        synsets=labels.synsets,
        label_set="",
        mislabelled="",
        parameters=card.parameters if len(labels.names) == len(card.classes) else 0,
    )
