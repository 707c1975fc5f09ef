"""Whether a network is fit to dream with: how many features it really has, and how clean its
gradient is.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def participation_ratio(activation: Tensor) -> float:
    """How many independent features a layer shows: (Σλ)² / Σλ² of its channels' correlation.

    `activation` `(N, C, h, w)`; each channel is standardised first, so that loud ones do not
    count for more. Between 1 and C.
    """
    flat = activation.double().transpose(0, 1).flatten(1)
    flat = flat - flat.mean(1, keepdim=True)
    flat = flat / flat.std(1, keepdim=True).clamp(min=1e-9)
    correlation = flat @ flat.T / flat.shape[1]
    return (correlation.trace().square() / correlation.square().sum()).item()


def dead_channels(activation: Tensor) -> int:
    """Channels of `(N, C, h, w)` whose deviation is nothing, or at most a hundredth of the layer's
    median.
    """
    deviation = activation.double().transpose(0, 1).flatten(1).std(1)
    return int((deviation <= deviation.median() / 100).sum())


def stride_peak(gradient: Callable[[Tensor], Tensor], pictures: Tensor) -> float:
    """The strongest peak of a gradient's power at the frequencies k/8, l/8 of strides, as a
    multiple of the power around it; about 1 where there is none.

    `pictures` `(N, 3, S, S)`, S a multiple of 32; `gradient` gives the like.
    """
    slope = gradient(pictures)
    side = slope.shape[-1]
    window = torch.hann_window(side, dtype=torch.float64)  # a picture's edges are no peaks
    windowed = slope.double() * window[:, None] * window
    power = torch.fft.fft2(windowed).abs().square().mean((0, 1))
    worst = 0.0
    for k in range(5):
        for m in range(-3, 5):  # a real picture's power is the same at −k, −m
            if k == m == 0:
                continue
            row, column = k * side // 8, m * side // 8
            near = torch.arange(-5, 6)
            patch = power[(row + near) % side][:, (column + near) % side]
            peak = patch[4:7, 4:7].mean()  # the window spreads a peak over its neighbours
            around = (patch.sum() - patch[4:7, 4:7].sum()) / (patch.numel() - 9)
            worst = max(worst, (peak / around).item())
    return worst
