"""Work on large pictures a band of rows at a time, so that what lies between two results is never
as large as a picture. A picture of up to `VALUES` numbers is one band.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

VALUES = 2**24  # numbers of a band: 64 MiB in float32


def bands(picture: Tensor) -> list[slice]:
    """The rows of each band of `(…, H, W)`, from the top."""
    height = picture.shape[-2]
    row = picture.numel() // max(1, height)
    rows = max(1, VALUES // max(1, row))
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]


def each(function: Callable[..., Tensor], *pictures: Tensor, over: Tensor | None = None) -> Tensor:
    """`function` of `pictures` `(…, H, W)`, which makes each pixel of one pixel of each.

    Args:
        function: of as many pictures; the result has their height and width.
        pictures: of one height.
        over: what is needed no more, and may be overwritten by the result: as large as it, or one
            of `pictures`.
    """
    rows = bands(pictures[0])
    if len(rows) == 1:
        return function(*pictures)
    found = over
    for band in rows:
        made = function(*(picture[..., band, :] for picture in pictures))
        if found is None:
            found = made.new_empty((*made.shape[:-2], pictures[0].shape[-2], made.shape[-1]))
        found[..., band, :] = made
    assert found is not None
    return found


def added(function: Callable[[Tensor], Tensor], picture: Tensor) -> Tensor:
    """The sum over all bands of what `function` makes of one, in float64."""
    return torch.stack([function(picture[..., band, :]).double() for band in bands(picture)]).sum(0)


def surrounded(picture: Tensor, rows: int, reach: int) -> Iterator[tuple[slice, Tensor]]:
    """Bands of `rows` rows of `(…, H, W)`, each with a copy of it and of `reach` rows above and
    below, those of the other end beyond the first and the last. What is written into a band after
    it was given is in no later one's copy.
    """
    height = picture.shape[-2]
    first = picture[..., : min(reach, height), :].clone()
    above = _ring(picture, range(-reach, 0))
    for top in range(0, height, rows):
        band = slice(top, min(top + rows, height))
        below = min(height, band.stop + reach) - band.stop
        beyond = _ring(first, range(reach - below)) if below < reach else first[..., :0, :]
        here = picture[..., top : band.stop + below, :]
        copy = torch.cat([above, here, beyond], -2)
        above = copy[..., band.stop - top : band.stop - top + reach, :].clone()
        yield band, copy


def _ring(picture: Tensor, rows: range) -> Tensor:
    """Rows of `picture`, which goes round."""
    count = picture.shape[-2]
    return torch.cat([picture[..., k % count : k % count + 1, :] for k in rows], -2)
