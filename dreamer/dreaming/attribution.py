"""Transparency by attribution: what the objective did not look at is left clear (Fel et al.,
*Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization*,
2023).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def attributed(so_far: Tensor, gradient: Tensor) -> Tensor:
    """The attribution `(B, 1, H, W)` after one more step: plus Σ |∂L/∂x| over the channels.

    Args:
        so_far: `(B, 1, H, W)`, zeros at first; resized where an octave begins.
        gradient: `(B, 3, H, W)`, of the unmoved picture: rolled back where the step rolled it.
    """
    return so_far + gradient.abs().sum(1, keepdim=True)


def opacity(attribution: Tensor, low: float = 1.0, high: float = 80.0, blur: float = 2.0) -> Tensor:
    """Alpha `(B, 1, H, W)` in [0, 1] of an attribution: smoothed, then 0 at its percentile `low`
    and 1 at `high`, each picture by itself.

    Args:
        attribution: `(B, 1, H, W)`, from `attributed`.
        low: percentile below which all is clear.
        high: percentile above which all is opaque.
        blur: deviation of the smoothing in pixels; 0 is none. A single step's gradient is rough.

    Returns: alpha; 1 everywhere where the attribution is the same everywhere.

    Raises:
        ValueError: percentiles not in 0 ≤ low < high ≤ 100, or a negative blur.
    """
    if not 0 <= low < high <= 100:
        raise ValueError(f"percentiles must be 0 ≤ low < high ≤ 100, not {low} and {high}")
    if blur < 0:
        raise ValueError(f"blur must not be negative: {blur}")
    smooth = blurred(attribution.double(), blur)
    flat = smooth.flatten(1)
    least, most = percentile(flat, low)[:, None], percentile(flat, high)[:, None]
    span = most - least
    alpha = ((flat - least) / span.clamp(min=torch.finfo(flat.dtype).tiny)).clamp(0, 1)
    plain = span <= 1e-9 * most.abs()  # rounding errors are no attribution
    return torch.where(plain, 1.0, alpha).view_as(attribution).to(attribution)


def percentile(values: Tensor, percent: float) -> Tensor:
    """The percentile of each row of `(B, N)` as `numpy.percentile` has it, `(B,)`;
    `torch.quantile` takes 16 million values at most.
    """
    ordered = values.sort(1).values
    place = (values.shape[1] - 1) * percent / 100
    below = math.floor(place)
    above = min(below + 1, values.shape[1] - 1)
    return torch.lerp(ordered[:, below], ordered[:, above], place - below)


def blurred(x: Tensor, deviation: float) -> Tensor:
    """`(B, 1, H, W)` under a Gaussian of `deviation` pixels, edges repeated beyond themselves."""
    if not deviation:
        return x
    reach = math.ceil(3 * deviation)
    places = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    kernel = (-places.square() / (2 * deviation**2)).exp()
    kernel = kernel / kernel.sum()
    wide = F.pad(x, (reach, reach, reach, reach), mode="replicate")
    rows = F.conv2d(wide, kernel.view(1, 1, -1, 1))
    return F.conv2d(rows, kernel.view(1, 1, 1, -1))
