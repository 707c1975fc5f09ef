"""`networks import`: a weight file of whatever origin becomes a network of the catalogue, kept as
safetensors with its card in dreamer's own folder.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch

from dreamer.errors import NetworkError, UsageError
from dreamer.media.durable import write_bytes, write_text
from dreamer.networks.cards import Card, Weights, card_names, catalogue_card
from dreamer.networks.formats.archives import is_archive, unpacked
from dreamer.networks.formats.read import Contents
from dreamer.networks.home import networks_folder
from dreamer.networks.identified import identified, shipped
from dreamer.networks.labels import keep_labels, label_set_of, read_labels
from dreamer.networks.locate import sha256_of
from dreamer.networks.weights import load_module
from dreamer.networks.written import as_text, words_of


@dataclass(frozen=True)
class Imported:
    """What was made of a file: a network of this name, or a set of labels; and what to do next."""

    name: str
    file: Path
    what: str
    then: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "file": str(self.file), "what": self.what}

    def as_text(self) -> str:
        return f"{self.what}\n{self.file}\n{self.then}"


def import_file(
    path: Path, name: str = "", labels: Path | None = None, force: bool = False
) -> Imported:
    """Make a network of the catalogue of a weight file, or of an archive that holds one; a file of
    labels that is known (ImageNet's, Places') becomes the names of the networks' classes.

    Args:
        path: any file that `formats.read` reads, a tar or zip archive with one inside, or labels.
        name: what to call it; as the catalogue or the file does unless given.
        labels: names of its classes.
        force: put it in the place of another network of that name.

    Raises:
        NetworkError: a file that is none of these, with what it is.
        UsageError: another network has that name.
    """
    if not path.is_file():
        raise UsageError(f"no file {path}")
    if labels is None and not name and _are_known_labels(path):
        key = keep_labels(path)
        return Imported(key, path, f"the names of {key}'s classes", "its networks know them now")
    if not is_archive(path):
        return _imported(path, path, name, labels, force)
    with tempfile.TemporaryDirectory(prefix="dreamer-") as folder:
        return _imported(unpacked(path, Path(folder)), path, name, labels, force)


def _are_known_labels(path: Path) -> bool:
    if path.stat().st_size > 8 << 20:
        return False
    try:
        return label_set_of(read_labels(path)) is not None
    except NetworkError:
        return False


def _imported(path: Path, origin: Path, name: str, labels: Path | None, force: bool) -> Imported:
    classes = None if labels is None else read_labels(labels)
    card, contents = identified(path, None if classes is None else classes.names)
    known = _of_catalogue(path, contents, card)
    if known is not None:
        named = known.classes if classes is None else card.classes
        card = replace(known, classes=named, weights=card.weights)
    card = replace(
        card,
        name=_free(name or (known.name if known else path.stem)),
        synsets=classes.synsets if classes is not None else card.synsets,
        notes=_notes(card, origin, contents),
    )
    load_module(card)  # whether it fits, before anything is written
    target = _written(card, contents, force)
    what = f"{card.name}: {card.architecture} with {len(card.classes) or 'no'} classes"
    then = f"dream with it: network: {card.name}"
    if card.classes and card.classes[0] == "class 0":
        then += "; its classes are numbered: --labels FILE gives them names"
    return Imported(card.name, target, what, then)


def _of_catalogue(path: Path, contents: Contents, card: Card) -> Card | None:
    """The catalogue's card of this very file: known by its hash, or where its authors gave none by
    its name, architecture and number of classes together.
    """
    for other in map(catalogue_card, card_names()):
        known = other.weights
        if known.kind not in ("cache", "torchvision"):
            continue
        if known.sha256 and contents.sha256.startswith(known.sha256):
            return other
        same = (other.architecture, len(other.classes)) == (card.architecture, len(card.classes))
        if not known.sha256 and path.name == known.file and same:
            return other
    return None


def _free(name: str) -> str:
    """`name` as a catalogue may have it.

    Raises:
        UsageError: nothing of it is left, or it is that of a network that is shipped.
    """
    plain = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    if not plain:
        raise UsageError(f"'{name}' is no name for a network: say --name with letters")
    if plain in card_names() and catalogue_card(plain).weights.kind == "package":
        raise UsageError(f"'{plain}' is a network that comes with dreamer: say --name OTHER")
    return plain


def _notes(card: Card, origin: Path, contents: Contents) -> str:
    said = f"Imported from {origin.name}, SHA-256 {contents.sha256}."
    return f"{card.notes} {said}" if card.notes else said


def _written(card: Card, contents: Contents, force: bool) -> Path:
    """Weights, card and labels of `card` in dreamer's own folder; the weights' path.

    Raises:
        UsageError: another network has that name there.
    """
    folder = networks_folder()
    weights, words = folder / f"{card.name}.safetensors", folder / f"{card.name}.json"
    data = safetensors.torch.save(shipped(card, contents), {"format": "pt"})
    if weights.exists() and not force and weights.read_bytes() != data:
        raise UsageError(
            f"there is another network '{card.name}' ({weights}): say --name OTHER, or --force to "
            "replace it"
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(weights, data)
    kept = replace(card, weights=Weights("file", weights.name, sha256_of(weights)))
    write_text(folder / f"{card.name}.txt", "\n".join(card.classes) + "\n")
    write_text(words, as_text(words_of(kept)))
    return weights
