"""A film that closes: towards its end a small copy of its first frame lies where the camera is
heading, grows as the camera comes nearer, and fills the frame where the film begins again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from dreamer.dreaming.camera import through
from dreamer.dreaming.smoothing import gaussian

# Of a copy's width and height, over how much it fades in from its edges: at first, and in the end.
SOFT, SOFT_AT_LAST = 0.35, 0.06


def placement(ways: Sequence[Tensor]) -> Tensor:
    """Where a pixel of a frame lies in the frame after all of `ways`, `(2, 3)` float64.

    Args:
        ways: the affine maps of the frames to come, each from a frame's pixels to places in the
            one before it (`camera.source_of`).
    """
    whole: Tensor = torch.eye(3, dtype=torch.float64)
    last = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    for way in ways:
        whole = whole @ torch.cat([way, last])
    back: Tensor = torch.linalg.inv(whole)
    return back[:2]


def returned(image: Tensor, first: Tensor, place: Tensor, part: float) -> Tensor:
    """`image` with the copy of `first` that becomes the first frame again.

    Args:
        image: `(1, 3, H, W)` in [0, 1].
        first: the first frame, as large.
        place: where a pixel of `image` lies in the first frame (`placement`).
        part: how much of the way to it is done, above 0 to 1; at 1 all is the first frame.
    """
    height, width = image.shape[2:]
    shrunk = math.sqrt(abs(float(torch.linalg.det(place[:, :2]))))
    if shrunk > 1:  # several pixels of the first frame become one, as if seen through a soft lens
        first = gaussian(first, 0.5 * math.sqrt(shrunk**2 - 1))
    copy = through(first, place, "mirror")
    rows = torch.arange(height, dtype=torch.float64, device=image.device)[:, None]
    columns = torch.arange(width, dtype=torch.float64, device=image.device)[None]
    (a, b, across), (c, d, down) = place.tolist()
    x = (a * columns + b * rows + across + 0.5) / width
    y = (c * columns + d * rows + down + 0.5) / height
    soft = SOFT_AT_LAST + (SOFT - SOFT_AT_LAST) * (1 - part) ** 0.75
    inside = _within(x, soft) * _within(y, soft)
    share = (inside * (part * part * (3 - 2 * part))).to(image)
    return image + (copy - image) * share


def _within(x: Tensor, soft: float) -> Tensor:
    """How much of a copy is seen at places `x` in it, 0 to 1 from edge to edge: less towards its
    edges, but for those that leave the frame, for no frame's edge is to be seen inside of it.

    A copy goes on mirrored beyond its edges; were much of that seen, networks would make lines of
    the axes, so that no more of it is than its last step takes.
    """
    share = torch.ones_like(x)
    for inwards in (x, 1 - x):
        beyond = max(0.0, float(-inwards.min()))
        part = ((inwards + max(0.0, soft - beyond)) / soft).clamp(0, 1)
        share = share * part * part * (3 - 2 * part)
    return share
