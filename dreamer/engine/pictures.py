"""Pictures beside the source: references, palettes, masks."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.draw.masks import MASKS, drawn
from dreamer.engine.sources import fitted
from dreamer.media.pictures import read_picture

LIGHT = (0.2126, 0.7152, 0.0722)


def loaded(path: Path, paper: float = 1.0) -> Tensor:
    """The picture at `path`, `(1, 3, H, W)` in [0, 1], over `paper` where it is clear."""
    return torch.from_numpy(read_picture(path, paper))[None]


def mask(name: str, size: tuple[int, int]) -> Tensor:
    """How light the picture at the path `name` is, `(1, 1, H, W)` in [0, 1], at (height, width)
    `size`, black where it is clear; or a drawn mask, by its name.
    """
    if name in MASKS:
        return drawn(name, size)
    light = torch.einsum("c,bchw->bhw", torch.tensor(LIGHT), loaded(Path(name)))[:, None].clamp(
        0, 1
    )
    if tuple(light.shape[2:]) == size:
        return light
    return F.interpolate(light, size=size, mode="bilinear", antialias=True).clamp(0, 1)


def covering(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """`picture` `(1, 3, h, w)` cropped and resized to `size`."""
    return fitted(picture, size, "cover")


def at_most(picture: Tensor, longest: int, smallest: int = 1) -> Tensor:
    """`picture` `(1, 3, h, w)` made so small that no side is above `longest`, but for one that
    leaves the other at `smallest`.
    """
    height, width = picture.shape[2:]
    scale = min(1.0, max(longest / max(height, width), smallest / min(height, width)))
    if scale == 1:
        return picture
    size = (max(smallest, round(height * scale)), max(smallest, round(width * scale)))
    return fitted(picture, size, "stretch")
