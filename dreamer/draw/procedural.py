"""Pictures drawn from a seed: simple figures with soft edges and colours that go together.

Each gives `(1, 3, H, W)` float32 in [0, 1].
"""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Callable

import torch
from torch import Tensor


def palette(seed: int, count: int) -> Tensor:
    """`count` colours `(count, 3)` around one or two hues, from dark to light."""
    chance = random.Random(seed)
    hue, turn = chance.random(), chance.choice([0.08, 0.14, 0.42, 0.5])
    colours = []
    for k in range(count):
        light = 0.22 + 0.62 * k / max(count - 1, 1)
        saturation = 0.75 - 0.35 * abs(2 * light - 1)
        colours.append(colorsys.hls_to_rgb((hue + turn * (k % 2)) % 1, light, saturation))
    return torch.tensor(colours)


def coloured(value: Tensor, seed: int, count: int = 4) -> Tensor:
    """`value` `(H, W)` in [0, 1] through a palette, `(1, 3, H, W)`."""
    colours = palette(seed, count)
    place = value.clamp(0, 1) * (count - 1)
    low = place.floor().long().clamp(max=count - 2)
    part = (place - low)[..., None]
    mixed = colours[low] * (1 - part) + colours[low + 1] * part
    return mixed.permute(2, 0, 1)[None].contiguous()


def _plane(height: int, width: int) -> tuple[Tensor, Tensor, float]:
    """X to the right and y down from the centre, ±1 on the shorter side, and a pixel's width."""
    half = min(height, width) / 2
    y = (torch.arange(height) + 0.5 - height / 2)[:, None] / half
    x = (torch.arange(width) + 0.5 - width / 2)[None] / half
    return x.expand(height, width), y.expand(height, width), 1 / half


def _polar(height: int, width: int) -> tuple[Tensor, Tensor, float]:
    x, y, pixel = _plane(height, width)
    return (x.square() + y.square()).sqrt(), torch.atan2(y, x), pixel


def _wave(phase: Tensor) -> Tensor:
    return 0.5 + 0.5 * torch.cos(phase)


def gradient(height: int, width: int, seed: int) -> Tensor:
    """One colour into another at an angle."""
    x, y, _ = _plane(height, width)
    angle = random.Random(seed).random() * math.tau
    reach = math.hypot(width, height) / min(width, height)
    return coloured(0.5 + (x * math.cos(angle) + y * math.sin(angle)) / (2 * reach), seed)


def rings(height: int, width: int, seed: int) -> Tensor:
    """Rings about the centre."""
    radius, _, _ = _polar(height, width)
    count = random.Random(seed).uniform(4, 9)
    return coloured(_wave(radius * count * math.tau / 2), seed)


def spiral(height: int, width: int, seed: int) -> Tensor:
    """A logarithmic spiral."""
    radius, angle, _ = _polar(height, width)
    chance = random.Random(seed)
    arms, wind = chance.randint(1, 5), chance.uniform(2.0, 6.0)
    turns = torch.log(radius + 0.02) * wind
    return coloured(
        _wave(arms * angle + turns * arms) * (0.35 + 0.65 * (radius * 3).clamp(max=1)), seed
    )


def mandala(height: int, width: int, seed: int) -> Tensor:
    """A figure of many-fold symmetry."""
    radius, angle, _ = _polar(height, width)
    chance = random.Random(seed)
    fold = chance.randint(5, 12)
    value = torch.zeros(height, width)
    for k in range(1, 5):
        petals = chance.uniform(0.2, 0.5) * torch.cos(fold * angle + k * math.pi)
        value += torch.cos((radius * (1 + petals) * chance.uniform(3, 9) + k) * math.pi) / k
    return coloured(0.5 + 0.27 * value, seed, 5)


def checker(height: int, width: int, seed: int) -> Tensor:
    """Squares at an angle, their edges a pixel soft."""
    x, y, pixel = _plane(height, width)
    chance = random.Random(seed)
    angle, count = chance.uniform(0, math.pi / 2), chance.uniform(3, 7)
    u = (x * math.cos(angle) + y * math.sin(angle)) * count
    v = (y * math.cos(angle) - x * math.sin(angle)) * count
    sharp = 1 / (math.pi * count * pixel)
    square = torch.sin(u * math.pi) * sharp
    other = torch.sin(v * math.pi) * sharp
    return coloured(0.5 + 0.5 * square.clamp(-1, 1) * other.clamp(-1, 1), seed, 2)


def waves(height: int, width: int, seed: int) -> Tensor:
    """Rows of waves that run into each other."""
    x, y, _ = _plane(height, width)
    chance = random.Random(seed)
    value = torch.zeros(height, width)
    for k in range(4):
        angle = chance.uniform(-0.5, 0.5) + (math.pi / 2)
        rate = chance.uniform(3, 6) * (1 + k)
        run = x * math.cos(angle) + y * math.sin(angle)
        value += torch.sin(run * rate + torch.sin(x * (2 + k) + k) * 1.2) / (1 + k)
    return coloured(0.5 + 0.25 * value, seed)


def stars(height: int, width: int, seed: int) -> Tensor:
    """Stars of several sizes on a night sky."""
    x, y, pixel = _plane(height, width)
    generator = torch.Generator().manual_seed(seed)
    light = torch.zeros(height, width)
    reach = max(height, width) / min(height, width)
    for px, py, size in torch.rand((120, 3), generator=generator).tolist():
        spread = pixel * (0.8 + 7 * size**6)
        away = (x - (2 * px - 1) * reach).square() + (y - (2 * py - 1) * reach).square()
        light += torch.exp(-away / (2 * spread**2)) * (0.4 + 0.6 * size)
    glow = coloured(0.25 + 0.2 * _wave(x * 1.3 + y * 0.7), seed) * 0.45
    return (glow + light * (1 - glow)).clamp(0, 1)


def cells(height: int, width: int, seed: int) -> Tensor:
    """Round cells in a loose grid."""
    x, y, _ = _plane(height, width)
    chance = random.Random(seed)
    nearest = torch.full((height, width), 9.0)
    reach = max(height, width) / min(height, width)
    for _ in range(40):
        px, py = chance.uniform(-reach, reach), chance.uniform(-reach, reach)
        nearest = torch.minimum(nearest, ((x - px).square() + (y - py).square()).sqrt())
    return coloured(1 - (nearest * 2.2).clamp(max=1), seed, 5)


PROCEDURALS: dict[str, Callable[[int, int, int], Tensor]] = {
    "gradient": gradient,
    "rings": rings,
    "spiral": spiral,
    "mandala": mandala,
    "checker": checker,
    "waves": waves,
    "stars": stars,
    "cells": cells,
}
