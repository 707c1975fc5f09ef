"""How a network sees a picture file, in training and ever after: what of it, at which size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from dreamer.learn.augment import centred
from dreamer.networks.cards import Card
from dreamer.networks.unlearnt import SHOWN

PART = SHOWN  # of a square's side that is looked at: what is beyond is there to be cropped from


@dataclass(frozen=True)
class View:
    """Pictures are stored as squares of the side `stored`, fitted into them as `fit` says; a
    network looks at the middle `part` of that side, at the size `side`.
    """

    stored: int
    side: int
    part: float = PART
    fit: Literal["squash", "centre"] = "centre"

    def looked_at(self, squares: Tensor) -> Tensor:
        """Squares `(B, 3, S, S)` uint8 as the network classifies them, `(B, 3, side, side)` in
        [0, 1], channels last.
        """
        seen = centred(squares, self.side, self.part)
        return seen.contiguous(memory_format=torch.channels_last)

    def words(self) -> dict[str, Any]:
        """What a card says of it."""
        return {"native": self.side, "fit": self.fit, "resize": round(self.side / self.part)}


def view_of(card: Card) -> View:
    """As the network of `card` wants to classify: pictures squashed, or the middle of them."""
    if card.fit == "squash":
        return View(card.native, card.native, 1.0, "squash")
    stored = max(card.resize, card.native)
    return View(stored, card.native, card.native / stored, "centre")
