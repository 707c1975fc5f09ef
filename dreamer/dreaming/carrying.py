"""What was dreamt on one frame of a film carried to the next: not the picture, but what the dream
added to it, so that the film's own detail is never resampled.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming.camera import seen_at
from dreamer.dreaming.flow import LONGEST, enlarged, flow, places_of, working_size
from dreamer.dreaming.occlusion import trust


class Motion(NamedTuple):
    """How a frame came from the one before it: where its places lie there, `(1, 2, H, W)` in
    pixels, and how far that is to be trusted, `(1, 1, H, W)`.
    """

    flow: Tensor
    trust: Tensor


def motion_of(here: Tensor, before: Tensor, longest: int = LONGEST) -> Motion:
    """The motion between two frames `(1, 3, H, W)` of a film, found at no more than `longest`
    pixels.
    """
    size, small = tuple(here.shape[2:]), working_size((here.shape[2], here.shape[3]), longest)
    if small != size:
        here, before = (
            F.interpolate(p, size=small, mode="bilinear", antialias=True) for p in (here, before)
        )
    pair = flow(torch.cat([here, before]), torch.cat([before, here]), longest)
    sure = trust(pair[:1], pair[1:])
    if small != size:
        sure = F.interpolate(sure, size=size, mode="bilinear", align_corners=False)
    return Motion(enlarged(pair[:1], size), sure)


def carried(dreamt: Tensor, motion: Motion) -> Tensor:
    """`dreamt` `(1, C, H, W)`, of any range, as it lies in the next frame; nothing where that is
    not known.
    """
    return motion.trust * seen_at(dreamt, places_of(motion.flow))
