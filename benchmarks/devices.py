"""What benchmarks ask of a device: to record steps or not, to be waited for, how much memory."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from grouped import peak

from dreamer.engine.captured import Recorder
from dreamer.engine.execution import Execution
from dreamer.engine.outside import Uncapturable
from dreamer.engine.recorders import Again, Graphs, Run


class Refusing:
    """Records nothing: steps run one by one."""

    name = "nothing"

    def record(self, run: Run) -> Run:
        raise Uncapturable("asked to run them one by one")

    def ahead(self, pixels: int) -> None: ...


def recording(execution: Execution) -> Recorder:
    """What records where this runs."""
    cuda = execution.device.startswith("cuda")
    return Graphs(execution.device) if cuda else Again(execution.device)


def wait(execution: Execution) -> None:
    """Until the device has done everything."""
    if execution.device.startswith("cuda"):
        torch.cuda.synchronize(execution.device)


def timed(act: Callable[[], None], times: int, execution: Execution) -> float:
    wait(execution)
    began = time.perf_counter()
    for _ in range(times):
        act()
    wait(execution)
    return time.perf_counter() - began


def forget_memory(execution: Execution) -> None:
    if execution.device.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(execution.device)


def memory(execution: Execution) -> dict[str, int] | int:
    """MiB: of tensors and of all that torch took, on a GPU; else the process's peak so far."""
    if not execution.device.startswith("cuda"):
        return round(peak())
    device = execution.device
    return {
        "tensors": torch.cuda.max_memory_allocated(device) >> 20,
        "taken": torch.cuda.max_memory_reserved(device) >> 20,
    }
