"""Schedules evaluated: a number of a recipe becomes its value at every frame asked for."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from dreamer.recipe.easing import EASINGS
from dreamer.recipe.expressions import compile_expression
from dreamer.recipe.numbers import Expression, Keyframes, WordKeyframes
from dreamer.recipe.times import parse_time

Values = tuple[float, ...]


@dataclass(frozen=True)
class Clock:
    """Which frames to evaluate at, and how they lie in the film (`frames` None: endless), of which
    the first `lead` come before its beginning: moments are counted from the frame after them, and
    are below 0 in them.
    """

    start: int
    count: int
    frames: int | None
    fps: Fraction
    lead: int = 0

    @property
    def shown(self) -> int | None:
        """How many frames there are from the film's beginning on."""
        return None if self.frames is None else self.frames - self.lead

    def frames_since(self) -> range:
        """The frames to evaluate at, counted from the film's beginning."""
        return range(self.start - self.lead, self.start - self.lead + self.count)

    def names(self, frame: int, signals: Mapping[str, Sequence[float]]) -> dict[str, float]:
        """What an expression knows at `frame`, counted from the film's beginning; `signals` are by
        the frames there are.
        """
        known = {"t": frame / float(self.fps), "n": float(frame), "fps": float(self.fps)}
        if self.shown is not None:
            part = frame / max(self.shown - 1, 1)
            known["u"] = min(max(part, 0.0), 1.0)  # a scene fades on past its end
            known["length"] = self.shown / float(self.fps)
        known |= {name: values[frame + self.lead] for name, values in signals.items()}
        return known


def values_of(
    number: float | Keyframes | Expression,
    clock: Clock,
    log: bool = False,
    signals: Mapping[str, Sequence[float]] | None = None,
) -> Values:
    """The value of `number` at each frame of `clock`.

    Args:
        number: a constant, keyframes or an expression.
        clock: the frames.
        log: between keys, go in equal ratios instead of equal differences (for zoom); all values
            above 0.
        signals: further names for expressions, a value a frame.

    Raises:
        ValueError: what cannot be evaluated, and at which frame.
    """
    if isinstance(number, Keyframes):
        curve = _curve(number, clock, log)
        return tuple(curve(float(n)) for n in clock.frames_since())
    if isinstance(number, Expression):
        return _computed(number, clock, signals or {})
    if not math.isfinite(number):
        raise ValueError(f"is {number}, not a finite number")
    return (float(number),) * clock.count


def _curve(number: Keyframes, clock: Clock, log: bool) -> Callable[[float], float]:
    keys, way = number.keys, number.interpolate
    log = way == "log" or (log and way in (None, "cubic"))
    for key in keys:
        if not math.isfinite(key.value):
            raise ValueError(f"is {key.value} at {key.at}, not a finite number")
        if log and key.value <= 0:
            raise ValueError(f"{key.value:g} at {key.at} is not above 0")
    moments = moments_of(keys, clock)
    values = [math.log(k.value) if log else k.value for k in keys]
    slopes = monotone_slopes(moments, values) if way == "cubic" else []

    def at(frame: float) -> float:
        after = bisect.bisect_right(moments, frame)
        if after == 0:
            value = values[0]
        elif after == len(moments):
            value = values[-1]
        else:
            k, span = after - 1, moments[after] - moments[after - 1]
            part = EASINGS[keys[after].ease]((frame - moments[k]) / span)
            if way == "hold":
                value = values[k]
            elif way == "cubic":
                value = _hermite(part, values[k : k + 2], [span * s for s in slopes[k : k + 2]])
            else:
                value = values[k] + (values[after] - values[k]) * part
        return math.exp(value) if log else value

    return at


def monotone_slopes(moments: Sequence[float], values: Sequence[float]) -> list[float]:
    """Slopes at the keys of a cubic that never overshoots them (Fritsch & Butland 1984).

    Where the values turn, and at both ends, the slope is 0; elsewhere it is the harmonic mean of
    the secants on both sides, weighted by their lengths.
    """
    slopes = [0.0] * len(values)
    for k in range(1, len(values) - 1):
        before, after = moments[k] - moments[k - 1], moments[k + 1] - moments[k]
        rise, fall = values[k] - values[k - 1], values[k + 1] - values[k]
        if before > 0 and after > 0 and rise * fall > 0:
            near, far = after * 2 + before, after + before * 2
            slopes[k] = (near + far) / (near * before / rise + far * after / fall)
    return slopes


def _hermite(part: float, ends: Sequence[float], slopes: Sequence[float]) -> float:
    """The cubic from `ends[0]` to `ends[1]` with `slopes` a whole span, at `part` of the way."""
    square, cube = part * part, part**3
    blend = 3 * square - 2 * cube
    rising, falling = cube - 2 * square + part, cube - square
    return ends[0] + (ends[1] - ends[0]) * blend + slopes[0] * rising + slopes[1] * falling


def moments_of(keys: Sequence[Any], clock: Clock) -> list[float]:
    """The frames of `keys`, which must ascend.

    Raises:
        ValueError: they do not, once seconds, frames and parts are all counted in frames.
    """
    moments = [parse_time(k.at).frame(clock.fps, clock.shown) for k in keys]
    for k, (before, after) in enumerate(pairwise(moments)):
        still = clock.shown == 1
        if after < before or (after == before and not still):
            raise ValueError(
                f"the key at {keys[k + 1].at} does not come after the one at {keys[k].at}"
            )
    return moments


def _computed(number: Expression, clock: Clock, signals: Mapping[str, Sequence[float]]) -> Values:
    known = clock.names(0, {name: [0.0] * (clock.lead + 1) for name in signals})
    try:
        evaluate = compile_expression(number.expr, known | number.vars)
    except ValueError as error:
        if clock.frames is None and str(error).startswith(
            ("unknown name 'u'", "unknown name 'length'")
        ):
            raise ValueError(
                "an endless film has no end: u and length mean nothing in it"
            ) from None
        raise
    found = []
    for frame in clock.frames_since():
        try:
            value = evaluate(clock.names(frame, signals) | number.vars)
        except (ArithmeticError, ValueError) as error:
            words = {"math domain error": "has no real value"}.get(str(error), str(error))
            words = "divides by zero" if isinstance(error, ZeroDivisionError) else words
            words = "is too large" if isinstance(error, OverflowError) else words
            raise ValueError(f"'{number.expr}' {words} at frame {frame}") from None
        if number.clamp is not None:
            value = min(max(value, number.clamp[0]), number.clamp[1])
        found.append(value)
    return tuple(found)


def crossfades(keys: WordKeyframes, clock: Clock) -> list[tuple[str | int, Values]]:
    """Words that change in time as (word, weight at each frame) pairs; weights of a frame add up
    to 1.

    A fade ends `blend` after its key; a word that comes twice has one entry.
    """
    moments = moments_of(keys.keys, clock)
    fades = [parse_time(k.blend).frame(clock.fps, clock.shown) for k in keys.keys]
    tracks: dict[str | int, list[float]] = {}
    for offset, frame in enumerate(map(float, clock.frames_since())):
        weights: dict[str | int, float] = {keys.keys[0].value: 1.0}
        for key, moment, fade in zip(keys.keys[1:], moments[1:], fades[1:], strict=True):
            if frame < moment:
                break
            part = 1.0 if not fade else min((frame - moment) / fade, 1.0)
            part = min(max(EASINGS[key.ease](part), 0.0), 1.0)  # some ways overshoot
            weights = {word: weight * (1 - part) for word, weight in weights.items()}
            weights[key.value] = weights.get(key.value, 0.0) + part
        for word, weight in weights.items():
            tracks.setdefault(word, [0.0] * clock.count)[offset] = weight
    for key in keys.keys:
        tracks.setdefault(key.value, [0.0] * clock.count)
    order = list(dict.fromkeys(k.value for k in keys.keys))
    return [(word, tuple(tracks[word])) for word in order]
