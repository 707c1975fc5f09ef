"""Easings: how a value goes from one keyframe to the next, by the names that Robert Penner gave
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Ease = Callable[[float], float]


def _back(x: float) -> float:
    return x * x * (2.70158 * x - 1.70158)


def _elastic(x: float) -> float:
    if x in (0.0, 1.0):
        return x
    return -(2 ** (10 * x - 10)) * math.sin((10 * x - 10.75) * math.tau / 3)


def _bounce_out(x: float) -> float:
    for start, end, low in (
        (0.0, 1 / 2.75, 0.0),
        (1.5, 2 / 2.75, 0.75),
        (2.25, 2.5 / 2.75, 0.9375),
    ):
        if x < end:
            return 7.5625 * (x - start / 2.75) ** 2 + low
    return 7.5625 * (x - 2.625 / 2.75) ** 2 + 0.984375


_IN: dict[str, Ease] = {
    "sine": lambda x: 1 - math.cos(x * math.pi / 2),
    "quad": lambda x: x**2,
    "cubic": lambda x: x**3,
    "quart": lambda x: x**4,
    "quint": lambda x: x**5,
    "expo": lambda x: 2 ** (10 * x - 10) if x > 0 else 0.0,
    "circ": lambda x: 1 - math.sqrt(1 - x * x),
    "back": _back,
    "elastic": _elastic,
    "bounce": lambda x: 1 - _bounce_out(1 - x),
}


def _out(ease: Ease) -> Ease:
    return lambda x: 1 - ease(1 - x)


def _in_out(ease: Ease) -> Ease:
    return lambda x: ease(2 * x) / 2 if x < 0.5 else 1 - ease(2 - 2 * x) / 2


EASINGS: dict[str, Ease] = {
    "linear": lambda x: x,
    "hold": lambda x: 0.0 if x < 1 else 1.0,
    "smooth": lambda x: x * x * (3 - 2 * x),
    **{f"in_{name}": ease for name, ease in _IN.items()},
    **{f"out_{name}": _out(ease) for name, ease in _IN.items()},
    **{f"in_out_{name}": _in_out(ease) for name, ease in _IN.items()},
}
