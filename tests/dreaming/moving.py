"""Pictures that move in known ways."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

SIZE = (72, 112)


def scene(seed: int, height: int = 200, width: int = 260) -> Tensor:
    """A picture larger than a frame with drawing of all sizes, `(1, 3, H, W)` in [0, 1]."""
    rng = np.random.default_rng(seed)
    whole = np.zeros((height, width, 3))
    for cells in (4, 9, 20, 50):
        coarse = rng.integers(0, 256, (cells, cells * width // height, 3), dtype=np.uint8)
        clouds = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        whole += np.asarray(clouds, float) / 255 / cells**0.5
    whole = (whole - whole.min()) / (whole.max() - whole.min())
    return torch.from_numpy(whole.transpose(2, 0, 1).copy()).float()[None]


def places(size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """x and y of each pixel."""
    rows, columns = np.indices(size).astype(float)
    return columns, rows


def seen(picture: Tensor, x: np.ndarray, y: np.ndarray) -> Tensor:
    """What lies at places of a picture, bilinear, by numpy: `(1, 3, H, W)`."""
    pixels = picture[0].numpy().astype(float)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = x - left, y - top
    upper = pixels[:, top, left] * (1 - right) + pixels[:, top, left + 1] * right
    lower = pixels[:, top + 1, left] * (1 - right) + pixels[:, top + 1, left + 1] * right
    return torch.from_numpy(upper * (1 - below) + lower * below).float()[None]


def moved(
    picture: Tensor, zoom: float = 1.0, degrees: float = 0.0, by: tuple[float, float] = (0, 0)
) -> tuple[Tensor, Tensor, np.ndarray]:
    """Two frames, and the flow `(2, H, W)` from the first to the second: it is what the formula
    says, for the second shows at each place x what the first shows where the affine map leads.
    """
    x, y = places()
    turn, middle = np.deg2rad(degrees), (SIZE[1] / 2, SIZE[0] / 2)
    dx, dy = x - middle[0], y - middle[1]
    to_x = (dx * np.cos(turn) - dy * np.sin(turn)) * zoom + middle[0] + by[0]
    to_y = (dx * np.sin(turn) + dy * np.cos(turn)) * zoom + middle[1] + by[1]
    off = (picture.shape[3] - SIZE[1]) / 2, (picture.shape[2] - SIZE[0]) / 2
    first = seen(picture, to_x + off[0], to_y + off[1])
    second = seen(picture, x + off[0], y + off[1])
    return first, second, np.stack([to_x - x, to_y - y])


def with_subject(t: float, back: Tensor, front: Tensor, pan: float, pace: float) -> Tensor:
    """A frame at time `t`: the scene `back` under a camera that goes right by `pan` pixels, and
    before it a square of `front` that goes right by `pace`.
    """
    x, y = places()
    frame = seen(back, x + 40 + pan * t, y + 60)[0]
    left = 30 + pace * t
    mine = (x >= left) & (x < left + 32) & (y >= 20) & (y < 52)
    square = seen(front, np.clip(x - left + 60, 0, 200), y + 60)[0]
    return torch.where(torch.from_numpy(mine), square, frame)[None]
