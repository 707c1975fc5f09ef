"""`networks fetch`: the weights of a catalogue network, from where its authors put them."""

from __future__ import annotations

import logging
import tempfile
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from dreamer.engine.importing import Imported, import_as
from dreamer.errors import NetworkError, UsageError
from dreamer.networks.cards import Card, catalogue_card
from dreamer.networks.download import download
from dreamer.networks.home import home
from dreamer.networks.label_sets import keep_labels, kept_at
from dreamer.networks.labels import MOST_BYTES
from dreamer.networks.locate import is_here, weights_path

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
    card = catalogue_card(name)
    path = weights_path(card)
    if path is not None and is_here(card):
        return Imported(card.name, path, f"{card.name} is here", _then(card))
    if not card.places or path is None:
        raise UsageError(f"nobody publishes {card.name}: `dreamer networks import FILE` takes one")
    if card.weights.kind == "torchvision":
        made = download(card.places, path, log.info)
        return Imported(card.name, made, f"{card.name} is here now", _then(card))
    kept = home() / "downloads" / card.weights.file
    made = download(card.places, kept, log.info)
    found = import_as(made, card)
    kept.unlink()
    _fetch_labels(card)
    return found


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
