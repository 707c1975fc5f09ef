"""A state as the pixels of one picture: samples side by side, transparency as a fourth channel."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from dreamer.engine.states import State


def shown_of(state: State) -> Tensor:
    """What is seen of a state, `(3 or 4, H, W)` float32 on its device; highlights that are
    approached softly may leave [0, 1] a little.
    """
    image = state.image if state.shown is None else state.shown
    if state.alpha is not None:
        image = torch.cat([image, state.alpha.to(image)], 1)
    return side_by_side(image)


def framed(pixels: np.ndarray, margin: tuple[int, int]) -> np.ndarray:
    """`(…, H, W)` without the rows and columns of `margin` at each edge."""
    top, left = margin
    height, width = pixels.shape[-2:]
    return pixels[..., top : height - top, left : width - left]


def side_by_side(images: Tensor) -> Tensor:
    """`(B, C, H, W)` as one picture `(C, rows · H, columns · W)`, in rows as even as can be, the
    wider way of two; places left over are black.
    """
    count, channels, height, width = images.shape
    if count == 1:
        return images[0]
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    sheet = images.new_zeros((channels, rows * height, columns * width))
    for k, image in enumerate(images):
        top, left = k // columns * height, k % columns * width
        sheet[:, top : top + height, left : left + width] = image
    return sheet


def apart(sheet: np.ndarray, count: int, size: tuple[int, int]) -> list[np.ndarray]:
    """The `count` pictures of (height, width) `size` that `side_by_side` laid into `(C, H, W)`."""
    height, width = size
    columns = sheet.shape[2] // width
    places = [(k // columns * height, k % columns * width) for k in range(count)]
    return [sheet[:, top : top + height, left : left + width] for top, left in places]
