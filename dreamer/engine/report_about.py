"""What a report is of: two that differ in any of it are never written over each other."""

from __future__ import annotations

import hashlib
from typing import Any

import torch

from dreamer import __version__
from dreamer.engine.facts import weights_of
from dreamer.networks.cards import Card


def described(
    card: Card, number: int, judge: Card | None, samples: int, seed: int
) -> dict[str, Any]:
    """All that a report depends on: what is of anything else is not written over."""
    about = {
        "made by": "dreamer atlas --class",
        "dreamer": __version__,
        "network": card.name,
        "weights": _weights(card),
        "class": card.classes[number],
        "number": number,
        "samples": samples,
        "seed": seed,
    }
    if judge is not None:
        about |= {"judge": judge.name, "judge's weights": _weights(judge)}
    return {**about, "report": judge is not None}


def _weights(card: Card) -> str:
    """SHA-256 of a network's weights, in whatever they lie."""
    if card.module is None:
        return weights_of(card)
    digest = hashlib.sha256()
    for key, value in card.module.state_dict().items():
        digest.update(f"{key} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
