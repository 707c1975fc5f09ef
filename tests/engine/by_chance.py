"""A small network in a file, its weights by chance, its classes named as a stranger might."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import safetensors.torch

from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.locate import sha256_of
from dreamer.networks.written import as_text, words_of

CLASSES = ("projectile, missile", "</script><b onclick='x'>", 'a "quoted" & fish', "missile")


def tiny(folder: Path, seed: int = 1) -> Path:
    """The card of a network as `judge`, of four classes, with weights by chance."""
    module = ARCHITECTURES["judge"].build(len(CLASSES))
    initialise(module, seed)
    weights = folder / f"tiny-{seed}.safetensors"
    safetensors.torch.save_file(module.state_dict(), weights)
    like = catalogue_card("judge")
    card = replace(
        like,
        name="tiny",
        classes=CLASSES,
        groups=(),
        parameters=0,
        weights=Weights("package", weights.name, sha256_of(weights)),
        layers=(*like.layers[:-1], replace(like.layers[-1], channels=len(CLASSES))),
    )
    path = folder / f"tiny-{seed}.json"
    path.write_text(as_text(words_of(card)))
    return path
