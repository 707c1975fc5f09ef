"""Octaves: the picture dreamt small first, its new detail carried up to larger sizes
(google/deepdream).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming import bands

Size = tuple[int, int]
Resize = Callable[[Tensor, Size], Tensor]


def resize_corners(image: Tensor, size: Size) -> Tensor:
    """Bilinear with corner pixels on corner pixels, as scipy's `zoom(order=1)` and so
    google/deepdream does it.
    """
    return F.interpolate(image, size=size, mode="bilinear", align_corners=True)


def resize_smoothly(image: Tensor, size: Size) -> Tensor:
    """Bicubic with antialiasing: neither aliased when shrinking nor soft when growing. May leave
    [0, 1] a little.
    """
    return F.interpolate(image, size=size, mode="bicubic", antialias=True)


RESIZES: dict[str, Resize] = {"bilinear": resize_corners, "bicubic": resize_smoothly}


def through_octaves(
    image: Tensor,
    sizes: Sequence[Size],
    resize: Resize,
    add: Callable[[Tensor, Tensor], Tensor],
    ascend: Callable[[Tensor, int], Tensor],
    keep: Callable[[Tensor], Tensor] = lambda base: base,
) -> Tensor:
    """The image dreamt at each of `sizes`, smallest first.

    Args:
        image: `(B, 3, H, W)` in [0, 1].
        sizes: (height, width) of each octave; the last is the image's own.
        resize: how bases shrink, each from the next larger one, and details grow.
        add: how a base takes the detail of the octave below, pixel by pixel.
        ascend: (picture, octave's number) → picture, of the same size; from the second octave on
            it may overwrite the picture.
        keep: puts a base where it can wait for its octave.

    Returns: `(B, 3, H, W)`; the image itself where `ascend` changes nothing.
    """
    bases = [image]
    for size in reversed(sizes[:-1]):
        bases.insert(0, keep(resize(bases[0], size)))
    picture = bases[0]
    for octave, base in enumerate(bases):
        if octave:
            detail = resize(bands.each(torch.sub, picture, bases[octave - 1]), sizes[octave])
            picture = bands.each(add, base, detail, over=detail)
            del detail
        picture = ascend(picture, octave)
    return picture
