"""Write the catalogue's cards of other people's networks, their layers reckoned from the networks
themselves: python tools/make_cards.py [NAME …].
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from card_sources import NETWORKS

from dreamer.engine.importing import TAKING_MORE
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.label_sets import COUNTS
from dreamer.networks.table import card_rows, layer_rows, smallest_of
from dreamer.networks.trace import Traced
from dreamer.networks.unfilled import Unfilled
from dreamer.networks.written import as_text

CARDS = Path(__file__).parents[1] / "dreamer" / "networks" / "cards"


def fetching(card: dict[str, Any]) -> str:
    """How its weights are had."""
    name = card["name"]
    if not card.get("places"):
        return f"`dreamer networks import FILE --name {name}` takes a file of them"
    taken = "FILE" if card["architecture"] not in TAKING_MORE else f"FILE --architecture {name}"
    return (
        f"`dreamer networks fetch {name}` brings them, `dreamer networks import {taken}` "
        "takes a file"
    )


def card(name: str) -> dict[str, Any]:
    """The whole card of a network of `NETWORKS`."""
    words = NETWORKS[name]
    row = ARCHITECTURES[words["architecture"]]
    classes = COUNTS.get(words["classes"], words["classes"])
    with Unfilled():
        traced = Traced(row.build(classes), row)
    made = {
        "name": name,
        **words,
        "native": row.native,
        "smallest": smallest_of(traced, row.native),
        "crops": traced.head is not None and traced.head.crops,
        "parameters": layer_rows(row, classes)[1].parameters,
        "aliases": dict(row.aliases),
    }
    return {**made, "fetching": fetching(made), "layers": card_rows(traced, row.native)}


if __name__ == "__main__":
    for name in sys.argv[1:] or NETWORKS:
        (CARDS / f"{name}.json").write_text(as_text(card(name)), encoding="utf-8")
        print(name)
