"""Where workers compute, and which part of a queue they do."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from dreamer.batch.claims import Shard
from dreamer.errors import UsageError

SHARD = re.compile(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4})")


@dataclass(frozen=True)
class Place:
    """What a worker computes on, and the variables that let it see nothing else."""

    device: str
    variables: tuple[tuple[str, str], ...] = ()


def shard_of(text: str) -> Shard:
    """`2/8`, the second of eight.

    Raises:
        UsageError: none.
    """
    found = SHARD.fullmatch(text.strip())
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError(f"--shard: expected a part like 2/8, from 1/8 to 8/8, not {text}")
    return Shard(int(found[1]), int(found[2]))


def places_of(devices: str, workers: int | None, threads: int) -> list[Place]:
    """Where workers compute: one a CUDA device, or so many on the processor that the threads of
    the smallest jobs have a core each.

    Args:
        devices: auto, cpu, or numbers of CUDA devices as in `0,2`.
        workers: how many, instead; of CUDA devices the first so many, and no more than there are.
        threads: the fewest that a waiting job computes with.

    Raises:
        UsageError: devices that are not here.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"--workers: expected 1 or more, not {workers}")
    seen = [] if devices == "cpu" else _cuda()
    if devices not in ("auto", "cpu"):
        asked = devices.replace("cuda:", "").split(",")
        wrong = [one for one in asked if not one.isdecimal() or int(one) >= len(seen)]
        if wrong:
            has = f"numbers below {len(seen)}" if seen else "no CUDA device"
            raise UsageError(f"--devices: {','.join(wrong)}: this machine has {has}; or auto, cpu")
        numbers = [int(one) for one in asked]
        if len({*numbers}) < len(numbers):
            raise UsageError(f"--devices: {devices} names one twice; each has one worker")
        seen = [seen[number] for number in numbers]
        if workers is not None and workers > len(seen):
            many = "1 device" if len(seen) == 1 else f"{len(seen)} devices"
            raise UsageError(f"--workers: {workers} are more than {many}; each has one worker")
    if seen:
        return [Place("cuda", (("CUDA_VISIBLE_DEVICES", name),)) for name in seen[:workers]]
    count = workers or max(1, cores() // max(1, threads))
    return [Place("cpu", (("CUDA_VISIBLE_DEVICES", ""),))] * count


def _cuda() -> list[str]:
    """The CUDA devices there are, as the driver's variable calls them."""
    import torch

    count = torch.cuda.device_count()
    named = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return (named or [str(k) for k in range(count)])[:count]


def cores() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # systems that tie no process to cores
        return os.cpu_count() or 1
