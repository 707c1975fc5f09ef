"""What was seen of a collage's pictures, kept by what is in their files, so that nothing is looked
at twice: colours, what matters in them, what networks say.

It may be removed at any time, and what is damaged in it is seen anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dreamer.engine.facts import weights_of
from dreamer.media import durable
from dreamer.networks.cards import Card

FORMAT = 1


class Look(NamedTuple):
    """What a picture looks like from afar: the hue of its colours (0 to 1 round the circle of
    Oklab, from magenta over red and yellow), how colourful it is, and how light, 0 to 1.
    """

    hue: float
    chroma: float
    lightness: float


@dataclass
class Kept:
    """What is known, by SHA-256 of a picture's file, and for what networks say by their `key_of`
    first: probabilities are `(classes,)` float32.
    """

    looks: dict[str, Look] = field(default_factory=dict)
    focus: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    rows: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)


def key_of(card: Card) -> str:
    """A word for a network that no other has: by its weights and what it makes of a picture first.
    Of a module in memory it is of this process alone.
    """
    said = [card.architecture, card.mean, card.std, card.scale, card.order]
    weights = f"module {id(card.module)}" if card.weights.kind == "module" else weights_of(card)
    fits = [card.native, card.fit, card.resize, len(card.classes)]
    return hashlib.sha256(json.dumps([weights, said, fits]).encode()).hexdigest()[:16]


def load_kept(path: Path) -> Kept:
    """What is kept in the file `path`; nothing where there is none, or a damaged one."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            return Kept()
        return Kept(
            {sha256: _look(values) for sha256, values in said["looks"].items()},
            {key: {s: _place(v) for s, v in them.items()} for key, them in said["focus"].items()},
            {key: {s: _row(v) for s, v in them.items()} for key, them in said["rows"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Kept()


def save_kept(path: Path, kept: Kept) -> None:
    """Keep `kept` in the file `path`, whole or not at all."""
    rows = {
        key: {sha256: base64.b64encode(_bytes(row)).decode() for sha256, row in them.items()}
        for key, them in kept.rows.items()
    }
    said = {"format": FORMAT, "looks": kept.looks, "focus": kept.focus, "rows": rows}
    durable.write_text(path, json.dumps(said) + "\n")


def _look(values: Any) -> Look:
    hue, chroma, lightness = map(float, values)
    return Look(hue, chroma, lightness)


def _place(values: Any) -> tuple[float, float]:
    across, down = map(float, values)
    if not (0 <= across <= 1 and 0 <= down <= 1):
        raise ValueError("no place in a picture")
    return across, down


def _bytes(row: np.ndarray) -> bytes:
    return row.astype("<f4").tobytes()


def _row(text: Any) -> np.ndarray:
    row = np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32)
    if not np.isfinite(row).all():
        raise ValueError("no probabilities")
    return row
