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

SOFT = 0.35  # of a copy's width and height over which it fades in from its edges, at first
BEYOND = 0.1  # of its sides that a copy goes on mirrored, in the end, as the camera overtakes it


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
    soft = SOFT * (1 - part) ** 0.75 + 1e-6  # hard edges only where they leave the frame
    more = BEYOND * part**2
    x, y = (torch.minimum(place, 1 - place) + more for place in (x, y))
    inside = _smooth(x / soft) * _smooth(y / soft)
    share = (inside * (part * part * (3 - 2 * part))).to(image)
    return image + (copy - image) * share


def _smooth(x: Tensor) -> Tensor:
    within = x.clamp(0, 1)
    return within * within * (3 - 2 * within)
