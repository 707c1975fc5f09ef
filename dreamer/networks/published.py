"""Whether a file is one that others published: known by its hash, or, where its authors gave none,
believed by what it is called.
"""

from __future__ import annotations

from pathlib import Path

from dreamer.networks.cards import Card, known_cards
from dreamer.networks.locate import digest_of

KINDS = ("sha256", "sha1", "md5")


def hashes(card: Card, file: str = "") -> dict[str, set[str]]:
    """The hashes that are known of the files of `card`, by kind, or of the one called `file`; of
    SHA-256 the beginning may be all there is. What an archive's hash says of what is in it is
    nothing.
    """
    places = [p for p in card.places if not p.member and p.url.endswith(f"/{file}" if file else "")]
    sources = [*places, *([card.weights] if file in ("", card.weights.file) else [])]
    found = {kind: {getattr(source, kind, "") for source in sources} - {""} for kind in KINDS}
    return {kind: values for kind, values in found.items() if values}


def published(path: Path, architecture: str = "") -> Card | None:
    """The catalogue's card of the very file at `path`, whatever it is called; None if no hash is
    its. Of several networks that are made of one file it is that of `architecture`, or the first.
    """
    mine: dict[str, str] = {}
    for card in known_cards():
        if architecture not in ("", card.architecture):
            continue
        for kind, wanted in hashes(card).items():
            if kind not in mine:
                mine[kind] = digest_of(path, kind)
            if card.weights.kind != "package" and mine[kind].startswith(tuple(wanted)):
                return card
    return None


def believed(card: Card, name: str, file: str) -> Card | None:
    """The catalogue's card that `card` may be by what a person calls it, `name` or its file's name:
    of the same architecture and classes, by authors who published no hash that would tell.
    """
    for other in known_cards():
        same = (other.architecture, len(other.classes)) == (card.architecture, len(card.classes))
        if name != other.name and file != other.weights.file:
            continue
        if same and not hashes(other, other.weights.file):
            return other
    return None
