"""What an atlas shows: its plates, each pictures of one kind that go onto a sheet of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dreamer.engine.facts import network_facts
from dreamer.errors import UsageError
from dreamer.networks.blocks import blocks
from dreamer.networks.cards import Card
from dreamer.recipe.facts import find_class, find_layer

WAYS = ("pixels", "fourier")  # in which classes are shown: by each parameterisation
SOME = 16  # channels of a layer, where nobody says which
_SPAN = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True)
class Plate:
    """Pictures `numbers`, made in one way: classes, channels of `layer`, or layers by their place
    in the card's table.

    `name` is that of the plate's sheet and of the folder its pictures lie in.
    """

    name: str
    kind: Literal["classes", "channels", "layers"]
    way: str = "pixels"
    layer: str = ""
    before: bool = False
    numbers: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """What a person calls it."""
        if self.kind == "channels":
            return f"{self.layer}:pre" if self.before else self.layer
        return f"classes, by {self.way}" if self.kind == "classes" else "layers as a whole"

    def caption(self, card: Card, number: int) -> str:
        """What a person calls picture `number`."""
        if self.kind == "classes":
            return card.classes[number]
        return card.layers[number].name if self.kind == "layers" else str(number)

    def count(self, card: Card) -> int:
        """How many pictures it could have."""
        if self.kind == "classes":
            return len(card.classes)
        return len(card.layers) if self.kind == "layers" else card.layer(self.layer).channels


def all_plates(card: Card) -> Iterator[Plate]:
    """Every plate there could be of `card`, empty, in order of depth."""
    yield from (Plate(f"classes-{way}", "classes", way) for way in WAYS)
    yield Plate("layers", "layers")
    for depth, row in enumerate(card.layers):
        if row.name != "logits":
            for before in (True, False):
                # A layer's name may be any text; its place makes the folder's name its own.
                word = re.sub(r"[^A-Za-z0-9._-]", "_", row.name) + ("-pre" if before else "")
                yield Plate(f"{depth:03d}-{word}", "channels", "pixels", row.name, before)


def asked_plates(
    card: Card, layers: Sequence[str] = (), channels: str = "", classes: str = ""
) -> list[Plate]:
    """The plates that a command asks for.

    Args:
        card: of the network.
        layers: names, forgivingly, `:pre` for what goes into a layer's activation; none of them:
            every block, and besides the classes, unless those are named, and the blocks as a whole.
        channels: `0-15,40` or `all`; some of each layer where nothing is said.
        classes: `all`, `none`, or names and numbers, with commas between; named alone, nothing
            else is shown.

    Raises:
        UsageError: a layer, channel or class that the network has not, and which option named it.
    """
    known = blocks(card)
    points = [_point(card, word) for word in layers]
    alone = bool(classes and classes != "none" and not layers and not channels)
    if not points and not alone:
        points = [(row.name, False) for row in known]
    wanted = _classes(card, classes, bool(layers))
    found = []
    for plate in all_plates(card):
        if plate.kind == "classes" and wanted:
            found.append(replace(plate, numbers=wanted))
        elif plate.kind == "layers" and not layers and not alone:
            depth = {row.name: k for k, row in enumerate(card.layers)}
            found.append(replace(plate, numbers=tuple(depth[row.name] for row in known)))
        elif plate.kind == "channels" and (plate.layer, plate.before) in points:
            found.append(replace(plate, numbers=_channels(plate, card, channels)))
    return found


def _point(card: Card, word: str) -> tuple[str, bool]:
    try:
        return find_layer(network_facts(card), word)
    except ValueError as error:
        raise UsageError(f"--layer {word}: {error}") from error


def _channels(plate: Plate, card: Card, words: str) -> tuple[int, ...]:
    count = plate.count(card)
    if not words:
        some = min(SOME, count)
        return tuple(k * count // some for k in range(some))
    if words.strip() == "all":
        return tuple(range(count))
    numbers: set[int] = set()
    for word in words.split(","):
        span = _SPAN.fullmatch(word.strip())
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
        if first > last:
            raise UsageError(f"--channels {words}: expected numbers and ranges like 0-15,40 or all")
        if last >= count:
            raise UsageError(
                f"--channels {words}: {plate.title} has {count} channels, 0 to {count - 1}, and no "
                f"{max(first, count)}"
            )
        numbers |= set(range(first, last + 1))
    return tuple(sorted(numbers))


def _classes(card: Card, words: str, layers: bool) -> tuple[int, ...]:
    if words == "none" or (not words and (layers or not card.classes)):
        return ()
    if words in ("", "all") and card.classes:
        return tuple(range(len(card.classes)))
    facts = network_facts(card)
    # A name may have commas of its own: "tench, Tinca tinca" is one class.
    listed = [words] if words in card.classes else [word.strip() for word in words.split(",")]
    try:
        found = {find_class(facts, int(w) if w.isascii() and w.isdigit() else w) for w in listed}
    except ValueError as error:
        raise UsageError(f"--classes {words}: {error}") from error
    return tuple(sorted(found))
