"""How one step sees the picture: shifted, through transforms, and with masks and other pictures
moved along, so that all lie over each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dreamer.dreaming import transforms
from dreamer.dreaming.transforms import Numbers, Transform, rolled


def _maco(native: float) -> tuple[Transform, ...]:
    return transforms.crops(6, round(native)), transforms.MACO[1]


def _rotations(degrees: float) -> Transform:
    """21 angles, as lucid has them for its ten degrees."""
    return transforms.rotate([degrees * k / 10 for k in range(-10, 11)])


# By a recipe's word: what it makes of its numbers.
MADE: Mapping[str, Callable[..., tuple[Transform, ...]]] = {
    "lucid": lambda native: transforms.LUCID,
    "maco": _maco,
    "pad": lambda width: (transforms.pad(round(width)),),
    "crop": lambda less: (transforms.crop(round(less)),),
    "scale": lambda *factors: (transforms.scale(factors),),
    "rotate": lambda degrees: (_rotations(degrees),),
    "flip": lambda across, down: (transforms.flip(bool(across), bool(down)),),
    "noise": lambda deviation: (transforms.noise(deviation),),
    "crops": lambda count, side, low, high, spread: (
        transforms.crops(round(count), round(side), (low, high), spread),
    ),
}
# Which of them is noise, and which puts something round the picture that a mask does not have.
NOISE = {"noise": 0, "maco": 1}
PADDING = {"pad": 0, "lucid": 0}


@dataclass(frozen=True)
class Views:
    """Transforms of pictures, of pictures that lie beside one (the same without noise), and of
    masks, beyond whose edges there is nothing.
    """

    pictures: tuple[Transform, ...] = ()
    beside: tuple[Transform, ...] = ()
    masks: tuple[Transform, ...] = ()


def views_of(words: Sequence[tuple[str, tuple[float, ...]]]) -> Views:
    """The transforms that a plan names."""
    pictures: list[Transform] = []
    beside: list[Transform] = []
    masks: list[Transform] = []
    for name, numbers in words:
        made = MADE[name](*numbers)
        quiet = [_quiet(t) if k == NOISE.get(name) else t for k, t in enumerate(made)]
        pictures.extend(made)
        beside.extend(quiet)
        masks.extend(_empty(t) if k == PADDING.get(name) else t for k, t in enumerate(quiet))
    return Views(tuple(pictures), tuple(beside), tuple(masks))


def _quiet(transform: Transform) -> Transform:
    return Transform(transform.draw, lambda picture, numbers: picture)


def _empty(padding: Transform) -> Transform:
    """What is put round a picture as a mask has it: nothing."""

    def apply(mask: Tensor, numbers: Numbers) -> Tensor:
        inside = padding.apply(torch.ones_like(mask), numbers)
        return padding.apply(mask, numbers) * (inside == 1)

    return Transform(padding.draw, apply)


def seen(
    picture: Tensor, shift: Tensor | None, through: Sequence[Transform], *where: int
) -> Tensor:
    """`picture` `(B, C, H, W)` as this step sees it, `(B', C, H', W')`."""
    moved = picture if shift is None else rolled(picture, shift)
    return transforms.transformed(moved, through, *where)
