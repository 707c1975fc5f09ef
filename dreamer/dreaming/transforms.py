"""What a picture must survive: seen a little elsewhere, larger, turned or under noise, it has to
show the same (Olah et al., *Feature Visualization*, 2017; Fel et al. 2023).

A transform draws its numbers on the host from where it is (seed, frame, step, …) and applies them
by a function that knows no chance. All are differentiable, read nothing back from the device, and
have backward passes that give the same bytes on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming import randomness
from dreamer.dreaming.resampling import resized
from dreamer.dreaming.rotation import turned

Numbers = tuple[float, ...]


class Transform(NamedTuple):
    """`draw(*where)` gives this step's numbers, `apply(picture, numbers)` what is seen under them,
    `(B, 3, H, W)` → `(B, 3, H', W')`.
    """

    draw: Callable[..., Numbers]
    apply: Callable[[Tensor, Numbers], Tensor]


def transformed(picture: Tensor, transforms: Sequence[Transform], *where: int | str) -> Tensor:
    """`picture` through all `transforms` in turn, each with numbers of its own."""
    for k, transform in enumerate(transforms):
        picture = transform.apply(picture, transform.draw(*where, "transform", k))
    return picture


def rolled(image: Tensor, shift: Tensor) -> Tensor:
    """`image` rolled round by `shift` (down, right), which stays on its device: no value is read
    back.
    """
    if image.device.type == "cpu":  # reading it back costs nothing there, and blocks are copied
        down, right = shift.tolist()
        return torch.roll(image, (int(down), int(right)), (2, 3))
    height, width = image.shape[2:]
    rows = (torch.arange(height, device=image.device) - shift[0].long()) % height
    columns = (torch.arange(width, device=image.device) - shift[1].long()) % width
    return image.index_select(2, rows).index_select(3, columns)


def _one_of(values: Sequence[float]) -> Callable[..., Numbers]:
    def draw(*where: int | str) -> Numbers:
        return (values[randomness.integers(1, 0, len(values) - 1, *where)[0]],)

    return draw


def pad(width: int, value: float = 0.5) -> Transform:
    """`width` more pixels of `value` on every side."""
    return Transform(lambda *_: (), lambda p, _: F.pad(p, (width,) * 4, value=value))


def crop(less: int) -> Transform:
    """A window `less` pixels smaller on both axes, anywhere (lucid's jitter).

    Raises (when applied):
        ValueError: nothing would be left.
    """

    def apply(picture: Tensor, numbers: Numbers) -> Tensor:
        height, width = picture.shape[2] - less, picture.shape[3] - less
        if min(height, width) < 1:
            size = tuple(picture.shape[2:])
            raise ValueError(f"crop({less}) leaves nothing of a picture of {size}")
        return picture.narrow(2, int(numbers[0]), height).narrow(3, int(numbers[1]), width)

    return Transform(lambda *where: randomness.integers(2, 0, less, *where), apply)


def scale(factors: Sequence[float]) -> Transform:
    """Resized by one of `factors`, bilinear, without antialiasing, as lucid does."""

    def apply(picture: Tensor, numbers: Numbers) -> Tensor:
        height, width = (max(1, int(numbers[0] * side + 1e-6)) for side in picture.shape[2:])
        return resized(picture, (height, width), antialias=False)

    return Transform(_one_of(factors), apply)


def rotate(degrees: Sequence[float], beyond: float = 0.0) -> Transform:
    """Turned by one of `degrees`; `beyond` the edges is one value, black as in lucid."""
    return Transform(_one_of(degrees), lambda p, numbers: turned(p, numbers[0], beyond))


def flip(across: bool = True, down: bool = False) -> Transform:
    """Mirrored, or not, left to right and top to bottom, where each is allowed."""

    def draw(*where: int | str) -> Numbers:
        sides = randomness.integers(2, 0, 1, *where)
        return sides[0] * across, sides[1] * down

    def apply(picture: Tensor, numbers: Numbers) -> Tensor:
        axes = [axis for axis, turn in zip((3, 2), numbers, strict=True) if turn]
        return picture.flip(axes) if axes else picture

    return Transform(draw, apply)


def noise(normal: float, uniform: float = 0.0) -> Transform:
    """`normal` · N(0, 1) + `uniform` · U(−½, ½) on every value, decided by one number.

    It is drawn on the picture's own device, and other kinds of device draw others.
    """

    def apply(picture: Tensor, numbers: Numbers) -> Tensor:
        # each grain has a chance of its own, so that the first picture's does not depend on how
        # many there are
        first, second = (
            torch.Generator(picture.device).manual_seed(int(numbers[0]) + k) for k in (0, 1)
        )
        grain = normal * torch.empty_like(picture).normal_(generator=first)
        even = torch.empty_like(picture).uniform_(-0.5, 0.5, generator=second)
        return picture + grain + uniform * even

    return Transform(lambda *where: randomness.integers(1, 0, 2**53 - 1, *where), apply)


def crops(
    count: int,
    side: int,
    boxes: tuple[float, float] = (0.25, 0.30),
    spread: float = 0.15,
) -> Transform:
    """`count` square boxes of each picture, resized to `side` pixels: `(B, 3, H, W)` →
    `(B · count, 3, side, side)`, those of one picture together.

    Args:
        count: how many see the picture in one step.
        side: of what a network likes to see.
        boxes: their sides lie between these fractions of the picture's shorter one.
        spread: deviation of their centres about the middle, in pictures. A box that would reach
            past an edge is moved back inside; the authors' sees nothing there.
    """

    def draw(*where: int | str) -> Numbers:
        drawn: list[float] = []
        for k in range(count):
            (size,) = randomness.fractions(1, *where, k, "size")
            extent = boxes[0] + (boxes[1] - boxes[0]) * size
            for shift in randomness.gaussians(2, *where, k):
                low = 0.5 + spread * shift - extent / 2
                drawn.append(min(max(low, 0.0), 1 - extent))
            drawn.append(extent)
        return tuple(drawn)

    def apply(picture: Tensor, numbers: Numbers) -> Tensor:
        shorter = min(picture.shape[2:])
        seen = []
        for k in range(0, len(numbers), 3):
            half = numbers[k + 2] / 2
            # Squares, whatever the picture's shape: what is seen squashed would be drawn stretched.
            rows, columns = (
                ((low + half) * whole - half * shorter, (low + half) * whole + half * shorter)
                for low, whole in zip(numbers[k : k + 2], picture.shape[2:], strict=True)
            )
            seen.append(resized(picture, (side, side), (rows, columns)))
        return torch.stack(seen, 1).flatten(0, 1)

    return Transform(draw, apply)


# lucid's `standard_transforms`: angles with five zeros more, so that a third stays upright
LUCID = (
    pad(12, 0.5),
    crop(8),
    scale([1 + (k - 5) / 50 for k in range(11)]),
    rotate([*range(-10, 11), *(5 * [0])]),
    crop(4),
)
# Noise of 0.05 in the authors' range, which is 5 wide
MACO = (crops(6, 224), noise(0.05 / 5, 0.05 / 5))
