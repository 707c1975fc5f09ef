"""What the tests of published loops share: a tiny network that wants BGR of 0–255 less a mean, a
dream by recipe, and pictures in the units in which the authors wrote their loops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dreamer.engine import execution
from dreamer.engine.build import build, next_state
from dreamer.engine.preparing import checked
from dreamer.networks.modules import from_module
from dreamer.recipe.parse import recipe_from_tree
from dreamer.recipe.plan import Plan

MEAN = (104.0, 116.0, 122.0)  # blue, green, red, as the notebook of 2015 has it
SEED, NATIVE, CLASSES = 11, 24, 5
FP32 = execution.decide("cpu", "float32")
# Ours are float32, the references float64: after few steps they are 1e-4 of a level apart. What any
# other number, order or edge would change is above a tenth of one.
CLOSE = 2e-3
Array = np.ndarray


class Tiny(nn.Module):
    """Smooth below and rectified at the end, where a kink bends no slope of an energy: a ReLU
    between would let a rounding at 0 switch a whole slope.
    """

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.stem = nn.Conv2d(3, 8, 5, 2, 2)
        self.smooth = nn.SiLU()
        self.conv = nn.Conv2d(8, 12, 3, 1, 1)
        self.relu = nn.ReLU()
        self.early = nn.Conv2d(8, CLASSES, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(12, CLASSES)
        with torch.no_grad():
            self.stem.weight.mul_(0.1)  # of pixels of ±128

    def forward(self, x: Tensor) -> Tensor:
        """Class logits; `early` is a head in the middle that they do not need."""
        found = self.smooth(self.stem(x))
        found = self.relu(self.conv(found)) + 0 * self.early(found).mean((1, 2, 3), keepdim=True)
        logits: Tensor = self.fc(self.pool(found).flatten(1))
        return logits


MODULE = Tiny().eval().requires_grad_(False)
EXACT = Tiny().eval().double().requires_grad_(False)  # the references' own
CARD = from_module(MODULE, "tiny", native=NATIVE, mean=MEAN, std=(1, 1, 1), scale=255, order="BGR")


def planned(ascent: dict[str, Any], target: Any, size: tuple[int, int]) -> Plan:
    """The plan of a still of (height, width) `size`."""
    tree = {"network": "tiny", "size": [size[1], size[0]], "target": target, "ascent": ascent}
    tree |= {"seed": SEED, "source": {"noise": "pink"}, "classify": "off"}
    return checked(recipe_from_tree(tree), {"tiny": CARD}).plan


def dreamt(ascent: dict[str, Any], target: Any, picture: Array) -> Array:
    """`picture` `(3, H, W)`, RGB of 0–255, after the first frame of a recipe."""
    plan = planned(ascent, target, picture.shape[1:])
    source = torch.from_numpy(picture).float()[None] / 255
    dream = build(plan, {"tiny": CARD}, SEED, FP32, source)
    with torch.no_grad():
        return next_state(dream, plan.at(0), None, source).image[0].double().numpy() * 255


def photo(height: int, width: int) -> Array:
    """A soft picture of 8-bit values, `(3, H, W)`, RGB."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 7 + c) + np.cos(y / (4 + c)) for c in range(3)]
    soft = 128 + 45 * np.stack(waves) + rng.normal(0, 8, (3, height, width))
    return soft.clip(0, 255).round()


def to_caffe(picture: Array, mean: tuple[float, ...] = MEAN) -> Array:
    """RGB of 0–255 → BGR less the mean."""
    return picture[::-1] - np.array(mean)[:, None, None]


def from_caffe(data: Array, mean: tuple[float, ...] = MEAN) -> Array:
    """BGR less the mean → RGB of 0–255."""
    return (data + np.array(mean)[:, None, None])[::-1]


def forward(layer: str, data: Tensor) -> Tensor:
    """What the exact network has at `layer` of `data` `(1, 3, H, W)`."""
    below = EXACT.smooth(EXACT.stem(data))
    if layer == "early":
        return EXACT.early(below)
    before = EXACT.conv(below)
    if layer == "conv":
        return before
    after = EXACT.relu(before)
    return after if layer == "relu" else EXACT.fc(after.mean((2, 3)))


def backward(layer: str, data: Array, difference: Any) -> Array:
    """Caffe's way to a gradient: `difference(activation)` is laid at `layer` and led back to the
    picture `(3, H, W)`.
    """
    leaf = torch.from_numpy(np.ascontiguousarray(data))[None].requires_grad_(True)
    with torch.enable_grad():
        found = forward(layer, leaf)
        (slope,) = torch.autograd.grad(found, leaf, difference(found.detach()))
    return slope[0].numpy()


def clipped(data: Array) -> Array:
    """Kept between black and white."""
    mean = np.array(MEAN)[:, None, None]
    return np.clip(data, -mean, 255 - mean)
