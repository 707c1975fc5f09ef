"""Where optical flow is to be trusted: not where a thing was hidden in the other picture."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming.flow import drawn_to, inside

# Sundaram, Brox and Keutzer's bound: a hundredth of both flows' squares, and half a pixel squared.
PART, LEAST = 0.01, 0.5
WORN = 2  # pixels around what is not trusted that are not either: edges of flow are rough


def trust(there: Tensor, back: Tensor) -> Tensor:
    """How far the flow `there` is to be trusted, `(B, 1, H, W)` in [0, 1].

    Who goes there and comes `back` should be where he began. Sundaram, Brox and Keutzer (2010) call
    a place hidden where he ends further off than |there + back|² < 0.01 (|there|² + |back|²) + 0.5;
    here trust is 1 up to that bound and falls to 0 at its double, is worn off by `WORN` pixels and
    smoothed by as many, so that no edge shows or flickers. What leads out of the picture has none.

    Args:
        there: flow `(B, 2, H, W)` in pixels, from this picture to another.
        back: flow from the other picture to this one.
    """
    returned = drawn_to(back, there)
    apart = (there + returned).square().sum(1, keepdim=True)
    bound = PART * (there.square() + returned.square()).sum(1, keepdim=True) + LEAST
    sure = (2 - apart / bound).clamp(0, 1) * inside(there)
    return _smoothed(-F.max_pool2d(-sure, 2 * WORN + 1, 1, WORN))


def _smoothed(sure: Tensor) -> Tensor:
    """`sure` averaged over a diamond-like neighbourhood; edges of the picture are no edges."""
    for _ in range(2):
        wide = F.pad(sure, (WORN // 2,) * 4, mode="replicate")
        sure = F.avg_pool2d(wide, 2 * (WORN // 2) + 1, 1)
    return sure.clamp(0, 1)
