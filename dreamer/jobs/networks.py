"""`networks list | show | layers`: the catalogue, from cards alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from dreamer.networks.cards import Card, card_names, catalogue_card
from dreamer.networks.locate import weights_path


class Listing(NamedTuple):
    """The same thing as data and as text."""

    data: Any
    text: str


def _is_here(card: Card) -> bool:
    path = weights_path(card)
    return path is None or path.is_file()


def listing() -> Listing:
    """Every network of the catalogue."""
    cards = [catalogue_card(name) for name in card_names()]
    data = [
        {
            "name": c.name,
            "title": c.title,
            "classes": len(c.classes),
            "native": c.native,
            "here": _is_here(c),
            "licence": c.licence,
        }
        for c in cards
    ]
    lines = [
        f"{d['name']:<12} {'here' if d['here'] else 'not here':<9} "
        f"{d['classes']:>5} classes  {d['title']}"
        for d in data
    ]
    return Listing(data, "\n".join(lines))


def showing(name: str) -> Listing:
    """One card in full."""
    card = catalogue_card(name)
    path = weights_path(card)
    facts = {
        "name": card.name,
        "title": card.title,
        "architecture": card.architecture,
        "weights": str(path) if path else "random",
        "here": _is_here(card),
        "SHA-256": card.weights.sha256,
        "native size": card.native,
        "range": f"(x · {card.scale:g} - {list(card.mean)}) / {list(card.std)}, {card.order}",
        "default layer": card.default_layer,
        "licence": card.licence,
        "sources": card.sources,
        "notes": card.notes,
        "labels": card.mislabelled,
    }
    rows = [
        {"layer": r.name, "channels": r.channels, "stride": r.stride, "kMAC a pixel": r.macs / 1000}
        for r in card.layers
    ]
    lines = [f"{key}: {value}" for key, value in facts.items() if value != ""]
    lines.append(f"\n{'layer':<28}{'channels':>9}{'stride':>8}{'kMAC a pixel':>14}")
    lines += [
        f"{r['layer']:<28}{r['channels']:>9}{r['stride']:>8}{r['kMAC a pixel']:>14.2f}"
        for r in rows
    ]
    lines.append(f"\n{len(card.classes)} classes: {', '.join(card.classes[:120])}")
    if len(card.classes) > 120:
        lines[-1] += ", …"
    classes = {"classes": list(card.classes), "synsets": list(card.synsets)}
    return Listing({**facts, "layers": rows, **classes}, "\n".join(lines))


def layers(name: str) -> Listing:
    """The names of a network's layers, in order of depth."""
    names = [row.name for row in catalogue_card(name).layers if row.name != "logits"]
    return Listing(names, "\n".join(names))
