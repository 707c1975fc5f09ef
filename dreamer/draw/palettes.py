"""Colours that go together, from a seed.

A palette is a path through OKLCh (Björn Ottosson, *A perceptual color space for image processing*,
2020), from dark to light, its hue turning on the way: even steps look even there.
"""

from __future__ import annotations

import math
import random

import torch
from torch import Tensor

# OKLab to the cube roots of cone responses, and these to linear sRGB.
TO_CONES = torch.tensor(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
TO_LINEAR = torch.tensor(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
DARKEST, LIGHTEST = 0.38, 0.90
MARGIN = 0.03  # kept from black and white, so that a dream can go either way
TURNS = (-150, -100, -60, 60, 100, 150)  # degrees of hue from the dark end to the light one
CHROMA = 0.15


def srgb(lightness: Tensor, chroma: Tensor, hue: Tensor) -> Tensor:
    """OKLCh, hue in radians, each `(N,)`, as sRGB `(N, 3)`; outside of [0, 1] where sRGB has no
    such colour.
    """
    lab = torch.stack([lightness, chroma * hue.cos(), chroma * hue.sin()], 1)
    linear = (lab @ TO_CONES.T) ** 3 @ TO_LINEAR.T
    bright = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, 12.92 * linear, bright)


def palette(seed: int, count: int) -> Tensor:
    """`count` colours `(count, 3)`, from dark to light, a little inside [0, 1]."""
    chance = random.Random(seed)
    start, turn = chance.random() * math.tau, math.radians(chance.choice(TURNS))
    place = torch.linspace(0, 1, count)
    lightness = DARKEST + (LIGHTEST - DARKEST) * place
    chroma = CHROMA * (1 - 0.55 * (2 * place - 0.9).square())
    colours = srgb(lightness, chroma, start + turn * place)
    for _ in range(40):  # greyer, until a screen can show them
        outside = (colours.amin(1) < MARGIN) | (colours.amax(1) > 1 - MARGIN)
        chroma = torch.where(outside, chroma * 0.9, chroma)
        colours = srgb(lightness, chroma, start + turn * place)
    return colours.clamp(MARGIN, 1 - MARGIN)


def coloured(value: Tensor, seed: int, count: int = 7) -> Tensor:
    """`value` `(H, W)` in [0, 1] through a palette, `(1, 3, H, W)`."""
    colours = palette(seed, count)
    place = value.clamp(0, 1) * (count - 1)
    low = place.floor().long().clamp(max=count - 2)
    part = (place - low)[..., None]
    mixed = colours[low] * (1 - part) + colours[low + 1] * part
    return mixed.permute(2, 0, 1)[None].contiguous()
