"""How a run over fixed tensors is recorded: as a CUDA graph, or, where there is none, by being
called again, which is how tests know that recorded steps are the same steps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch

from dreamer.engine.execution import Execution
from dreamer.engine.outside import Uncapturable, rehearsed
from dreamer.engine.perceive import Through, alone

Run = Callable[[], None]

# Work that the host may be ahead of the device, in pixels times steps: some hundredths of a second
# of a large GPU, so that it never waits, and whoever stops a render does not either.
AHEAD = 1 << 25
FEWEST_AHEAD = 2


class Again:
    """Calls what was recorded, on any device."""

    name = "calls"

    def __init__(self, kind: str = "cpu") -> None:
        self._kind = kind

    def record(self, run: Run) -> Run:
        """As `captured.Recorder`."""
        kept = rehearsed(run, self._kind)

        def again() -> None:
            assert kept  # what a graph would read stays
            run()

        return again

    def ahead(self, pixels: int) -> None:
        """Nothing is ahead of a processor that does it itself."""


class Graphs:
    """Records CUDA graphs on `device`, which share their memory for what is in between.

    Any order of runs is right: what outlives a run lies in tensors that were there before it.
    """

    name = "CUDA graphs"

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        # torch has another type for a pool in every version
        self._pool: Any = None
        self._stream: torch.cuda.Stream | None = None
        self._events: deque[torch.cuda.Event] = deque()
        self._idle: list[torch.cuda.Event] = []

    def record(self, run: Run) -> Run:
        """As `captured.Recorder`."""
        try:
            return self._record(run)
        except Uncapturable:
            raise
        except RuntimeError as error:  # of memory or of CUDA; unrecorded steps may still do
            with suppress(RuntimeError):
                torch.cuda.synchronize(self._device)
            first = str(error).strip().splitlines() or [type(error).__name__]
            raise Uncapturable(f"CUDA could not record a step: {first[0]}") from error

    def _record(self, run: Run) -> Run:
        with torch.cuda.device(self._device):
            if self._stream is None:
                self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
                self._pool = torch.cuda.graph_pool_handle()
            stream, here = self._stream, torch.cuda.current_stream()
            # One thread and one stream for all of it, so that the backward pass is recorded too,
            # and what CUDA makes for a stream (workspaces) is there before.
            with torch.autograd.set_multithreading_enabled(False):
                stream.wait_stream(here)
                try:
                    with torch.cuda.stream(stream):
                        kept = rehearsed(run, "cuda")
                finally:  # what was begun there may still be written into
                    here.wait_stream(stream)
                graph = torch.cuda.CUDAGraph()
                # Other threads go on (frames are fetched and written meanwhile): what they ask of
                # CUDA is not for the graph.
                with torch.cuda.graph(
                    graph, pool=self._pool, stream=stream, capture_error_mode="thread_local"
                ):
                    run()

        def again() -> None:
            assert kept  # its memory is read by the graph
            graph.replay()

        return again

    def ahead(self, pixels: int) -> None:
        """Wait, if need be, until no more than `AHEAD` is to be done."""
        event = self._idle.pop() if self._idle else _event()
        event.record(torch.cuda.current_stream(self._device))
        self._events.append(event)
        while len(self._events) > max(FEWEST_AHEAD, AHEAD // pixels):
            first = self._events.popleft()
            first.synchronize()
            self._idle.append(first)


def _event() -> torch.cuda.Event:
    """One whose waiting leaves the processor to others."""
    event: torch.cuda.Event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
    return event


def recorder_of(execution: Execution, through: Through) -> Graphs | None:
    """What records the steps of a render under `execution` whose networks are run by `through`;
    None where they are not recorded.
    """
    if not execution.device.startswith("cuda") or through is not alone:
        return None
    return Graphs(execution.device)
