"""Cards of a person's own weights: what the catalogue says of such a network, and nothing of what
it says of somebody else's file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.cards import Card, Weights, known_cards, labelled_with
from dreamer.networks.labels import Labels

# Architectures without a card of their own, and whose card's range and layers they share.
SHARED = {
    "dream-creator-googlenet": "bvlc-googlenet",
    "inception5h-graph": "inception5h",
}
# Architectures that `train` learns and of which no card is shipped: each training writes its own.
LEARNT_HERE = ("alexnet-bn", "alexnet-lean", "keras-mnist")
PATTERNS = "vgg:"  # … and those made by a pattern


def unclaimed(card: Card) -> Card:
    """`card` without what is said of its file: whose it is, where it is published, how it was
    trained and how good it is.
    """
    return replace(
        card, licence="", sources="", notes="", places=(), fetching="", measured={}, groups=()
    )


def _is_typical(card: Card) -> bool:
    """Whether a card speaks for its architecture. For one of torchvision's that is the card of
    torchvision's weights: others' may want another range, and have other classes.
    """
    return card.weights.kind == "torchvision" or not card.architecture.startswith("torchvision:")


def shared(card: Card, architecture: str) -> Card:
    """`card` for an architecture that has no card of its own; dream-creator's pools in a block
    have as many channels as the convolution before them.
    """
    if architecture == "dream-creator-googlenet":
        rows = {row.name: row for row in card.layers}
        layers = tuple(
            replace(rows[f"{row.name}_proj"], name=row.name) if f"{row.name}_proj" in rows else row
            for row in card.layers
        )
        card = replace(card, layers=layers)
    return replace(card, architecture=architecture)


def own_card(
    architecture: str,
    weights: Weights,
    labels: Labels | None = None,
) -> Card:
    """The card of a network of the user's own: the catalogue's card of that architecture, with
    other weights, and nothing said of whose they are.

    Raises:
        NetworkError: an architecture no card describes.
    """
    if architecture in SHARED:
        mine = shared(own_card(SHARED[architecture], weights, labels), architecture)
        if weights.kind == "random":
            mine = replace(mine, name=f"{architecture}:random")
        return replace(mine, title=mine.title.replace(SHARED[architecture], architecture))
    cards = sorted(known_cards(), key=lambda card: card.name != architecture)
    for card in cards:
        if architecture == card.name or (architecture == card.architecture and _is_typical(card)):
            chance = weights.kind == "random"
            mine = replace(
                card,
                name=f"{card.name}:random" if chance else Path(weights.file).stem,
                title=f"{card.architecture} with {'random weights' if chance else 'other weights'}",
                weights=weights,
            )
            return labelled_with(unclaimed(mine), labels) if labels else unclaimed(mine)
    if architecture.startswith("torchvision:"):
        from dreamer.networks.modules import torchvision_card  # torch, for the layers' table

        mine = replace(torchvision_card(architecture), weights=weights)
        return labelled_with(mine, labels) if labels else mine
    if architecture in LEARNT_HERE or architecture.startswith(PATTERNS):
        from dreamer.networks.unlearnt import unlearnt_card  # torch, as well

        mine = unlearnt_card(architecture, weights)
        return labelled_with(mine, labels) if labels else mine
    others = [*SHARED, *LEARNT_HERE]
    near = did_you_mean(architecture, [*(c.name for c in cards), *others], most=3)
    raise NetworkError(
        f"no architecture '{architecture}'{near or ';'} all that `dreamer networks list` shows are "
        f"architectures too, as are {', '.join(others)}"
    )
