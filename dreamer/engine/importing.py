"""A weight file of whatever origin becomes a network of the catalogue: kept as safetensors with its
card in dreamer's own folder.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch

from dreamer.engine.lookup import described_by
from dreamer.errors import NetworkError, UsageError
from dreamer.media.durable import write_bytes, write_text
from dreamer.media.locks import taken
from dreamer.networks.cards import Card, Weights, known_cards, labelled_with
from dreamer.networks.formats.archives import is_archive, unpacked
from dreamer.networks.formats.read import Contents
from dreamer.networks.home import networks_folder
from dreamer.networks.identified import identified, shipped
from dreamer.networks.label_sets import named, numbered
from dreamer.networks.labels import read_labels
from dreamer.networks.published import believed, published
from dreamer.networks.weights import contents_of, load_module
from dreamer.networks.written import as_text, words_of
from dreamer.recipe.targets import WEIGHTS_ENDINGS

# Networks that take more of a file than what it is known by.
TAKING_MORE = {"bvlc-googlenet-auxiliary": "bvlc-googlenet"}


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


def import_weights(
    path: Path,
    name: str = "",
    labels: Path | None = None,
    architecture: str = "",
    force: bool = False,
) -> Imported:
    """Make a network of the catalogue of a weight file, or of an archive that holds one.

    Args:
        path: any file that `formats.read` reads, alone or with its card beside it, the card, or a
            tar or zip archive with a file inside.
        name: what to call it; as the catalogue or the file does unless given.
        labels: names of its classes.
        architecture: what builds it, where the file does not tell.
        force: put it in the place of what is kept under that name.

    Raises:
        NetworkError: a file that is none of these, with what it is.
        UsageError: another network has that name.
    """
    given = None if labels is None else named(read_labels(labels))
    described = None if architecture else described_by(path)
    if described is not None:
        contents = contents_of(described)
        if contents is None:
            raise NetworkError(f"{path} names no weights")
        if given is not None:
            described = labelled_with(described, given)
        wanted = _free(name or described.name, None)
        return _kept(replace(described, name=wanted), contents, path, force)
    with tempfile.TemporaryDirectory(prefix="dreamer-") as folder:
        weights, texts = unpacked(path, Path(folder)) if is_archive(path) else (path, [])
        card, contents = identified(weights, given, architecture)
        known = published(weights, architecture) or believed(card, name, weights.name)
        if known is not None:
            card = replace(known, weights=card.weights)
            card = labelled_with(card, given) if given else card
        if given is None:
            card = _labelled_by(texts, card)
        wanted = _free(name or (known.name if known else weights.name.partition(".")[0]), known)
        return _kept(replace(card, name=wanted), contents, path, force)


def import_as(path: Path, card: Card) -> Imported:
    """Make the catalogue's network `card` of the file at `path`, which was fetched for it.

    Raises:
        NetworkError: a file that is another network.
    """
    with tempfile.TemporaryDirectory(prefix="dreamer-") as folder:
        weights, texts = unpacked(path, Path(folder)) if is_archive(path) else (path, [])
        found, contents = identified(weights)
        what = (found.architecture, len(found.classes))
        known = TAKING_MORE.get(card.architecture, card.architecture)
        if what != (known, len(card.classes)):
            raise NetworkError(
                f"{path} is {what[0]} with {what[1]} classes, expected {card.architecture} with "
                f"{len(card.classes)}"
            )
        mine = _labelled_by(texts, replace(card, weights=found.weights))
        return _kept(mine, contents, path, force=True)


def _labelled_by(texts: Sequence[Path], card: Card) -> Card:
    """`card` with the labels that came in the same archive, if there are any for its classes."""
    for text in texts:
        try:
            found = read_labels(text)
        except NetworkError:
            continue
        if found.places and len(found.names) == len(card.classes):
            return labelled_with(card, found)
    return card


def _kept(card: Card, contents: Contents, origin: Path, force: bool) -> Imported:
    """`card` and its weights in dreamer's own folder."""
    said = f"Imported from {origin.name}, SHA-256 {contents.sha256}."
    card = replace(card, notes=f"{card.notes} {said}".strip())
    load_module(card)  # whether it fits, before anything is written
    target = _written(card, contents, force)
    what = f"{card.name}: {card.architecture} with {len(card.classes) or 'no'} classes"
    if card.architecture == "caffenet" and "layers" not in contents.metadata:
        what += (
            "\nthe file does not tell CaffeNet, which pools before it normalises, from BVLC's "
            "AlexNet: --architecture bvlc-alexnet if it is that"
        )
    then = f"dream with it: network: {card.name}"
    if card.classes == numbered(len(card.classes)) and card.classes:
        then += "; its classes are numbered: import it with --labels FILE to give them names"
    return Imported(card.name, target, what, then)


def _free(name: str, known: Card | None) -> str:
    """`name` as the catalogue may have it.

    Raises:
        UsageError: nothing of it is left, or the catalogue has another network of that name.
    """
    plain = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    while plain.endswith(WEIGHTS_ENDINGS):  # such a word is a file where networks are named
        plain = plain.rpartition(".")[0]
    if not plain:
        raise UsageError(f"'{name}' is no name for a network: say --name with letters")
    taken = any(card.name == plain for card in known_cards())
    if taken and (known is None or known.name != plain):
        raise UsageError(
            f"'{plain}' is the catalogue's name of another file, by its hash or what is in it: "
            "say --name OTHER"
        )
    return plain


def _written(card: Card, contents: Contents, force: bool) -> Path:
    """Weights, card and labels of `card` in dreamer's own folder; the weights' path.

    Raises:
        UsageError: another network has that name there.
    """
    folder = networks_folder()
    weights, words = folder / f"{card.name}.safetensors", folder / f"{card.name}.json"
    data = safetensors.torch.save(shipped(card, contents), {"format": "pt"})
    sha256 = hashlib.sha256(data).hexdigest()
    text = as_text(words_of(replace(card, weights=Weights("file", weights.name, sha256))))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with taken(folder / f".{card.name}.lock"):
            if words.exists() and not force and words.read_text(encoding="utf-8") != text:
                raise UsageError(
                    f"there is a network '{card.name}' already, with other weights, labels or "
                    f"words ({words}): say --name OTHER, or --force to replace it"
                )
            write_bytes(weights, data)
            write_text(folder / f"{card.name}.txt", "\n".join(card.classes) + "\n")
            write_text(words, text)
    except BlockingIOError as error:
        raise UsageError(f"another process is importing '{card.name}'") from error
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from error
    return weights
