"""A card as a file: JSON with a layer a line, as `cards` reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any

from dreamer.networks.cards import Card, Layer, Source, Weights

LIVE = ("module", "label_set", "mislabelled")  # what is so only while a program runs


def as_text(words: Mapping[str, Any]) -> str:
    """A card's words as JSON, its table a layer a line."""
    table = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in words["layers"])
    rest = {key: value for key, value in words.items() if key != "layers"}
    body = json.dumps(rest, indent=1, ensure_ascii=False)[:-2]
    return f'{body},\n "layers": [\n  {table}\n ]\n}}\n'


def words_of(card: Card) -> dict[str, Any]:
    """The words of `card` that are not what they are by themselves."""
    words = {}
    for field in fields(card):
        value = getattr(card, field.name)
        default = field.default if field.default is not MISSING else None
        if field.name not in LIVE and value != default and (value or field.default is MISSING):
            words[field.name] = value
    if card.label_set:
        words.pop("synsets", None)
    return {
        **words,
        "weights": _said(card.weights),
        "classes": card.label_set or list(card.classes),
        "aliases": dict(card.aliases),
        "places": [_said(place) for place in card.places],
        "layers": [_row(layer) for layer in card.layers],
    }


def _said(what: Weights | Source) -> dict[str, Any]:
    return {key: value for key, value in asdict(what).items() if value}


def _row(layer: Layer) -> list[Any]:
    return [layer.name, layer.channels, layer.stride, layer.macs]
