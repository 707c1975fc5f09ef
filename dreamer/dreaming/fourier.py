"""Pictures as decorrelated Fourier coefficients, which climb evenly at all scales (Olah et al.,
*Feature Visualization*, 2017; Mordvintsev et al., *Differentiable Image Parameterizations*, 2018).
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming.colour import natural_root


def _scale(size: tuple[int, int], device: torch.device) -> Tensor:
    """1/f for each coefficient of a real transform, at most that of the longest wave."""
    height, width = size
    fy = torch.fft.fftfreq(height, device=device)[:, None]
    fx = torch.fft.rfftfreq(width, device=device)[None]
    frequency = (fy.square() + fx.square()).sqrt().clamp(min=1 / max(height, width))
    scale: Tensor = (height * width) ** 0.5 / frequency
    return scale


def begin(
    batch: int, size: tuple[int, int], generator: torch.Generator, deviation: float = 0.01
) -> Tensor:
    """Random coefficients `(B, 3, H, W // 2 + 1, 2)` of pictures of `size` (height, width)."""
    height, width = size
    shape = (batch, 3, height, width // 2 + 1, 2)
    return deviation * torch.randn(shape, generator=generator, device=generator.device)


def decode(coefficients: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures `(B, 3, H, W)` in (0, 1) of coefficients `(B, 3, H, W // 2 + 1, 2)`.

    Amplitudes are scaled by 1/f, colours mixed along the axes of natural colours, values brought
    into range by a sigmoid.
    """
    spectrum = torch.view_as_complex(coefficients.contiguous())
    spectrum = spectrum * _scale(size, coefficients.device)
    plane = torch.fft.irfft2(spectrum, s=size) / 4
    root = natural_root().to(plane)
    return torch.sigmoid(torch.einsum("dc,bchw->bdhw", root, plane))
