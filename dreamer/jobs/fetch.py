"""`networks fetch`: the weights of a catalogue network, from where its authors put them."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from dreamer.engine.importing import Imported, import_as
from dreamer.errors import NetworkError, UsageError
from dreamer.networks.cards import Card, catalogue_card, known_cards
from dreamer.networks.download import download
from dreamer.networks.home import home
from dreamer.networks.label_sets import keep_labels, kept_at
from dreamer.networks.labels import MOST_BYTES
from dreamer.networks.locate import sha256_of, weights_path

LABELS = {  # where sets of labels are published
    "places365": "https://raw.githubusercontent.com/CSAILVision/places365/master/"
    "categories_places365.txt"
}
PATIENCE = 30  # seconds for an answer
log = logging.getLogger("dreamer")


def fetch(name: str) -> Imported:
    """Bring the weights of the catalogue's network `name` here, and the names of its classes.

    What others' programs keep in a folder of their own (torchvision) is put there, as they would;
    other files become a network in dreamer's own folder, as `import_file` makes them.

    Raises:
        NetworkError: no such network, or none of the places has it.
        UsageError: a network that nobody publishes.
    """
    kept = catalogue_card(name)  # of a network that was imported, that of the import
    if _is_right(kept):
        where = weights_path(kept)
        assert where is not None
        return Imported(kept.name, where, f"{kept.name} is here", _then(kept))
    card = next((card for card in known_cards() if card.name == kept.name), kept)
    if not card.places:
        raise UsageError(f"nobody publishes {card.name}: `dreamer networks import FILE` takes one")
    path = weights_path(card)
    if card.weights.kind == "torchvision" and path is not None:
        made = download(card.places, path, log.info)
        return Imported(card.name, made, f"{card.name} is here now", _then(card))
    on_its_way = home() / "downloads" / Path(card.weights.file).name
    made = download(card.places, on_its_way, log.info)
    # What a person wrote into the card of an import that lost its weights is kept.
    found = import_as(made, replace(kept, notes=card.notes))
    on_its_way.unlink(missing_ok=True)
    _fetch_labels(card)
    return found


def _is_right(card: Card) -> bool:
    """Whether the weights of `card` are here, and what they should be."""
    path = weights_path(card)
    if path is None or not path.is_file() or card.weights.kind == "cache":
        return False
    return sha256_of(path).startswith(card.weights.sha256)


def _then(card: Card) -> str:
    return f"dream with it: network: {card.name}"


def _fetch_labels(card: Card) -> None:
    """The names of its classes too, where somebody publishes them; a network works without."""
    key = card.label_set
    if key not in LABELS or kept_at(key).exists():
        return
    with tempfile.TemporaryDirectory(prefix="dreamer-") as folder:
        file = Path(folder, "labels.txt")
        try:
            with urlopen(LABELS[key], timeout=PATIENCE) as answer:
                file.write_bytes(answer.read(MOST_BYTES))
            keep_labels(file)
        except (OSError, HTTPException, NetworkError) as error:
            log.info("its classes are numbered: %s: %s", LABELS[key], error)
