"""Where in a picture an objective is asked for: a mask weighs the places of its map.

An objective is first a map, one number a place, and then its sum or mean; the mask stands between
the two, so that every objective that has a map can be masked. It does not enter the divisor of a
mean: two targets with the masks m and 1 − m share a picture as one without a mask would fill it.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

Place = tuple[float, float]
CENTRE: Place = (0.5, 0.5)


def on_grid(mask: Tensor, like: Tensor) -> Tensor:
    """What `mask` `(1 or B, 1, H, W)` lets through at each place of a map, `(1 or B, h, w)`.

    A place takes the mean of the mask's pixels under it (those it touches, where they do not
    divide evenly), so that thin lines of a mask fade in deep layers and do not come and go.

    Args:
        mask: in [0, 1], any size.
        like: `(B, h, w)` or `(B, C, h, w)`, whose places, batch, dtype and device are meant.

    Raises:
        ValueError: a mask of other dimensions, or of another batch.
    """
    if mask.dim() != 4 or mask.shape[1] != 1:
        raise ValueError(f"a mask has the shape (1 or B, 1, H, W), not {tuple(mask.shape)}")
    if mask.shape[0] not in (1, like.shape[0]):
        raise ValueError(f"{mask.shape[0]} masks do not fit {like.shape[0]} pictures")
    size = (like.shape[-2], like.shape[-1])
    if tuple(mask.shape[2:]) != size:
        mask = F.interpolate(mask, size=size, mode="area")
    return mask[:, 0].to(like)


def weighed(places: Tensor, mask: Tensor | None) -> Tensor:
    """A map `(B, h, w)`, or maps `(B, C, h, w)`, times the mask; as it is without one."""
    if mask is None:
        return places
    weights = on_grid(mask, places)
    return places * (weights[:, None] if places.dim() == 4 else weights)


def rooted(places: Tensor, mask: Tensor | None) -> Tensor:
    """Maps `(B, C, h, w)` times the mask's root, so that their squares and products have the mask
    once.
    """
    return places if mask is None else places * on_grid(mask, places).sqrt()[:, None]


def summed(places: Tensor, mask: Tensor | None = None) -> Tensor:
    """The sum of a map `(B, h, w)` or `(B, C, h, w)` as `(B,)`, each place as the mask has it."""
    masked = weighed(places, mask)
    return masked.sum(tuple(range(1, masked.dim())))


def averaged(places: Tensor, mask: Tensor | None = None, place: Place | None = None) -> Tensor:
    """The mean of a map `(B, h, w)` as `(B,)`, or what it is at one place; masked places count
    as 0.

    Args:
        places: the map.
        mask: `(1 or B, 1, H, W)` in [0, 1].
        place: fractions of height and width in [0, 1): the same place at every octave. `CENTRE`
            is lucid's: below and right of the middle where sides are even.

    Raises:
        ValueError: a place outside the picture, or a mask that does not fit.
    """
    masked = weighed(places, mask)
    if place is None:
        return masked.mean((1, 2))
    if not all(0 <= part < 1 for part in place):
        raise ValueError(f"a place is two fractions from 0 to below 1, not {place}")
    height, width = places.shape[1:]
    return masked[:, int(place[0] * height), int(place[1] * width)]
