"""How the camera of a plan sees a frame: its motion in fractions of what is dreamt, and the way
back to the first frame of a film that closes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dreamer.dreaming import camera
from dreamer.dreaming.returning import placement, returned
from dreamer.recipe.plan import FramePlan, Plan

View = Callable[[Tensor, FramePlan], Tensor]


class Way(NamedTuple):
    """The camera's motion from one frame to the next, in widths and heights of what is dreamt."""

    zoom: float
    rotate: float
    move: tuple[float, float]
    center: tuple[float, float]


def way_to(plan: Plan, frame: FramePlan) -> Way:
    """The motion between the frame before and this one; a recipe counts in widths and heights of
    what frames show.
    """
    (height, width), (x, y) = plan.shown, frame.center
    across, down = width / plan.width, height / plan.height
    return Way(
        frame.zoom,
        frame.rotate,
        (frame.move[0] * across, frame.move[1] * down),
        (0.5 + (x - 0.5) * across, 0.5 + (y - 0.5) * down),
    )


def viewing(plan: Plan) -> View:
    """The camera: a picture `(B, 3, H, W)` as the frame sees it that it is fed to."""

    def viewed(image: Tensor, frame: FramePlan) -> Tensor:
        return camera.view(image, *way_to(plan, frame), plan.edges, plan.edge_color)

    return viewed


def closing(plan: Plan, first: Callable[[], Tensor]) -> View:
    """What brings the last frames of a film that returns back to its first one; other frames stay
    as they are. `first` gives that, `(1, 3, H, W)`.
    """
    if plan.closing is None or plan.closing.by != "return":
        return lambda image, frame: image
    return partial(_returned, plan, plan.closing.frames, first)


def _returned(
    plan: Plan, count: int, first: Callable[[], Tensor], image: Tensor, frame: FramePlan
) -> Tensor:
    assert plan.frames is not None
    begins = plan.frames - count
    if frame.index <= begins:
        return image
    # The step from the last frame to the first again is as long as the one before it.
    to_come = [*range(frame.index + 1, plan.frames), plan.frames - 1]
    size = (plan.height, plan.width)
    ways = [camera.source_of(size, *way_to(plan, plan.at(index))) for index in to_come]
    part = (frame.index - begins) / count
    return returned(image, first().to(image.device), placement(ways), part)


def crossfaded(
    plan: Plan, index: int, pixels: np.ndarray, shown: Callable[[int], np.ndarray]
) -> np.ndarray:
    """The pixels `(3, H, W)` of frame `index` as they are saved: the last ones of a film that
    fades into its beginning have a growing share of the frames before that, which `shown` gives.
    """
    if plan.closing is None or plan.closing.by != "crossfade":
        return pixels
    assert plan.frames is not None
    count = plan.closing.frames
    number = index - (plan.frames - count)
    if number < 0:
        return pixels
    share = np.float32((number + 1) / (count + 1))
    faded: np.ndarray = pixels + (shown(number) - pixels) * share
    return faded


def as_first(pixels: np.ndarray, plan: Plan) -> Tensor:
    """A saved frame `(3, H, W)` as what was dreamt around it: mirrored where frames show less."""
    picture = torch.from_numpy(pixels)[None]
    top, left = plan.margin
    if (top, left) == (0, 0):
        return picture
    rows, columns = (_reflected(n, m) for n, m in zip(plan.shown, (top, left), strict=True))
    return picture[:, :, rows][:, :, :, columns].contiguous()


def _reflected(count: int, margin: int) -> Tensor:
    places = torch.arange(-margin, count + margin).remainder(2 * count)
    return torch.minimum(places, 2 * count - 1 - places)
