"""Each picture varied in its own way: moved, turned, scaled, mirrored, lighter, darker, in other
colours. One resampling does all that moves, so that nothing is blurred twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True)
class Variation:
    """How far pictures are varied; everything at 0 is the middle of the picture.

    `flip` mirrors half of them. `crop` is the part of the kept square that may be cut away (0.3
    leaves at least 0.7 of its side), from anywhere. `stretch` is the greatest change of the ratio
    of its sides, as a part; `rotate` in degrees, `shift` in parts of the side, to either side.
    `brightness` is added, `contrast` and `colour` (saturation) are parts by which the differences
    to mid-grey and to the picture's own grey grow or shrink; `cast` is added to each channel.
    """

    flip: bool = False
    crop: float = 0.0
    stretch: float = 0.0
    rotate: float = 0.0
    shift: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    colour: float = 0.0
    cast: float = 0.0

    @property
    def nothing(self) -> bool:
        """Whether every picture stays as it is."""
        return self == Variation()


def varied(
    squares: Tensor,
    side: int,
    part: float,
    variation: Variation,
    generator: torch.Generator,
) -> Tensor:
    """Pictures as a step learns from them.

    Args:
        squares: `(B, 3, S, S)` uint8.
        side: of the result, in pixels.
        part: of the squares' side that is looked at where nothing is cropped, about the middle.
        variation: how far each is varied.
        generator: of the pictures' device.

    Returns: `(B, 3, side, side)` float32 in [0, 1], channels last; what lies outside a picture is
        its reflection.
    """
    count, device = len(squares), squares.device

    def rand(*shape: int) -> Tensor:
        return torch.rand((count, *shape), generator=generator, device=device)

    def either(most: float) -> Tensor:
        return (2 * rand() - 1) * most

    v = variation
    # With crops the whole square is there to be cut from; without, the middle is looked at.
    kept = 1 - v.crop * rand() if v.crop else torch.full((count,), part, device=device)
    ratio = torch.exp(either(v.stretch) / 2)
    room = (1 - kept).clamp(min=0) * bool(v.crop)
    across = either(1) * room + either(2 * v.shift)
    down = either(1) * room + either(2 * v.shift)
    mirror = torch.where(rand() < 0.5, -1.0, 1.0) if v.flip else torch.ones(count, device=device)
    turn = torch.deg2rad(either(v.rotate))
    cos, sin = torch.cos(turn) * kept, torch.sin(turn) * kept
    rows = [
        torch.stack([cos * ratio * mirror, -sin / ratio, across], 1),
        torch.stack([sin * ratio * mirror, cos / ratio, down], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), [count, 3, side, side], align_corners=False)
    pictures = F.grid_sample(
        _reduced(squares.float() / 255, side, part),
        grid,
        mode="bilinear",
        padding_mode="reflection",
        align_corners=False,
    )
    return _coloured(pictures, v, either).contiguous(memory_format=torch.channels_last)


def _reduced(pictures: Tensor, side: int, part: float) -> Tensor:
    """`pictures` no more than twice as large as they will be looked at: sampling at points would
    alias what is finer.
    """
    stored = pictures.shape[-1]
    if stored * part < 2 * side:
        return pictures
    size = round(side / part)
    return F.interpolate(pictures, size=(size, size), mode="bilinear", antialias=True)


def _coloured(pictures: Tensor, v: Variation, either: Callable[[float], Tensor]) -> Tensor:
    if v.colour:
        weights = torch.tensor(GREY, device=pictures.device)[:, None, None]
        grey = (pictures * weights).sum(1, keepdim=True)
        pictures = grey + (pictures - grey) * (1 + either(v.colour))[:, None, None, None]
    if v.contrast:
        pictures = (pictures - 0.5) * (1 + either(v.contrast))[:, None, None, None] + 0.5
    if v.brightness:
        pictures = pictures + either(v.brightness)[:, None, None, None]
    if v.cast:
        casts = torch.stack([either(v.cast) for _ in range(3)], 1)
        pictures = pictures + casts[:, :, None, None]
    return pictures.clamp(0, 1)
