"""Pictures whose amplitudes are those of photographs and whose phases alone are climbed: what is
drawn cannot turn into noise (Fel et al., *Unlocking Feature Visualization for Deeper Networks
with MAgnitude Constrained Optimization*, 2023).
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming import randomness
from dreamer.dreaming.colour import lucid_root
from dreamer.dreaming.fourier import frequencies
from dreamer.dreaming.parameterisation import Parameterisation, Parameters, Size


def whitened(magnitudes: Tensor) -> Tensor:
    """Mean magnitudes as they are kept: times their frequency, mirrored halves averaged.

    Args:
        magnitudes: `(3, S, S // 2 + 1)`, of `torch.fft.rfft2` on squares of S pixels, S even.

    Returns: `(3, S // 2 + 1, S // 2 + 1)`, down and across from 0 to half a cycle a pixel, of mean
    1; what stands for no frequency at all is the mean of its neighbours.
    """
    count = magnitudes.shape[1] // 2 + 1
    flat = magnitudes * frequencies((magnitudes.shape[1],) * 2, magnitudes.device).to(magnitudes)
    below = flat.flip(1).roll(1, 1)  # row k is the frequency −k
    flat = ((flat + below) / 2)[:, :count]
    around = torch.stack([flat[:, 0, 1], flat[:, 1, 0], flat[:, 1, 1]]).mean(0)
    corner = torch.zeros_like(flat)
    corner[:, 0, 0] = around - flat[:, 0, 0]
    flat = flat + corner
    return flat / flat.mean()


def magnitudes_at(kept: Tensor, size: Size) -> Tensor:
    """The magnitudes `(3, H, W // 2 + 1)` of pictures of `size`, from `whitened` ones `kept`.

    The authors resize magnitudes bilinearly, from 512 pixels. Ours come from small pictures, so
    that most long waves of a large one would fall into one step of the table; resized after the
    division by 1/f, which is the law they follow, they are right at any size.
    """
    height, width = size
    steps = kept.shape[1] - 1

    def line(cycles: Tensor) -> Tensor:
        places = cycles[:, None].abs() * (2 * steps)
        return (1 - (places - torch.arange(steps + 1).to(kept)).abs()).clamp(min=0)

    rows, columns = torch.fft.fftfreq(height), torch.fft.rfftfreq(width)
    even = line(rows.to(kept)) @ kept @ line(columns.to(kept)).T
    return even / frequencies(size, kept.device, kept.dtype)


def standardised(x: Tensor) -> Tensor:
    """Mean 0 and deviation 1 in each picture of `(B, …)`, as the authors compute it."""
    own = tuple(range(1, x.dim()))
    return (x - x.mean(own, keepdim=True)) / (x.std(own, keepdim=True) + 1e-4)


def maco(
    size: Size,
    kept: Tensor,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    deviation: float = 1.0,
) -> Parameterisation:
    """Phases `(B, 3, H, W // 2 + 1)` in radians from N(0, `deviation`).

    They are standardised, given the magnitudes of photographs, transformed, standardised,
    coloured by `lucid_root`, and go through a sigmoid. There is no way back from a picture. A real
    picture's first and last columns of frequencies tell the same twice; there the transform takes
    the mean of both.

    Args:
        size: (height, width).
        kept: from `whitened`.
        device: where pictures are made.
        dtype: of the phases.
        deviation: of the first phases, before they are standardised.
    """
    magnitudes = magnitudes_at(kept.double().cpu(), size).to(device, dtype)
    root = lucid_root().to(device, dtype)

    def start(seed: int) -> Parameters:
        phases = deviation * randomness.normals((1, *magnitudes.shape), seed, "maco")
        return (phases.to(device, dtype),)

    def picture(parameters: Parameters) -> Tensor:
        phases = standardised(parameters[0])
        spectrum = torch.complex(phases.cos() * magnitudes, phases.sin() * magnitudes)
        plane = standardised(torch.fft.irfft2(spectrum, s=size))
        return torch.sigmoid(torch.einsum("dc,bchw->bdhw", root, plane))

    return Parameterisation(start, picture)
