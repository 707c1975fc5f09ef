"""Pictures drawn from a seed: simple figures with soft edges and colours that go together.

Each gives `(1, 3, H, W)` float32 in [0, 1].
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import torch
from torch import Tensor

from dreamer.draw.noise import brown, chance
from dreamer.draw.palettes import coloured


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
    radius, angle, pixel = _polar(height, width)
    drawn = random.Random(seed)
    arms, wind = drawn.randint(1, 5), drawn.uniform(2.0, 6.0)
    value = _wave(arms * (angle + radius.clamp(min=pixel).log() * wind))
    # towards the centre the arms become thinner than pixels; there they are one colour
    turn_a_pixel = arms * math.hypot(1, wind) * pixel / radius.clamp(min=pixel)
    return coloured(0.5 + (value - 0.5) * (2 - turn_a_pixel / 1.2).clamp(0, 1), seed)


def mandala(height: int, width: int, seed: int) -> Tensor:
    """Rings of petals, each ring turned by half a petal and behind the one inside it."""
    radius, angle, pixel = _polar(height, width)
    drawn = random.Random(seed)
    petals, growth = drawn.randint(6, 12), drawn.uniform(2.2, 3.2)
    blunt, heart = drawn.uniform(0.35, 0.9), drawn.uniform(0.1, 0.18)
    depth = (radius / heart).clamp(min=1).log() * growth  # rings outwards, each as wide as far
    value = torch.zeros(height, width)
    for ring in range(math.ceil(depth.max().item()) + 1, -1, -1):
        tip = (petals * angle / 2 + ring * math.pi / 2).cos().abs() ** blunt
        along = (depth - ring + 1) / (2 * tip).clamp(min=1e-3)  # 0 at the foot, 1 at the tip
        soft = radius.clamp(min=heart) * (2 * tip) / (growth * 1.5 * pixel)
        shade = 0.16 + 0.72 * along.clamp(0, 1) ** 1.6 - 0.10 * (1 - tip)
        value = torch.lerp(value, shade, ((1 - along) * soft).clamp(0, 1))
    core = ((heart - radius) / (1.5 * pixel)).clamp(0, 1)
    return coloured(torch.lerp(value, 0.95 - 0.3 * radius / heart, core), seed)


def checker(height: int, width: int, seed: int) -> Tensor:
    """Squares at an angle, their edges a pixel soft."""
    x, y, pixel = _plane(height, width)
    drawn = random.Random(seed)
    angle, count = drawn.uniform(0, math.pi / 2), drawn.uniform(3, 7)
    u = (x * math.cos(angle) + y * math.sin(angle)) * count
    v = (y * math.cos(angle) - x * math.sin(angle)) * count
    sharp = 1 / (math.pi * count * pixel)
    square = torch.sin(u * math.pi) * sharp
    other = torch.sin(v * math.pi) * sharp
    return coloured(0.5 + 0.5 * square.clamp(-1, 1) * other.clamp(-1, 1), seed, 2)


def waves(height: int, width: int, seed: int) -> Tensor:
    """Rows of waves that run into each other."""
    x, y, _ = _plane(height, width)
    drawn = random.Random(seed)
    value = torch.zeros(height, width)
    for k in range(4):
        angle = drawn.uniform(-0.5, 0.5) + (math.pi / 2)
        rate = drawn.uniform(3, 6) * (1 + k)
        run = x * math.cos(angle) + y * math.sin(angle)
        value += torch.sin(run * rate + torch.sin(x * (2 + k) + k) * 1.2) / (1 + k)
    return coloured(0.5 + 0.25 * value, seed)


def stars(height: int, width: int, seed: int) -> Tensor:
    """Stars of several sizes and warmths before a nebula."""
    clouds = brown(height, width, seed)[0].mean(0)
    sky = coloured(0.05 + 1.1 * (clouds - 0.35).clamp(min=0), seed)[0] * 0.8
    generator = chance(seed, "stars")
    half = min(height, width) / 2
    light = torch.zeros(3, height, width)
    for down, right, size, warmth in torch.rand((140, 4), generator=generator).tolist():
        wanted = half * (0.004 + 0.035 * size**8)
        spread = max(wanted, 0.6)  # a smaller star is a fainter one
        y, x, reach = down * height, right * width, math.ceil(5 * spread)
        rows = slice(max(0, int(y) - reach), int(y) + reach + 1)
        columns = slice(max(0, int(x) - reach), int(x) + reach + 1)
        fall = (torch.arange(height)[rows] + 0.5 - y).square()[:, None]
        across = (torch.arange(width)[columns] + 0.5 - x).square()[None]
        disc = torch.exp(-(fall + across) / (2 * spread**2)) * (wanted / spread) ** 2
        tint = torch.tensor([0.75 + 0.25 * warmth, 0.85, 1.0 - 0.3 * warmth])
        light[:, rows, columns] += tint[:, None, None] * disc * (0.55 + 0.45 * size)
    return (sky + (1 - sky) * -torch.expm1(-1.8 * light))[None]


def cells(height: int, width: int, seed: int) -> Tensor:
    """Tissue: cells that press against each other, each with its nucleus."""
    x, y, pixel = _plane(height, width)
    generator = chance(seed, "cells")
    across = 3.2 + 2 * torch.rand((), generator=generator).item()  # cells to half the shorter side
    side = 64  # cells repeat beyond as many
    offsets = 0.5 + 0.7 * (torch.rand((2, side, side), generator=generator) - 0.5)
    tints = torch.rand((side, side), generator=generator)
    u, v = x * across + side / 2, y * across + side / 2
    column, row = u.floor(), v.floor()
    first, second = torch.full_like(u, 9.0), torch.full_like(u, 9.0)
    tint = torch.zeros_like(u)
    for down in range(-2, 3):
        for right in range(-2, 3):
            j, i = (row + down).long() % side, (column + right).long() % side
            distance = torch.hypot(
                column + right + offsets[0, j, i] - u, row + down + offsets[1, j, i] - v
            )
            second = torch.minimum(second, torch.maximum(first, distance))
            tint = torch.where(distance < first, tints[j, i], tint)
            first = torch.minimum(first, distance)
    rim = second - first
    body = (rim / max(0.35, 2 * across * pixel)).clamp(0, 1)
    body = body * body * (3 - 2 * body)
    nucleus = torch.sigmoid((0.17 - first) * 45)
    return coloured(0.06 + body * (0.42 + 0.3 * tint) - 0.3 * nucleus * (1 - first), seed)


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
