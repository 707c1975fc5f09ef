"""Noises to begin dreams with: pure functions of size and seed, in natural colours, never clipped.

Each gives `(1, 3, H, W)` float32 in [0, 1].
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# Axes along which natural colours vary: light, blue against yellow, green against magenta.
AXES = torch.tensor([[0.58, 0.58, 0.58], [0.52, 0.05, -0.52], [-0.22, 0.40, -0.22]])
SPREAD = 0.13
SHARED = 256  # waves across the picture, up to which all sizes are alike


def chance(seed: int, name: str, octave: int = 0) -> torch.Generator:
    """The chance of one picture's octave: any `seed` ≥ 0 is another, and so is any name and any
    octave.
    """
    digest = hashlib.blake2b(f"{seed}/{name}/{octave}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


def tinted(fields: Tensor, contrast: float = SPREAD) -> Tensor:
    """Three independent fields `(3, H, W)` of mean 0 and deviation 1 as colour `(1, 3, H, W)`
    about mid-grey.
    """
    weights = torch.tensor([1.0, 0.9, 0.7])
    colour = torch.einsum("khw,kc->chw", fields * weights[:, None, None], AXES)
    colour = colour / colour.std().clamp(min=1e-6) * contrast
    return (0.5 + 0.5 * torch.tanh(colour / 0.5))[None]


def _standard(fields: Tensor) -> Tensor:
    flat = fields.flatten(1)
    mean, deviation = flat.mean(1)[:, None, None], flat.std(1, correction=0)[:, None, None]
    return (fields - mean) / deviation.clamp(min=1e-6)


def _spectral(height: int, width: int, generator: torch.Generator, exponent: float) -> Tensor:
    """Fields whose amplitudes fall with frequency as f^−exponent; the same composition at every
    size of one shape.
    """
    fy, fx = torch.fft.fftfreq(height)[:, None], torch.fft.fftfreq(width)[None]
    frequency = (fy.square() + fx.square()).sqrt().clamp(min=1 / max(height, width))
    # Waves are counted across the picture, and the longest drawn first: what makes a composition is
    # drawn before the size matters.
    shared = torch.randn((3, 2 * SHARED, 2 * SHARED), dtype=torch.complex64, generator=generator)
    down, right = min(height // 2, SHARED), min(width // 2, SHARED)
    fields = []
    for long_waves in shared:
        waves = torch.randn((height, width), dtype=torch.complex64, generator=generator)
        for rows in (slice(None, down), slice(-down, None)):
            for columns in (slice(None, right), slice(-right, None)):
                if down and right:
                    waves[rows, columns] = long_waves[rows, columns]
        fields.append(torch.fft.ifft2(waves * frequency**-exponent).real)
    return _standard(torch.stack(fields))


def white(height: int, width: int, seed: int) -> Tensor:
    """Independent pixels."""
    return tinted(_spectral(height, width, chance(seed, "white"), 0.0))


def pink(height: int, width: int, seed: int) -> Tensor:
    """Amplitudes fall as 1/f, as those of natural pictures do."""
    return tinted(_spectral(height, width, chance(seed, "pink"), 1.0))


def brown(height: int, width: int, seed: int) -> Tensor:
    """Amplitudes fall as 1/f²: soft clouds."""
    return tinted(_spectral(height, width, chance(seed, "brown"), 2.0))


def _lattice(height: int, width: int, generator: torch.Generator, cells: float) -> Tensor:
    """Smooth random fields with about `cells` bumps on the longer side; the same at every size."""
    side = int(cells) + 3
    grid = torch.randn((1, 3, side, side), generator=generator)
    longest = max(height, width)
    rows = (torch.arange(height) + 0.5) / longest * cells + 0.5
    columns = (torch.arange(width) + 0.5) / longest * cells + 0.5
    ys, xs = torch.meshgrid(rows, columns, indexing="ij")
    places = torch.stack([xs, ys], -1)[None] / side * 2 - 1
    return F.grid_sample(grid, places, mode="bicubic", padding_mode="border", align_corners=False)[
        0
    ]


def plasma(height: int, width: int, seed: int) -> Tensor:
    """Clouds of colour in several sizes, smooth at the finest: the softest ground to dream on."""
    fields = torch.zeros(3, height, width)
    for octave in range(5):
        generator = chance(seed, "plasma", octave)
        fields += _lattice(height, width, generator, 3 * 2**octave) * 0.55**octave
    return tinted(_standard(fields), 0.16)


def perlin(height: int, width: int, seed: int) -> Tensor:
    """Gradient noise (Perlin 2002) in four octaves."""
    fields = torch.zeros(3, height, width)
    for octave in range(4):
        generator = chance(seed, "perlin", octave)
        fields += _gradients(height, width, generator, 5 * 2**octave) * 0.5**octave
    return tinted(_standard(fields))


def _gradients(height: int, width: int, generator: torch.Generator, cells: int) -> Tensor:
    angles = torch.rand((3, cells + 2, cells + 2), generator=generator) * 2 * torch.pi
    longest = max(height, width)
    y = (torch.arange(height) + 0.5)[:, None] / longest * cells
    x = (torch.arange(width) + 0.5)[None] / longest * cells
    row, column = y.floor().long(), x.floor().long()
    fy, fx = y - row, x - column

    def corner(down: int, right: int) -> Tensor:
        angle = angles[:, row + down, column + right]
        return torch.cos(angle) * (fx - right) + torch.sin(angle) * (fy - down)

    def fade(part: Tensor) -> Tensor:
        return part**3 * (part * (part * 6 - 15) + 10)

    top = torch.lerp(corner(0, 0), corner(0, 1), fade(fx).expand(height, width))
    bottom = torch.lerp(corner(1, 0), corner(1, 1), fade(fx).expand(height, width))
    return torch.lerp(top, bottom, fade(fy).expand(height, width))


def voronoi(height: int, width: int, seed: int) -> Tensor:
    """Cells about scattered points, each of one tint, darker towards its rim."""
    generator = chance(seed, "voronoi")
    count = 60
    longest = max(height, width)
    points = torch.rand((count, 2), generator=generator)
    tints = torch.randn((3, count), generator=generator)
    y = (torch.arange(height) + 0.5)[:, None] / longest
    x = (torch.arange(width) + 0.5)[None] / longest
    near = torch.full((2, height, width), 9.0)
    owner = torch.zeros((2, height, width), dtype=torch.long)
    for k, (py, px) in enumerate(points.tolist()):
        distance = ((y - py).square() + (x - px).square()).sqrt()
        first, second = distance < near[0], distance < near[1]
        near[1] = torch.where(first, near[0], torch.where(second, distance, near[1]))
        owner[1] = torch.where(first, owner[0], torch.where(second, k, owner[1]))
        near[0] = torch.where(first, distance, near[0])
        owner[0] = torch.where(first, k, owner[0])
    apart = torch.hypot(*(points[owner[0]] - points[owner[1]]).unbind(-1))
    edge = (near[1].square() - near[0].square()) / (2 * apart)  # the distance to the edge
    own = 0.5 + 0.5 * (edge * longest).clamp(max=1)  # a pixel's softness between two tints
    fields = torch.lerp(tints[:, owner[1]], tints[:, owner[0]], own)
    fields = torch.cat([fields[:1] * 0.6 + (edge * 60).clamp(max=1) * 1.2, fields[1:]])
    return tinted(_standard(fields))


NOISES: dict[str, Callable[[int, int, int], Tensor]] = {
    "white": white,
    "pink": pink,
    "brown": brown,
    "plasma": plasma,
    "perlin": perlin,
    "voronoi": voronoi,
}
