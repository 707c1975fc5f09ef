"""What tests of whole presets share: a small network as a card, a recipe's climb from its words to
its picture, and the pieces their references are made of. None of these is dreamer's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.engine import execution
from dreamer.engine.build import build, next_state
from dreamer.engine.folder import State
from dreamer.engine.preparing import checked
from dreamer.networks.cards import Card
from dreamer.networks.modules import from_module
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.plan import Plan

SEED = 11
# lucid's matrix, which is over the length of its first column
MATRIX = torch.tensor(
    [[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], dtype=torch.float64
)
MATRIX = MATRIX / 0.46195


class Tiny(nn.Module):
    """Three convolutions, two of them through ReLUs."""

    def __init__(self, seed: int = 0, scale: float = 1.0) -> None:
        super().__init__()
        chance = torch.Generator().manual_seed(seed)
        self.one = nn.Conv2d(3, 6, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.two = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.relu2 = nn.ReLU()
        self.three = nn.Conv2d(8, 5, 3, padding=1)
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.randn(p.shape, generator=chance) * 0.25)
            self.one.weight /= scale

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.relu2(self.two(self.relu1(self.one(x)))))


def card_of(module: nn.Module, half: float, middle: float, native: int = 24) -> Card:
    """A card of `module`, which wants pictures from `middle` − `half` to `middle` + `half`."""
    low = half - middle
    return from_module(
        module, "tiny", native=native, mean=(low,) * 3, std=(1.0,) * 3, scale=2 * half
    )


def planned(tree: Mapping[str, Any], card: Card | None = None) -> Plan:
    """The plan of a recipe."""
    given = None if card is None else {"tiny": card}
    return checked(recipe_from_tree({"classify": "off", **tree}), given).plan


@torch.no_grad()
def state_of(tree: Mapping[str, Any], card: Card, source: Tensor) -> State:
    """What a recipe makes of `source`, `(1, 3, H, W)`."""
    size = {"size": [source.shape[3], source.shape[2]], "network": "tiny", "classify": "off"}
    ready = checked(recipe_from_tree({"seed": SEED, **size, **tree}), {"tiny": card})
    decided = execution.decide("cpu", "float32")
    dream = build(ready.plan, ready.gathered.cards, SEED, decided, source)
    return next_state(dream, ready.plan.at(0), None, source)


def climbed(tree: Mapping[str, Any], card: Card, source: Tensor) -> Tensor:
    """The picture of it, `(1, 3, H, W)`."""
    return state_of(tree, card, source).image


def optimised(
    leaf: Tensor, optimiser: torch.optim.Optimizer, loss: Callable[[int], Tensor], steps: int
) -> Tensor:
    """`leaf` after `steps` of `optimiser` down `loss(number of the step)`."""
    for step in range(steps):
        optimiser.zero_grad()
        loss(step).backward()
        optimiser.step()
    return leaf.detach()


def shown(plane: Tensor) -> Tensor:
    """Pictures of decorrelated colours without bounds, as lucid and MACO show them."""
    return torch.sigmoid(torch.einsum("dc,bchw->bdhw", MATRIX, plane))


def lucid_picture(waves: Tensor, height: int, width: int) -> Tensor:
    """lucid's `fft_image` through `to_valid_rgb`: `(1, 3, H, W // 2 + 1, 2)` → `(1, 3, H, W)`."""
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    scale = np.sqrt(width * height) / np.maximum(np.hypot(fy, fx), 1 / max(width, height))
    spectrum = torch.view_as_complex(waves) * torch.from_numpy(scale)
    return shown(torch.fft.irfft2(spectrum, (height, width)) / 4)


def turned(picture: Tensor, degrees: float) -> Tensor:
    """Counter-clockwise about the middle, bilinear, black beyond the edges."""
    height, width = picture.shape[2:]
    angle = math.radians(degrees)
    y, x = (torch.arange(n, dtype=torch.float64) - (n - 1) / 2 for n in (height, width))
    x, y = x[None].expand(height, width), y[:, None].expand(height, width)
    across = math.cos(angle) * x - math.sin(angle) * y
    down = math.sin(angle) * x + math.cos(angle) * y
    grid = torch.stack([across * 2 / width, down * 2 / height], -1)[None]
    return F.grid_sample(picture, grid, "bilinear", "zeros", align_corners=False)


def features(
    module: Tiny,
    picture: Tensor,
    half: float,
    middle: float,
    relu: Callable[[Tensor], Tensor] = torch.relu,
) -> dict[str, Tensor]:
    """What `module` makes of `picture` in [0, 1], stretched to its range, in float64."""
    one, two, three = (
        (conv.weight.double(), conv.bias.double())
        for conv in (module.one, module.two, module.three)
    )
    first = relu(F.conv2d((2 * picture - 1) * half + middle, *one, padding=1))
    second = relu(F.conv2d(first, *two, stride=2, padding=1))
    return {"relu1": first, "relu2": second, "three": F.conv2d(second, *three, padding=1)}
