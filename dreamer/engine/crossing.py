"""What crosses between host and device while neither waits for the other.

Memory that may be moved about (pageable) is copied while both wait, and the device then has nothing
to do until the next step is said. From and to memory that stays (pinned) a GPU copies by itself, on
a stream of its own, while it computes the next frame; who needs what was fetched waits for that
copy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dreamer.dreaming import bands
from dreamer.engine.laid import framed, shown_of
from dreamer.engine.states import State
from dreamer.errors import FrameError


def sent(x: Tensor, device: torch.device | str) -> Tensor:
    """`x`, a tensor of the host, on `device`; no value is waited for."""
    if torch.device(device).type != "cuda" or not x.numel():
        return x.to(device)
    return x.pin_memory().to(device, non_blocking=True)


def finite(x: Tensor) -> Tensor:
    """Whether all of `x` are numbers, a bool `()` on its device."""
    return bands.added(lambda band: band.isfinite().all(), x) == len(bands.bands(x))


def require_finite(index: int, is_finite: Tensor) -> None:
    """Refuse frame `index` if what `finite` told of it is that it is no picture.

    Raises:
        FrameError: it is none.
    """
    if not bool(is_finite):
        raise FrameError(
            f"frame {index} came out as no picture: numbers went beyond all bounds. A "
            "smaller ascent.step, or smaller weights and exponents, keep them within"
        )


class Fetching:
    """Brings frames and states from `device` to the host, each as something that gives it when it
    is there; that may be asked by another thread.

    On a GPU a frame that is no picture is only known here, and refused when it is asked for.
    """

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        self._stream: Any = None

    def pixels(self, state: State, margin: tuple[int, int]) -> Callable[[], np.ndarray]:
        """What is seen of `state`, `(3 or 4, H, W)` float32, without its `margin`."""
        get = self._fetched(state, shown_of(state))

        def pixels() -> np.ndarray:
            (shown,) = get()
            return framed(shown.numpy(), margin)

        return pixels

    def state(self, state: State) -> Callable[[], State]:
        """What is kept of `state`."""
        get = self._fetched(state, state.image, state.anchor)
        return lambda: State(state.index, *get())

    def _fetched(self, state: State, *tensors: Tensor) -> Callable[[], Sequence[Tensor]]:
        if self._device.type != "cuda":
            return lambda: tensors
        if self._stream is None:
            self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        is_finite = finite(state.image)
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        there: list[Tensor] = []
        leaving: list[Tensor] = []
        with torch.cuda.stream(self._stream):
            for x in (is_finite, *tensors):
                dense = x.contiguous()
                here = torch.empty(dense.shape, dtype=dense.dtype, pin_memory=True)
                here.copy_(dense, non_blocking=True)
                leaving += (x, dense)
                there.append(here)
        # whoever waits for it sleeps; torch's usual events keep a processor busy
        done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        done.record(self._stream)

        def wait() -> Sequence[Tensor]:
            done.synchronize()
            leaving.clear()  # not before: its memory would be another's while it is copied
            require_finite(state.index, there[0])
            return there[1:]

        return wait
