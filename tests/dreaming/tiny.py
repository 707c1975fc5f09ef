"""A network of two convolutions with a head, smooth so that finite differences hold, and what
every objective of the table is given to look at its activation.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
import uphill
from torch import Tensor

from dreamer.dreaming import features, terms
from dreamer.dreaming.objectives import Activations, Perceive, Tap, Term

LAYER, OTHER, LOGITS = Tap("tiny", "layer"), Tap("twin", "layer"), Tap("tiny", "logits")
CHANNELS, CLASSES = 6, 5
ALL = sorted(terms.OBJECTIVES)
APART = [name for name in ALL if terms.OBJECTIVES[name].kind != "batch"]
MASK = terms.given("mask")
ONE = torch.ones(1, dtype=torch.float64)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


FIRST, SECOND = 0.4 * noise(8, 3, 3, 3, seed=1), 0.4 * noise(CHANNELS, 8, 3, 3, seed=2)
TWIN, HEAD = SECOND + 0.1 * noise(CHANNELS, 8, 3, 3, seed=3), noise(CLASSES, CHANNELS, 1, 1, seed=4)


def perceive(image: Tensor) -> dict[Tap, Tensor]:
    """`(B, 3, H, W)` → layer `(B, 6, H/2, W/2)`, its twin's, and logits `(B, 5, H/2, W/2)`."""
    inside = F.silu(F.conv2d(2 * image - 1, FIRST.to(image), padding=1, stride=2))
    layer = F.conv2d(inside, SECOND.to(image), padding=1)
    return {
        LAYER: layer,
        OTHER: F.conv2d(inside, TWIN.to(image), padding=1),
        LOGITS: F.conv2d(F.silu(layer), HEAD.to(image)),
    }


def pictures(batch: int = 2, seed: int = 5) -> Tensor:
    """`(batch, 3, 10, 12)` in [0, 1], float64."""
    return torch.sigmoid(noise(batch, 3, 10, 12, seed=seed))


GUIDE = perceive(pictures(1, seed=9))[LAYER]
NEEDED: dict[str, dict[str, Any]] = {
    "power": {"exponent": 3.0},
    "standing_out": {"std": torch.linspace(0.5, 2, CHANNELS, dtype=torch.float64), "surround": 3},
    "direction": {"vector": noise(CHANNELS, seed=6), "exponent": 2.0},
    "cosine": {"vector": noise(CHANNELS, seed=6)},
    "guide": {"reference": GUIDE},
    "style": {"reference": features.gram(GUIDE)},
    "inversion": {"reference": GUIDE},
    "caricature": {"reference": GUIDE, "exponent": 2.0},
}


def term(name: str, mask: Tap | None = None, weight: int = 0) -> Term:
    """The table's row as a term of one weight."""
    if terms.OBJECTIVES[name].kind == "classes":
        window = {"window": 3} if "window" in terms.OBJECTIVES[name].takes else {}
        return terms.class_term(name, LOGITS, torch.tensor([3]), [weight], mask=mask, **window)
    taps = [LAYER, OTHER] if "other" in terms.OBJECTIVES[name].needs else [LAYER]
    return terms.term(name, taps, weight, mask=mask, **NEEDED.get(name, {}))


def value(
    made: Term, image: Tensor, weight: float = 1.0, given: Activations | None = None
) -> Tensor:
    return made.value({**perceive(image), **(given or {})}, torch.tensor([weight]).to(image))


def beside(others: Activations) -> Perceive:
    """`perceive`, and what is given, as the engine's steps put them together."""
    return lambda image: {**perceive(image), **others}


def slope(name: str, image: Tensor, weight: float = 1.0, mask: Tensor | None = None) -> Tensor:
    """The gradient of the row's term, through a mask if there is one."""
    seen = perceive if mask is None else beside({MASK: mask})
    made = term(name, None if mask is None else MASK)
    return uphill.slope(image, seen, [made], weight * ONE)
