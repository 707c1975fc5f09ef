"""Colour: the axes natural colours vary along, adding without clipping, and holding a film's
colours in place.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming import bands

# Square root of the covariance of natural colours (lucid's, Olah et al. 2017), up to a factor.
NATURAL = (
    (0.26, 0.09, 0.02),
    (0.27, 0.00, -0.05),
    (0.27, -0.09, 0.03),
)
MOST_GAIN = 1.25


def natural_root() -> Tensor:
    """What turns decorrelated colours into natural ones, `(3, 3)` float32, at a mean variance of
    1.
    """
    root = torch.tensor(NATURAL)
    return root * (3 / root.square().sum()).sqrt()


def lucid_root() -> Tensor:
    """`NATURAL` as lucid scales it, `(3, 3)` float64: its longest column, 0.46195, becomes 1."""
    root = torch.tensor(NATURAL, dtype=torch.float64)
    return root / root.square().sum(0).max().sqrt()


def natural_axes(mix: float = 0.6) -> Tensor:
    """What `along_natural_colours` weighs colours with, `(3, 3)` float32, symmetric, of trace 3.

    `mix` = 1 is the covariance of natural colours at a mean variance of 1, 0 the identity.
    """
    root = natural_root()
    return mix * root @ root.T + (1 - mix) * torch.eye(3)


def along_natural_colours(gradient: Tensor, axes: Tensor) -> Tensor:
    """The pixel gradient `(B, 3, H, W)` that ascent in decorrelated colour amounts to.

    If x = C z, a step along ∂/∂z is a step along C Cᵀ ∂/∂x; `axes` is that C Cᵀ, `(3, 3)` of the
    gradient's dtype.
    """
    return torch.einsum("dc,bchw->bdhw", axes, gradient)


def add_clipped(image: Tensor, change: Tensor) -> Tensor:
    """`image + change` cut to [0, 1], as google/deepdream does."""
    return (image + change).clamp(0, 1)


def add_softly(image: Tensor, change: Tensor) -> Tensor:
    """`image + change`, bent so that it nears 0 and 1 and never passes them: highlights keep their
    drawing.

    The room left in the direction of the change, r, bounds it: x + r · tanh(change / r). Small
    changes in the middle of the range are left as they are; no change leaves the image as it is.
    Where `image` has left [0, 1], as resizing may let it, it is not driven further out.
    """
    room = torch.where(change > 0, 1 - image, image).clamp(min=0)
    return image + room * torch.tanh(change / room.clamp(min=1e-4))


def statistics(image: Tensor) -> Tensor:
    """Mean and standard deviation of each channel of `(B, 3, H, W)`, as `(B, 2, 3)` in float64."""
    if len(bands.bands(image)) == 1:
        flat = image.double().flatten(2)
        return torch.stack([flat.mean(2), flat.std(2)], 1)
    count = image.shape[2] * image.shape[3]
    mean = bands.added(lambda band: band.double().sum((2, 3)), image) / count
    middle = mean[:, :, None, None]
    squares = bands.added(lambda band: (band - middle).square().sum((2, 3)), image)
    return torch.stack([mean, (squares / (count - 1)).sqrt()], 1)


def hold(image: Tensor, anchor: Tensor, strength: float) -> Tensor:
    """Pull mean and deviation of each channel towards `anchor` `(B, 2, 3)` by the fraction
    `strength`; [0, 1].

    Contrast changes by `MOST_GAIN` at most: in an almost flat picture a larger gain would make a
    picture of rounding errors.
    """
    if not strength:
        return image
    now = statistics(image)
    goal = now + strength * (anchor.to(now) - now)
    gain = (goal[:, 1] / now[:, 1].clamp(min=1e-12)).clamp(1 / MOST_GAIN, MOST_GAIN)
    gain = gain[:, :, None, None].to(image.dtype)
    mean = now[:, 0][:, :, None, None].to(image.dtype)
    target = goal[:, 0][:, :, None, None].to(image.dtype)
    return bands.each(lambda band: ((band - mean) * gain + target).clamp(0, 1), image)
