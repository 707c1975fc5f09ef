"""How fast this machine renders, by a few real steps of what is to be rendered; what was measured
is kept, so that it is measured once.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch

from dreamer.engine.execution import decide
from dreamer.engine.likeness import looked_at
from dreamer.engine.measured import keep, read_kept
from dreamer.engine.ready import Ready
from dreamer.engine.tried_steps import seconds_a_picture
from dreamer.errors import DreamerError

PATIENCE = 20.0  # seconds, in which what is measured first is always ended
STEPS = 3  # of each octave: what lies between them is timed


@dataclass(frozen=True)
class Calibration:
    """Seconds a megapixel-step by kind of work and how many are rendered together, and (`general`)
    by the multiply-adds a pixel of any. `measured` kinds took `seconds` now, `recalled` ones were
    measured before; `failed` says why others could not be.
    """

    rates: Mapping[tuple[str, int], float]
    general: float | None
    measured: int
    recalled: int
    seconds: float
    failed: tuple[str, ...] = ()

    def seconds_of(self, ready: Ready, rows: int = 1) -> float | None:
        """What the ascent of all frames of `ready`, in a group of `rows`, takes; None where nothing
        is known.
        """
        work = ready.plan.megapixel_steps()
        if work == 0:
            return 0.0
        rate = self.rates.get((kind_of_work(ready), rows))
        if rate is None and self.general is not None:
            rate = self.general * ready.plan.macs_per_pixel
        return None if rate is None else rate * work


def kind_of_work(ready: Ready) -> str:
    """What all renders share of which a megapixel-step takes about as long: networks, layers, how
    they are looked at, about how large a step is, device and precision; as a hash.
    """
    ascent, words = ready.plan.ascent, ready.recipe.words
    said = [
        [words.device, words.precision, ready.plan.samples, ready.plan.inpaint is None],
        [ascent.optimiser, ascent.redirect, ascent.window, ascent.transforms],
        [_size_class(ready), *looked_at(ready)],
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def calibrated(readies: Sequence[Ready], threads: int, rows: Sequence[int] = ()) -> Calibration:
    """How fast this machine renders each kind of work among `readies`, by steps of the first frame
    of the smallest of each; `rows` says how many each is rendered together with, itself among them.
    After `PATIENCE` no more is begun that is not known already.
    """
    begun = time.perf_counter()
    smallest: dict[tuple[str, int], tuple[float, Ready]] = {}
    for ready, together in zip(readies, rows or [1] * len(readies), strict=True):
        work, kind = _work(ready), (kind_of_work(ready), together)
        if work > 0 and (kind not in smallest or work < smallest[kind][0]):
            smallest[kind] = (work, ready)
    kept, rates, by_macs, failed = read_kept("rates"), {}, [], []
    new: dict[str, float] = {}
    recalled = 0
    for kind, (work, ready) in sorted(smallest.items(), key=lambda item: item[1][0]):
        try:
            key = key_of(ready, kind, threads)
            if (rate := kept.get(key)) is not None:
                recalled += 1
            elif new and time.perf_counter() - begun > PATIENCE:
                continue
            else:
                with computing_with(threads):
                    rate = seconds_a_picture(ready, kind[1], STEPS) / work
                new[key] = rate
        except (DreamerError, OSError) as error:
            failed.append(str(error))
            continue
        rates[kind] = rate
        if ready.plan.macs_per_pixel > 0:
            by_macs.append(rate / ready.plan.macs_per_pixel)
    if new:
        keep("rates", new)
    general = sum(by_macs) / len(by_macs) if by_macs else None
    took = time.perf_counter() - begun
    return Calibration(rates, general, len(new), recalled, took, tuple(dict.fromkeys(failed)))


def _work(ready: Ready) -> float:
    """Megapixel-steps of the first frame."""
    return replace(ready.plan, count=1).megapixel_steps()


def _size_class(ready: Ready) -> int:
    """Which power of four the pixels of a step are: larger steps take less for each."""
    steps = sum(octave.steps for octave in ready.plan.at(ready.plan.start).octaves)
    pixels = _work(ready) * 1e6 / max(1, steps)
    return math.floor(math.log(pixels, 4)) if pixels > 0 else 0


@contextmanager
def computing_with(count: int) -> Iterator[None]:
    """Let torch compute with `count` threads while the block runs."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def key_of(ready: Ready, kind: tuple[str, int], threads: int) -> str:
    """What a measurement is of: this machine, this kind of work, this size."""
    execution = decide(ready.recipe.words.device, ready.recipe.words.precision)
    machine = [platform.node(), platform.machine(), os.cpu_count(), execution.device_name]
    sizes = [octave.size for octave in ready.plan.at(ready.plan.start).octaves]
    said: list[Any] = [machine, execution.torch, execution.precision, threads, kind, sizes]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
