"""`networks list | show | layers`: the catalogue, from cards alone; weights need not be here."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from dreamer.engine.lookup import described
from dreamer.errors import NetworkError, printable
from dreamer.networks.cards import Card, card_names, catalogue_card
from dreamer.networks.locate import is_here, weights_path

KEYS = ("name", "title", "classes", "native", "here", "size", "licence", "damaged")
MOST_CLASSES = 400  # that are read through; ImageNet's thousand are not


class Listing(NamedTuple):
    """The same thing as data and as text."""

    data: Any
    text: str


def _size(card: Card) -> tuple[int, bool]:
    """Bytes of the weights of `card`, and whether that is the file's own size: it is reckoned as
    float32 where there is no file.
    """
    path = weights_path(card)
    if path is not None and is_here(card):
        return path.stat().st_size, True
    return 4 * card.parameters, False


def listing() -> Listing:
    """Every network of the catalogue; one whose card cannot be read with what is wrong with it, so
    that it does not hide the others.
    """
    data = []
    lines = [("name", "weights", "size", "classes", "licence", "title")]
    for name in card_names():
        try:
            card = catalogue_card(name)
        except NetworkError as error:
            data.append({**dict.fromkeys(KEYS), "name": name, "here": False, "damaged": str(error)})
            lines.append((name, "damaged", "", "", "", printable(f"damaged: {error}")))
            continue
        size, exact = _size(card)
        here = is_here(card)
        known = (card.title, len(card.classes), card.native, here, size, card.licence, "")
        data.append(dict(zip(KEYS, (name, *known), strict=True)))
        said = f"{'' if exact else 'about '}{size / 1e6:.1f} MB"
        short = re.split(r"[;,(]", card.licence)[0].strip() or "not known"
        classes = str(len(card.classes))
        lines.append((name, "here" if here else "not here", said, classes, short, card.title))
    widths = [max(len(line[k]) for line in lines) for k in range(5)]
    return Listing(data, "\n".join(_aligned(line, widths) for line in lines))


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    """Words to the left, numbers (the third and fourth) to the right, the last as it is."""
    cells = [
        cell.rjust(width) if k in (2, 3) else cell.ljust(width)
        for k, (cell, width) in enumerate(zip(line, widths, strict=False))
    ]
    return "  ".join([*cells, line[-1]])


def showing(name: str, size: int | None = None) -> Listing:
    """One card in full, with what every layer costs for a picture of `size` pixels a side, the
    native size unless given. Nothing is computed, so that the weights need not be here.

    Args:
        name: a catalogue name, a card (.json), or a weight file.
        size: side of the picture.

    Raises:
        NetworkError: no such network, or a size it cannot take.
    """
    from dreamer.networks.table import layer_rows  # torch, which the listing does without
    from dreamer.networks.table_text import as_data, as_text

    card = described(name)
    path = weights_path(card)
    facts = {
        "name": card.name,
        "title": card.title,
        "architecture": card.architecture,
        "weights": str(path) if path else "random",
        "here": is_here(card),
        "SHA-256": card.weights.sha256,
        "native size": card.native,
        "range": f"(x · {card.scale:g} - {list(card.mean)}) / {list(card.std)}, {card.order}",
        "default layer": card.default_layer,
        "licence": card.licence,
        "sources": card.sources,
        "notes": card.notes,
        "labels": card.mislabelled,
    }
    reckoned = layer_rows(card.architecture, max(1, len(card.classes)), size or card.native)
    layers = [
        {"layer": r.name, "channels": r.channels, "stride": r.stride, "kMAC a pixel": r.macs / 1000}
        for r in card.layers
    ]
    table, totals = as_data(*reckoned)
    shown = card.classes[:MOST_CLASSES]
    classes = f"{len(card.classes)} classes: {', '.join(shown)}"
    more = ", … (all of them by --json)" if len(shown) < len(card.classes) else ""
    lines = [f"{key}: {value}" for key, value in facts.items() if value != ""]
    if card.classes:
        lines.append(f"classes: {len(card.classes)}, by name at the end")
    lines += ["", as_text(*reckoned), "", classes + more]
    data = {**facts, "layers": layers, "table": table, "totals": totals}
    names = {"classes": list(card.classes), "synsets": list(card.synsets)}
    return Listing({**data, **names}, "\n".join(lines))


def layers(name: str) -> Listing:
    """The names of a network's layers, in order of depth.

    Args:
        name: a catalogue name, a card (.json), or a weight file.
    """
    names = [row.name for row in described(name).layers if row.name != "logits"]
    return Listing(names, "\n".join(names))
