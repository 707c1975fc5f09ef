"""How large octaves are, by a ratio and a number of them or said one by one, and what of them a
step sees: a part, through transforms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Size = tuple[int, int]
Transforms = Sequence[tuple[str, tuple[float, ...]]]  # names with their numbers
T = TypeVar("T")
# What a published set of transforms does to a size; rotation and noise leave it.
LUCID: Transforms = (
    ("pad", (12,)),
    ("crop", (8,)),
    ("scale", tuple(1 + (k - 5) / 50 for k in range(11))),
    ("crop", (4,)),
)
MACO_CROPS = 6
MOST_OCTAVES = 20


@dataclass(frozen=True)
class OwnOctave:
    """What a recipe says of one octave by itself; None is as the ascent has it."""

    scale: float | None = None
    size: int | None = None
    steps: int | None = None
    step: float | None = None
    step_end: float | None = None
    blur: float | None = None
    blur_end: float | None = None
    jitter: int | None = None


def octave_sizes(size: Size, count: int, scale: float, floor: int) -> tuple[Size, ...]:
    """(height, width) of at most `count` octaves, smallest first, none but the last with a side
    under `floor`.

    Each is the next larger one divided by `scale` and rounded, as google/deepdream's repeated zoom
    makes them.
    """
    sizes = [size]
    while len(sizes) < count:
        height, width = (round(n / scale) for n in sizes[0])
        if min(height, width) < floor or (height, width) == sizes[0]:
            break
        sizes.insert(0, (height, width))
    return tuple(sizes)


def listed_sizes(size: Size, octaves: Sequence[OwnOctave], scale: float) -> tuple[Size, ...]:
    """(height, width) of octaves said one by one, smallest first: the last is `size`, each other
    the next one divided by that one's scale (`scale`, where it says none), or as large as it says.
    """
    sizes = [size]
    for number in range(len(octaves) - 2, -1, -1):
        longest = octaves[number].size
        if longest is None:
            by = said_or(octaves[number + 1].scale, scale)
            made = tuple(max(1, round(n / by)) for n in sizes[0])
        else:
            made = tuple(max(1, round(n * longest / max(size))) for n in size)
        sizes.insert(0, (made[0], made[1]))
    return tuple(sizes)


def frame_sizes(
    size: Size,
    own: Sequence[OwnOctave],
    count: int | None,
    scale: float,
    native: int,
    smallest: int,
) -> tuple[Size, ...]:
    """(height, width) of a frame's octaves, smallest first: those said one by one, if there are
    any; else at most `count`, none below what networks need (`smallest`), or, where that is None,
    as many as stay above what they like to see (`native`).
    """
    if own:
        return listed_sizes(size, own, scale)
    if count is None:
        return octave_sizes(size, MOST_OCTAVES, scale, native)
    return octave_sizes(size, count, scale, smallest)


def windowed(size: Size, side: int | None) -> Size:
    """(height, width) of the part of a picture that a step works on."""
    return size if side is None else (min(side, size[0]), min(side, size[1]))


def transformed(
    size: Size, transforms: Transforms, factor: Callable[[Sequence[float]], float] = min
) -> tuple[int, Size]:
    """How many pictures a network sees of one of `size` (height, width) through `transforms`, and
    their size: the least, unless `factor` chooses another of a scale's factors. Where nothing is
    left after one of them, that is what is given.
    """
    count = 1
    for name, numbers in transforms:
        if name == "lucid":
            _, size = transformed(size, LUCID, factor)
        elif name in ("maco", "crops"):
            many, side = (MACO_CROPS, *numbers[:1]) if name == "maco" else numbers[:2]
            count, size = count * round(many), (round(side), round(side))
        elif name in CHANGES:
            by = factor(numbers)
            size = (CHANGES[name](size[0], by), CHANGES[name](size[1], by))
        if min(size) < 1:
            break
    return count, size


CHANGES: dict[str, Callable[[int, float], int]] = {
    "pad": lambda side, width: side + 2 * round(width),
    "crop": lambda side, less: side - round(less),
    "scale": lambda side, by: max(1, int(by * side + 1e-6)),
}


def said_or(said: T | None, otherwise: T) -> T:
    """`said`, if anything is."""
    return otherwise if said is None else said
