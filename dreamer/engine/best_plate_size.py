"""How many pictures of an atlas are best made together: tried with those of its largest plate."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle, islice, pairwise

import torch

from dreamer.engine.atlas_ready import ReadyAtlas
from dreamer.engine.best_size import (
    SIZES,
    STEPS,
    BestSize,
    best_size,
    clock_of,
    key_of,
    rounds_worth,
)
from dreamer.engine.execution import Execution, is_here, under
from dreamer.engine.making_plates import batches
from dreamer.engine.plates import Plate
from dreamer.engine.portraits import PARAMETERISATIONS, at_once, megapixel_steps
from dreamer.errors import DreamerError

log = logging.getLogger("dreamer")
MORE_ON_CUDA = (32, 64)
MOST_PIXELS = 1 << 20  # of all pictures of a batch: 16 of 256 × 256


class _Enough(Exception):
    """As many steps were made as were wanted."""


def best_together(ready: ReadyAtlas, execution: Execution) -> int | None:
    """How many pictures of a new atlas are to be made together, which is told; None for the usual
    number.
    """
    found = best_for_plates(ready, execution)
    if found is None:
        return None
    how = "one by one" if found.size == 1 else f"{found.size} pictures at a time"
    log.info("%s: %s, %s", ready.card.name, how, found.as_text())
    return found.size


def best_for_plates(ready: ReadyAtlas, execution: Execution) -> BestSize | None:
    """How many pictures of `ready` to make together under `execution`; None where the usual number
    will do: its device is not here, or nobody knows, and trying is not worth it for so few.
    """
    if not is_here(execution.device):
        return None
    usual = at_once(execution)
    fit = _fit(ready.side)
    sizes = _sizes(ready, execution)
    plate = max(ready.plates, key=lambda one: _work(one, ready.side))
    work = sum(_work(one, ready.side) for one in ready.plates)
    rounds = rounds_worth((STEPS + 1) * ready.side**2 / 1e6, sizes, work)
    said = {name: value for name, value in ready.settings.items() if name != "seed"}
    key = key_of(execution, execution.threads, [said, plate.name, sizes])
    try:
        with under(execution), torch.no_grad():
            trial = _Trial(ready, plate, execution)
            found = best_size(key, sizes, trial.seconds, min(usual, fit), rounds)
            return found or (BestSize(fit, failed=f"only {fit} fit") if fit < usual else None)
    except (DreamerError, OSError, RuntimeError) as error:
        return BestSize(min(usual, fit), failed=str(error).strip().splitlines()[0])


def _sizes(ready: ReadyAtlas, execution: Execution) -> tuple[int, ...]:
    """Those that fit, and that a plate has pictures for."""
    wanted = max(
        (len(plate.numbers) for plate in ready.plates if plate.kind != "layers"), default=1
    )
    all_sizes = (*SIZES, *(MORE_ON_CUDA if execution.device.startswith("cuda") else ()))
    return tuple(size for size in all_sizes if size <= min(_fit(ready.side), wanted))


def _fit(side: int) -> int:
    return max(1, MOST_PIXELS // side**2)


def _work(plate: Plate, side: int) -> float:
    many = 0 if plate.kind == "layers" else len(plate.numbers)  # which are made one by one
    return many * megapixel_steps(plate.way, side)


class _Trial:
    """A few steps of pictures of `plate`, of which nothing is kept."""

    def __init__(self, ready: ReadyAtlas, plate: Plate, execution: Execution) -> None:
        self._ready, self._plate, self._execution = ready, plate, execution
        self._clock = clock_of(execution)

    def seconds(self, size: int) -> float:
        """What a step of a picture takes, `size` at a time: the least of a few."""
        batch = next(batches(self._plate, self._ready.card, self._execution, size))
        numbers = tuple(islice(cycle(batch.numbers), size))
        noted: list[float] = []
        with suppress(_Enough):
            PARAMETERISATIONS[self._plate.way](
                batch.score(),
                numbers,
                numbers,
                self._ready.side,
                (self._ready.words.seed, "atlas"),
                self._execution,
                self._noting(noted),
            )
        return min(after - before for before, after in pairwise(noted)) / size

    def _noting(self, noted: list[float]) -> Callable[[], None]:
        def on_step() -> None:
            if self._execution.device.startswith("cuda"):
                torch.cuda.synchronize()
            noted.append(self._clock())
            if len(noted) > STEPS:
                raise _Enough

        return on_step
