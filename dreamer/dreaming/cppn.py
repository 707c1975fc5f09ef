"""Pictures as small networks of coordinates, which draw smooth shapes at any size (Stanley,
*Compositional pattern producing networks*, 2007; Mordvintsev et al. 2018).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dreamer.dreaming import randomness
from dreamer.dreaming.colour import lucid_root
from dreamer.dreaming.parameterisation import Parameterisation, Parameters, Size

# Mean and deviation of tanh and cos of N(0, 1), so that no layer fades or swells.
TANH_SPREAD = 0.6280
COS_MEAN, COS_SPREAD = math.exp(-0.5), math.sqrt((1 - math.exp(-1)) ** 2 / 2)


def coordinates(
    size: Size, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> Tensor:
    """(x, y) of each pixel, `(H · W, 2)`: of variance 1 along the shorter side, the middle at 0,
    squares square.
    """
    reach = math.sqrt(3) / min(size)
    y, x = (
        (2 * torch.arange(count, device=device, dtype=dtype) + (1 - count)) * reach
        for count in size
    )
    return torch.stack([x.expand(size).flatten(), y[:, None].expand(size).flatten()], 1)


def bent(plane: Tensor) -> Tensor:
    """tanh, which makes edges, beside cos, which repeats, each at mean 0 and variance 1 for
    N(0, 1): `(…, n)` → `(…, 2n)`.
    """
    return torch.cat([plane.tanh() / TANH_SPREAD, (plane.cos() - COS_MEAN) / COS_SPREAD], -1)


def cppn(
    size: Size,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    hidden: int = 24,
    layers: int = 6,
) -> Parameterisation:
    """Weights `(B, in, out)` and biases `(B, 1, out)` of each layer, of its own for each picture.

    Parameters for one size are parameters for every other: the picture grows without loss. There
    is no way back from a picture. Memory is about `4 · H · W · hidden · layers` numbers a picture.
    """
    places = coordinates(size, device, dtype)
    root = lucid_root().to(device, dtype)
    widths = [2] + [2 * hidden] * layers
    outs = [hidden] * layers + [3]

    def start(seed: int) -> Parameters:
        made: list[Tensor] = []
        for k, (wide, out) in enumerate(zip(widths, outs, strict=True)):
            weight = randomness.normals((1, wide, out), seed, "cppn", k) / math.sqrt(wide)
            made += [weight.to(device, dtype), torch.zeros(1, 1, out, device=device, dtype=dtype)]
        return tuple(made)

    def picture(parameters: Parameters) -> Tensor:
        plane = places.expand(len(parameters[0]), -1, -1)
        for k in range(0, len(parameters) - 2, 2):
            plane = bent(plane @ parameters[k] + parameters[k + 1])
        colours = (plane @ parameters[-2] + parameters[-1]) @ root.T
        return torch.sigmoid(colours).transpose(1, 2).reshape(-1, 3, *size)

    return Parameterisation(start, picture)
