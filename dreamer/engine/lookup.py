"""From what a recipe or a command calls a network to its card: a name of the catalogue, a card's
file, or a weight file of which nothing is said.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dreamer.errors import NetworkError
from dreamer.networks.cards import (
    Card,
    Weights,
    card_at,
    catalogue_card,
    labelled_with,
)
from dreamer.networks.label_sets import named
from dreamer.networks.labels import Labels, read_labels
from dreamer.networks.locate import missing
from dreamer.networks.own_cards import LEARNT_HERE, PATTERNS, own_card
from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.targets import WEIGHTS_ENDINGS

RANDOM = ":random"
UNNAMED = (PATTERNS, "torchvision:")  # architectures that are made when they are asked for


def ref_of(word: str) -> NetworkRef:
    """The network that a word on the command line names: a file, one of the catalogue, or
    `ARCHITECTURE:random`, which has learnt nothing.
    """
    if word.endswith(RANDOM):
        return NetworkRef(architecture=word.removesuffix(RANDOM), weights="random")
    if word.lower().endswith(WEIGHTS_ENDINGS):
        return NetworkRef(weights=word)
    return NetworkRef(name=word)


def card_of(ref: NetworkRef) -> Card:
    """The card of the network a recipe names.

    Raises:
        NetworkError: none such, or weights or labels that are not there.
    """
    if ref.name is not None:
        return _whole(_of_catalogue(ref.name))
    assert ref.weights is not None
    labels = None if ref.labels is None else named(read_labels(Path(ref.labels)))
    if ref.weights == "random":
        assert ref.architecture is not None
        weights = Weights("random", seed=ref.seed)
        return _whole(own_card(ref.architecture, weights, labels))
    path = Path(ref.weights)
    if not path.is_file():
        raise NetworkError(f"no weights at {ref.weights}")
    if ref.architecture is not None:
        weights = Weights("file", ref.weights)
        return _whole(own_card(ref.architecture, weights, labels))
    card = _of_file(path, labels)
    if labels and len(labels.names) != len(card.classes):
        raise NetworkError(
            f"{path} tells {len(card.classes)} classes apart; {ref.labels} names "
            f"{len(labels.names)}"
        )
    return _whole(labelled_with(card, labels) if labels else card)


def described(word: str) -> Card:
    """The card of the network that `word` names, whether or not its weights are here.

    Raises:
        NetworkError: none such.
    """
    ref = ref_of(word)
    if ref.architecture is not None:
        return card_of(ref)
    return _of_catalogue(word) if ref.weights is None else _of_file(Path(ref.weights))


def _of_catalogue(name: str) -> Card:
    if name in LEARNT_HERE or name.startswith(UNNAMED):
        raise NetworkError(
            f"'{name}' is an architecture, and no network of the catalogue: train one (`dreamer "
            f"train`), name a file of weights, or say {name}{RANDOM}, which has learnt nothing"
        )
    return catalogue_card(name)


def _of_file(path: Path, labels: Labels | None = None) -> Card:
    """The card of a file: the card that it is, that lies beside it, or that its tensors tell."""
    if not path.is_file():
        raise NetworkError(f"no file {path}")
    card = described_by(path)
    if card is None:
        stamp = path.stat()
        card = _identified(path, stamp.st_mtime_ns, stamp.st_size, labels)
    return card


def _whole(card: Card) -> Card:
    """`card`, if its weights are here and its labels are what they should be."""
    if card.mislabelled:
        raise NetworkError(f"{card.name}: {card.mislabelled}")
    if why := missing(card):
        raise NetworkError(f"{card.name}: {why}")
    return card


def described_by(path: Path) -> Card | None:
    """What a card says of the weights at `path`: `path` itself, or the card beside them.

    Raises:
        NetworkError: a card that is damaged.
    """
    if path.suffix == ".json":
        return card_at(path)
    words = path.with_suffix(".json")
    try:
        beside = card_at(words)
    except NetworkError:
        if _is_meant(words):
            raise  # without it the network would dream in another range than its card says
        return None  # none, or something else of that name
    return beside if beside.weights.file == str(path) else None


def _is_meant(path: Path) -> bool:
    """Whether a file that is no card was one before somebody edited it."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return all(f'"{key}"' in text for key in ("architecture", "weights", "layers"))


@cache
def _identified(path: Path, modified: int, size: int, labels: Labels | None) -> Card:
    """What a file is that nothing says: read whole, which takes torch, and only when it changed."""
    from dreamer.networks.identified import identified

    return identified(path, labels)[0]
