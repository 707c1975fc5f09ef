"""Colour: the axes natural colours vary along, adding without clipping, and holding a film's
colours in place.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Square root of the covariance of natural colours (lucid's, Olah et al. 2017), scaled as there.
NATURAL = (
    (0.26, 0.09, 0.02),
    (0.27, 0.00, -0.05),
    (0.27, -0.09, 0.03),
)
NATURAL_SCALE = 0.46195


def natural_covariance(like: Tensor) -> Tensor:
    """Covariance of natural colours, `(3, 3)`, scaled to unit trace / 3, on the device of
    `like`.
    """
    root = torch.tensor(NATURAL, dtype=like.dtype, device=like.device) / NATURAL_SCALE
    covariance = root @ root.T
    return covariance * (3 / covariance.trace())


def along_natural_colours(gradient: Tensor, mix: float = 0.6) -> Tensor:
    """The pixel gradient `(B, 3, H, W)` that ascent in decorrelated colour amounts to.

    If x = C z, a step along ∂/∂z is a step along C Cᵀ ∂/∂x. `mix` = 1 is that, 0 leaves the
    gradient alone.
    """
    axes = natural_covariance(gradient)
    axes = mix * axes + (1 - mix) * torch.eye(3, dtype=axes.dtype, device=axes.device)
    return torch.einsum("dc,bchw->bdhw", axes, gradient)


def add_clipped(image: Tensor, change: Tensor) -> Tensor:
    """`image + change` cut to [0, 1], as google/deepdream does."""
    return (image + change).clamp(0, 1)


def add_softly(image: Tensor, change: Tensor) -> Tensor:
    """`image + change`, bent so that it nears 0 and 1 but never reaches them: highlights keep
    their drawing.

    The room left in the direction of the change, r, bounds it: x + r · tanh(change / r). Small
    changes in the middle of the range are left as they are; no change leaves the image as it is.
    Values of `image` in [0, 1].
    """
    room = torch.where(change > 0, 1 - image, image).clamp(min=1e-4)
    return image + room * torch.tanh(change / room)


def statistics(image: Tensor) -> Tensor:
    """Mean and standard deviation of each channel of `(B, 3, H, W)`, as `(B, 2, 3)` in float64."""
    flat = image.double().flatten(2)
    return torch.stack([flat.mean(2), flat.std(2)], 1)


def hold(image: Tensor, anchor: Tensor, strength: float) -> Tensor:
    """Pull mean and deviation of each channel towards `anchor` `(B, 2, 3)` by the fraction
    `strength`; [0, 1].
    """
    if not strength:
        return image
    now = statistics(image)
    goal = now + strength * (anchor.to(now) - now)
    gain = (goal[:, 1] / now[:, 1].clamp(min=1e-4))[:, :, None, None].to(image.dtype)
    mean = now[:, 0][:, :, None, None].to(image.dtype)
    target = goal[:, 0][:, :, None, None].to(image.dtype)
    return ((image - mean) * gain + target).clamp(0, 1)
