"""How large octaves are: by a ratio and a number of them, or said one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Size = tuple[int, int]
T = TypeVar("T")


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


def said_or(said: T | None, otherwise: T) -> T:
    """`said`, if anything is."""
    return otherwise if said is None else said
