"""Where in a picture a score comes from: integrated gradients (Sundararajan, Taly and Yan,
*Axiomatic Attribution for Deep Networks*, 2017) on the way from the picture's own mean colour.

They add up to the score, so that a part of the picture has a share of it. Whether they are true of
a network is measured in every report of a class (`engine/diagnosis.py`), by deletion (Petsiuk et
al., *RISE*, 2018).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dreamer.dreaming.attribution import blurred

Scored = Callable[[Tensor], Tensor]  # pictures (B, 3, H, W) → numbers (B,)
STEPS, AT_ONCE = 32, 8
FINEST = 64  # a map is smoothed by its side divided by this


def integrated_gradients(score: Scored, picture: Tensor, steps: int = STEPS) -> Tensor:
    """How much each place of `picture` adds to its score, beyond that of its mean colour alone.

    Args:
        score: differentiable; each picture by itself.
        picture: `(1, 3, H, W)` in [0, 1].
        steps: points on the way, each in the middle of its part.

    Returns: `(1, 1, H, W)`, of either sign; its sum is about score(picture) − score(mean colour).

    Raises:
        ValueError: not one picture, or no steps.
    """
    if len(picture) != 1 or steps < 1:
        raise ValueError(f"expected one picture and steps, not {len(picture)} and {steps}")
    ground = picture.mean((2, 3), keepdim=True)
    way = picture - ground
    slope = torch.zeros_like(picture)
    places = (torch.arange(steps, dtype=picture.dtype, device=picture.device) + 0.5) / steps
    for part in torch.split(places, AT_ONCE):
        points = (ground + way * part[:, None, None, None]).requires_grad_(True)
        with torch.enable_grad():
            (found,) = torch.autograd.grad(score(points).sum(), points)
        slope += found.sum(0, keepdim=True)
    return (way * slope / steps).sum(1, keepdim=True)


def saliency(attribution: Tensor) -> Tensor:
    """What of an attribution `(B, 1, H, W)` speaks for the score: smoothed a little, for single
    pixels mean nothing, then its positive part, each picture's summing to 1 (or 0 where nothing
    does).
    """
    smooth = blurred(attribution, max(attribution.shape[2:]) / FINEST).clamp(min=0)
    total = smooth.sum((1, 2, 3), keepdim=True)
    return smooth / total.clamp(min=torch.finfo(smooth.dtype).tiny)


def core(shares: Tensor, part: float = 0.8) -> Tensor:
    """The smallest region that holds `part` of each map of `saliency`, `(B, 1, H, W)` of 0 and
    1; nothing where a map is.
    """
    ordered, places = shares.flatten(1).sort(stable=True, dim=1, descending=True)
    before = ordered.cumsum(1) - ordered
    inside = ((before < part) & (ordered > 0)).to(shares)
    return torch.zeros_like(inside).scatter(1, places, inside).view_as(shares)


def without(pictures: Tensor, ranking: Tensor, part: float) -> Tensor:
    """`pictures` `(B, 3, H, W)` with the `part` of their places that `ranking` `(B, 1, H, W)` puts
    first in their mean colour.
    """
    count = round(part * ranking[0].numel())
    first = ranking.flatten(1).sort(stable=True, dim=1, descending=True).indices[:, :count]
    gone = torch.zeros_like(ranking.flatten(1)).scatter(1, first, 1.0).view_as(ranking)
    return torch.lerp(pictures, pictures.mean((2, 3), keepdim=True).expand_as(pictures), gone)
