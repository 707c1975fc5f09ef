"""Which of a network's many layers stand for its depth, where nobody says which to show.

A network's table has every branch, normalisation and pooling. Shown to a person it is a dozen
blocks: what is inside a block goes with it, and what computes nothing of its own belongs to the
layer before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from dreamer.networks.cards import Card, Layer

FEWEST = 5  # a network whose outermost layers are fewer is looked into: VGG's are 'features'
LOGITS = "logits"
Thing = TypeVar("Thing")


def blocks(card: Card) -> tuple[Layer, ...]:
    """The layers of `card` that stand for its depth, first to last, without the class head."""
    rows = [row for row in card.layers if row.name != LOGITS]
    level = _outermost(rows)
    while len(_working(level, card)) < FEWEST:
        inside = [row for row in rows if any(_inside(row, block) for block in level)]
        opened = [b for b in level if any(_inside(row, b) for row in inside)]
        if not opened:
            break
        kept = {row.name for row in (*_outermost(inside), *level)} - {b.name for b in opened}
        level = [row for row in rows if row.name in kept]
    return tuple(_working(level, card) or level)


def _inside(row: Layer, block: Layer) -> bool:
    return row.name.startswith((f"{block.name}/", f"{block.name}."))


def _outermost(rows: Sequence[Layer]) -> list[Layer]:
    return [row for row in rows if not any(_inside(row, other) for other in rows)]


def _working(level: Sequence[Layer], card: Card) -> list[Layer]:
    """Of layers that cost nothing beyond each other (a convolution, its ReLU, its pooling) the last
    on the first one's grid; none that costs what the class head does, being the head.
    """
    head = next((row.macs for row in card.layers if row.name == LOGITS), None)
    found: list[Layer] = []
    for row in level:
        alike = found and (found[-1].macs, found[-1].channels) == (row.macs, row.channels)
        if alike and row.stride == found[-1].stride:
            found[-1] = row
        elif not alike and row.macs != head:
            found.append(row)
    return found


def evenly(things: Sequence[Thing], most: int) -> tuple[Thing, ...]:
    """At most `most` (from 1 up) of `things`, evenly spread, the first and the last among them."""
    if len(things) <= most:
        return tuple(things)
    if most == 1:
        return (things[-1],)
    return tuple(things[round(k * (len(things) - 1) / (most - 1))] for k in range(most))
