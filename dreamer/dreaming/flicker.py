"""How much a film flickers: how unlike each of its frames is to the one before it, once that is
moved as the film itself moves.
"""

from __future__ import annotations

from torch import Tensor

from dreamer.dreaming.camera import seen_at
from dreamer.dreaming.carrying import Motion
from dreamer.dreaming.flow import places_of


def flicker(here: Tensor, before: Tensor, motion: Motion) -> float:
    """The mean absolute difference between a frame and the one before it as it lies now, over all
    channels of the places where the motion is trusted, each counted as far as it is.

    Of a dream, `motion` is its source's, and the source's own flicker (noise, light that changes)
    is to be taken off.

    Args:
        here: a frame `(1, 3, H, W)` in [0, 1].
        before: the frame before it.
        motion: between the source's frames (`carrying.motion_of`).
    """
    apart = (here - seen_at(before, places_of(motion.flow))).abs().mean(1, keepdim=True)
    return float((apart * motion.trust).sum() / motion.trust.sum().clamp(min=1e-6))
