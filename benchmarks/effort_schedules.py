"""Schedules that `effort.py` compares: how the steps of a frame's octaves are shared out, how long
they are, and by which optimiser. All but `fewer` go as long a way as the default, times a gain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from dreamer.recipe.plan import OctavePlan

EFFORTS = (1.0, 0.67, 0.5, 0.33, 0.25)
Octaves = tuple[OctavePlan, ...]


def _kept(octave: OctavePlan, steps: float, gain: float = 1.0, end: float = 1.0) -> OctavePlan:
    """An octave in fewer steps, whose way is as long: what one step loses the others gain."""
    count = max(1, round(steps))
    longer = octave.steps / count * gain
    first, last = octave.step * longer, octave.step_end * longer * end
    if end != 1:  # step k of n goes k / n of the way: the mean of what is taken stays the same
        first *= 1 / (1 + (end - 1) * (count - 1) / count / 2)
        last = first * end
    return replace(octave, steps=count, step=first, step_end=last)


def _even(octaves: Octaves, effort: float, gain: float, end: float = 1.0) -> Octaves:
    return tuple(_kept(octave, octave.steps * effort, gain, end) for octave in octaves)


def _fewer(octaves: Octaves, effort: float, gain: float) -> Octaves:
    """Fewer steps of the same length: what anyone does first."""
    return tuple(replace(o, steps=max(1, round(o.steps * effort))) for o in octaves)


def _coarse(octaves: Octaves, effort: float, gain: float) -> Octaves:
    """All steps in the smallest octave, each next one having so many fewer as makes the work."""
    whole = work(octaves) * effort
    low, high = 0.05, 1.0
    for _ in range(40):
        ratio = (low + high) / 2
        done = sum(area(o) * o.steps * ratio**k for k, o in enumerate(octaves))
        low, high = (ratio, high) if done < whole else (low, ratio)
    return tuple(_kept(o, o.steps * low**k, gain) for k, o in enumerate(octaves))


def _large_first(octaves: Octaves, effort: float, gain: float) -> Octaves:
    """Steps that shrink from octave to octave by 0.85 (`persistence`)."""
    shrunk = _even(octaves, effort, gain)
    return tuple(
        replace(o, step=o.step * 0.85**k, step_end=o.step_end * 0.85**k)
        for k, o in enumerate(shrunk)
    )


class Candidate(NamedTuple):
    """A schedule: the octaves at an effort with a gain, and what else of the ascent is another."""

    octaves: Callable[[Octaves, float, float], Octaves]
    words: Mapping[str, object] = {}
    guess: float = 1.0


CANDIDATES: dict[str, Candidate] = {
    "fewer": Candidate(_fewer),
    "longer": Candidate(_even),
    "falling": Candidate(lambda o, e, g: _even(o, e, g, end=0.25)),
    "coarse": Candidate(_coarse),
    "large first": Candidate(_large_first),
    "momentum 0.5": Candidate(_even, {"optimiser": "momentum", "momentum": 0.5}, 0.6),
    "momentum 0.9": Candidate(_even, {"optimiser": "momentum", "momentum": 0.9}, 0.25),
    "adam": Candidate(_even, {"optimiser": "adam"}),
}


def area(octave: OctavePlan) -> float:
    """Megapixels."""
    return octave.size[0] * octave.size[1] / 1e6


def work(octaves: Sequence[OctavePlan]) -> float:
    """Megapixel-steps."""
    return sum(area(octave) * octave.steps for octave in octaves)


def efforts_of(name: str) -> Iterator[float]:
    """At which efforts a candidate is another schedule than the default."""
    if name == "longer":
        yield 2.0
    for effort in EFFORTS:
        if effort != 1 or name not in ("fewer", "longer", "coarse"):
            yield effort
