"""Pictures as decorrelated Fourier coefficients, which climb evenly at all scales (Olah et al.,
*Feature Visualization*, 2017; Mordvintsev et al., *Differentiable Image Parameterizations*, 2018).
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming import randomness
from dreamer.dreaming.colour import lucid_root
from dreamer.dreaming.parameterisation import Parameterisation, Parameters, Size, logit


def frequencies(
    size: Size, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> Tensor:
    """Cycles a pixel of each coefficient of a real transform, `(H, W // 2 + 1)`, at least those
    of the longest wave.
    """
    height, width = size
    fy = torch.fft.fftfreq(height, device=device, dtype=dtype)[:, None]
    fx = torch.fft.rfftfreq(width, device=device, dtype=dtype)[None]
    cycles: Tensor = (fy.square() + fx.square()).sqrt().clamp(min=1 / max(height, width))
    return cycles


def fourier(
    size: Size,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    deviation: float = 0.01,
) -> Parameterisation:
    """Coefficients `(B, 3, H, W // 2 + 1, 2)`, real and imaginary, in lucid's numbers:
    N(0, 0.01) times √(w·h) / max(f, 1 / max(w, h)), transformed, / 4, coloured by `lucid_root`,
    through a sigmoid.

    Pictures of odd width are computed at that width, where lucid cuts them from one column more.
    """
    scale: Tensor = (size[0] * size[1]) ** 0.5 / frequencies(size, device, dtype)
    root = lucid_root().to(device, dtype)
    inverse = torch.linalg.inv(lucid_root()).to(device, dtype)
    shape = (1, 3, size[0], size[1] // 2 + 1, 2)

    def start(seed: int) -> Parameters:
        return ((deviation * randomness.normals(shape, seed, "fourier")).to(device, dtype),)

    def picture(parameters: Parameters) -> Tensor:
        spectrum = torch.view_as_complex(parameters[0].contiguous()) * scale
        plane = torch.fft.irfft2(spectrum, s=size) / 4
        return torch.sigmoid(torch.einsum("dc,bchw->bdhw", root, plane))

    def parameters(shown: Tensor) -> Parameters:
        plane = 4 * torch.einsum("dc,bchw->bdhw", inverse, logit(shown))
        return (torch.view_as_real(torch.fft.rfft2(plane) / scale),)

    return Parameterisation(start, picture, parameters)
