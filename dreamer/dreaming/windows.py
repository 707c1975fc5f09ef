"""Parts of a larger picture, as large as a network likes to see: a step works on one at a time
(auduno/deepdraw).
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from dreamer.dreaming import randomness
from dreamer.dreaming.octaves import Size

SPREAD = 0.3  # deviation of a window's place about the middle, in what there is to move


class Window(NamedTuple):
    """A part of a picture, in pixels."""

    top: int
    left: int
    height: int
    width: int


def window(size: Size, side: int | None, *where: int | str) -> Window | None:
    """Where this step's window lies in pictures of (height, width) `size`: about the middle, its
    edge at N(room / 2, 0.3 · room), cut to what there is; None where the picture is no larger.

    Args:
        size: of the picture.
        side: of the window, at most the picture's own; None is none.
        where: decides the place.
    """
    if side is None or max(size) <= side:
        return None
    drawn = randomness.gaussians(2, *where, "window")
    places = []
    for count, chance in zip(size, drawn, strict=True):
        room = max(0, count - side)
        places.append(int(min(max(room / 2 + SPREAD * room * chance, 0), room)))
    return Window(places[0], places[1], min(side, size[0]), min(side, size[1]))


def cut_out(picture: Tensor, cut: Window) -> Tensor:
    """The window of `(B, C, H, W)`."""
    return picture.narrow(2, cut.top, cut.height).narrow(3, cut.left, cut.width)


def put_back(picture: Tensor, part: Tensor, cut: Window) -> Tensor:
    """A copy of `(B, C, H, W)` with `part` in the window."""
    whole = picture.clone()
    whole[:, :, cut.top : cut.top + cut.height, cut.left : cut.left + cut.width] = part
    return whole


def near_white(size: Size, seed: int) -> Tensor:
    """What auduno/deepdraw begins with: N(200, 8) of 255 on every value, `(1, 3, H, W)`."""
    return (200 + 8 * randomness.normals((1, 3, *size), seed, "near white")) / 255
