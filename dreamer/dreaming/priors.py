"""What is done to a pixel gradient before the step: shaped like natural pictures, brought to
unit size.
"""

from __future__ import annotations

import torch
from torch import Tensor


def falloff(gradient: Tensor, exponent: Tensor | float, longest: float = 48.0) -> Tensor:
    """Weigh a gradient's frequencies by f^−exponent, as ascent in a 1/f Fourier parameterisation
    would.

    Args:
        gradient: `(B, 3, H, W)`, any range.
        exponent: 0 leaves it as it is; 1 is the amplitude spectrum of natural pictures.
        longest: wavelength in pixels above which the weight no longer grows, so that the whole
            picture does not turn one colour.

    Returns: `(B, 3, H, W)`; its mean is kept as it was weighed: at the weight of the longest
    wavelength, 1.
    """
    height, width = gradient.shape[2:]
    fy = torch.fft.fftfreq(height, device=gradient.device)[:, None]
    fx = torch.fft.rfftfreq(width, device=gradient.device)[None]
    floor = 1 / longest
    weight = ((fy.square() + fx.square()).sqrt().clamp(min=floor) / floor) ** -exponent
    spectrum = torch.fft.rfft2(gradient) * weight.to(gradient.dtype)
    shaped: Tensor = torch.fft.irfft2(spectrum, s=(height, width))
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
