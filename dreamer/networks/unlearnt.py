"""Cards of architectures that `dreamer train` learns, before anybody has: what they will want of a
picture, and what their layers are.
"""

from __future__ import annotations

from pathlib import Path

from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.cards import Card, Layer, Weights
from dreamer.networks.label_sets import numbered
from dreamer.networks.shapes import without_numbers
from dreamer.networks.table import card_rows, smallest_of
from dreamer.networks.trace import Traced
from dreamer.networks.unfilled import Unfilled

MEAN, STD = 0.45, 0.25  # the range that all networks learn with here
CLASSES = 10  # of one that has learnt nothing, and has no other number of them
HOUSES = "inception_4c"
HEADS = ("fc", "dense", "pool")
SHOWN = 0.8  # the middle of a picture that is classified, as while learning


def unlearnt_card(architecture: str, weights: Weights) -> Card:
    """The card of `architecture` with `weights`, and classes that are only numbered.

    Raises:
        NetworkError: no such architecture.
    """
    row = ARCHITECTURES[architecture]
    with Unfilled():
        module = row.build(CLASSES)
    traced = Traced(without_numbers(module), row)
    chance = weights.kind == "random"
    return Card(
        name=f"{architecture}:random" if chance else Path(weights.file).stem,
        title=f"{architecture} with {'random' if chance else 'other'} weights",
        architecture=architecture,
        weights=weights,
        mean=(MEAN,) * 3,
        std=(STD,) * 3,
        native=row.native,
        smallest=smallest_of(traced, row.native),
        layers=tuple(Layer(*words) for words in card_rows(traced, row.native)),  # type: ignore[arg-type]
        classes=numbered(CLASSES),
        fit="centre",
        resize=round(row.native / SHOWN),
        aliases=tuple(row.aliases.items()),
        default_layer=dreamt_layer(row),
        crops=traced.head is not None and traced.head.crops,
    )


def dreamt_layer(row: Architecture) -> str:
    """The layer that a dream is of where a recipe names none: house's in its middle; of a network
    made for its classes alone the last one before its head that is more than a pooling.
    """
    if HOUSES in row.names:
        return HOUSES
    return [name for name in row.names if not name.startswith(HEADS)][-1]
