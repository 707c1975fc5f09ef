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


def loaded(path: Path) -> Tensor:
    """The picture at `path`, `(1, 3, H, W)` in [0, 1]."""
    return torch.from_numpy(read_picture(path))[None]


def mask(name: str, size: tuple[int, int]) -> Tensor:
    """How light the picture at the path `name` is, `(1, 1, H, W)` in [0, 1], at (height, width)
    `size`; or a drawn mask, by its name.
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


def at_most(picture: Tensor, longest: int) -> Tensor:
    """`picture` `(1, 3, h, w)` made so small that no side is above `longest`."""
    height, width = picture.shape[2:]
    if max(height, width) <= longest:
        return picture
    scale = longest / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return fitted(picture, size, "stretch")
