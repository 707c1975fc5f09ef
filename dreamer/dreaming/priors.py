"""What is done to a pixel gradient before the step: shaped like natural pictures, brought to
unit size.
"""

from __future__ import annotations

import torch
from torch import Tensor


def wavenumbers(size: tuple[int, int], longest: float = 48.0) -> Tensor:
    """The frequencies of `torch.fft.rfft2` on pictures of (height, width) `size`, as multiples of
    that of the wavelength `longest` in pixels, `(height, width // 2 + 1)`.

    Longer waves count as the longest, so that the whole picture does not turn one colour.
    """
    down, across = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])[None]
    relative: Tensor = (down.square() + across.square()).sqrt() * longest
    return relative.clamp(min=1)


def falloff(gradient: Tensor, exponent: Tensor | float, waves: Tensor) -> Tensor:
    """Weigh a gradient's frequencies by f^−exponent, as ascent in a 1/f Fourier parameterisation
    would.

    Args:
        gradient: `(B, 3, H, W)`, any range.
        exponent: 0 leaves it as it is; 1 is the amplitude spectrum of natural pictures.
        waves: `wavenumbers((H, W))`, on the gradient's device.

    Returns: `(B, 3, H, W)`; its mean is kept: at the weight of the longest wavelength, 1.
    """
    spectrum = torch.fft.rfft2(gradient) * (waves**-exponent).to(gradient.dtype)
    shaped: Tensor = torch.fft.irfft2(spectrum, s=gradient.shape[2:])
    return shaped


def by_mean_absolute(gradient: Tensor) -> Tensor:
    """`gradient / mean|gradient|` of each picture (google/deepdream divides by the mean of the
    whole tensor).
    """
    return gradient / gradient.abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-20)


def by_deviation(gradient: Tensor) -> Tensor:
    """`gradient / std(gradient)` of each picture."""
    return gradient / gradient.std((1, 2, 3), keepdim=True).clamp(min=1e-20)


NORMALISATIONS = {"mean_abs": by_mean_absolute, "std": by_deviation}
