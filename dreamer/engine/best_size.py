"""How many pictures are best rendered together, by trying: measured once on a machine, and kept, so
that what is made later is grouped, and has its bytes, as what was made before.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dreamer.engine.calibration import computing_with, kind_of_work
from dreamer.engine.execution import Execution, decide
from dreamer.engine.measured import keep, read_kept
from dreamer.engine.ready import Ready
from dreamer.engine.tried_steps import seconds_a_picture
from dreamer.errors import DreamerError

SIZES = (1, 2, 4, 8, 16)
SLACK = 1.03  # a smaller group is as good, if it takes so little longer: it needs less memory
PATIENCE = 3.0  # seconds, after which nothing more is tried of one kind of work
STEPS, ROUNDS = 3, 3
WORTH = 4  # trying takes no more than the fourth part of the work that it is for


@dataclass(frozen=True)
class BestSize:
    """How many to render together, and what is known of it: seconds a picture by how many, where
    they were measured now, and how long that took; or why nothing was measured.
    """

    size: int
    taken: Mapping[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    failed: str = ""

    def as_text(self) -> str:
        """How it was found."""
        if self.failed:
            return f"not measured: {self.failed}"
        if not self.taken:
            return "as measured before"
        sizes = ", ".join(map(str, self.taken))
        return f"the best of {sizes}, measured in {self.seconds:.1f} s"


def best_for_stills(
    ready: Ready, threads: int, count: int, most: int, otherwise: int
) -> BestSize | None:
    """How many stills like `ready` to render together, `most` at most: `otherwise` where that
    cannot be measured here; None where nobody knows and trying is not worth it for `count` of them.
    """
    sizes = sizes_up_to(most)
    octaves = ready.plan.at(0).octaves
    one = sum(STEPS for octave in octaves if octave.steps)  # steps of trying one
    rounds = rounds_worth(one, sizes, count * sum(octave.steps for octave in octaves))
    otherwise = min(otherwise, most)
    try:
        execution = decide(ready.recipe.words.device, ready.recipe.words.precision)
        # of the same kind may be larger ones, of which fewer fit into a pass
        seen = [octave.size for octave in octaves]
        key = key_of(execution, threads, [kind_of_work(ready), seen, sizes])
        with computing_with(threads):
            clock = clock_of(execution)
            return best_size(
                key, sizes, lambda k: seconds_a_picture(ready, k, STEPS, clock), otherwise, rounds
            )
    except (DreamerError, OSError, RuntimeError) as error:  # torch's, of a device without room
        return BestSize(otherwise, failed=str(error).strip().splitlines()[0])


def rounds_worth(one: float, sizes: Sequence[int], work: float) -> int:
    """How often to try all of `sizes` for `work`, where trying one picture is `one` of the same
    unit: as often as `WORTH` allows, `ROUNDS` times at most.
    """
    warm = one * min(sizes)
    return sum((warm + k * one * sum(sizes)) * WORTH <= work for k in range(1, ROUNDS + 1))


def best_size(
    key: str,
    sizes: Sequence[int],
    seconds: Callable[[int], float],
    otherwise: int,
    rounds: int = ROUNDS,
) -> BestSize | None:
    """The smallest of `sizes` that takes hardly longer a picture than the best: as it was measured
    before under `key`, or by `seconds(size)`, all of them in turn and `rounds` times while there is
    time; None where it was not, and no round is worth it. `otherwise`, which is not kept, where
    there was time for one only. The first size is tried once before, as whatever is opened and
    chosen at first would be taken for its own time.
    """
    if len(sizes) < 2:
        return None
    before = read_kept("sizes").get(key)
    if before is not None and before in sizes:
        return BestSize(int(before))
    if not rounds:
        return None
    seconds(sizes[0])
    begun = time.perf_counter()
    taken: dict[int, float] = {}
    for _ in range(rounds):
        for size in sizes:
            if taken and time.perf_counter() - begun > PATIENCE:
                break
            taken[size] = min(seconds(size), taken.get(size, float("inf")))
    took = time.perf_counter() - begun
    if len(taken) < 2:
        return BestSize(otherwise, failed=f"a few steps of one take {took:.1f} s")
    size = hardly_longer(taken)
    keep("sizes", {key: size})
    return BestSize(size, taken, took)


def clock_of(execution: Execution) -> Callable[[], float]:
    """What sizes are compared by: on a processor its own time, which other work hardly changes."""
    return time.process_time if execution.device == "cpu" else time.perf_counter


def hardly_longer(taken: Mapping[int, float]) -> int:
    """The smallest size whose seconds are within `SLACK` of the fewest."""
    return min(size for size, took in taken.items() if took <= min(taken.values()) * SLACK)


def sizes_up_to(most: int) -> tuple[int, ...]:
    """Those that are tried where `most` fit into a pass."""
    return tuple(size for size in SIZES if size <= max(1, most))


def key_of(execution: Execution, threads: int, of: object) -> str:
    """What a best size is of: this machine, as it computes, and what it is asked to do."""
    machine = [platform.node(), platform.machine(), os.cpu_count(), execution.device_name]
    said = [*machine, execution.torch, execution.precision, threads, "together", of]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
