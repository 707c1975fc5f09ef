"""Memory between steps: what one step gives back, the next one needs again.

glibc gives what is free at the heap's end back to the system as soon as that is twice the largest
piece, and is given it again page by page, each filled with zeros: of the demo's film that took a
sixth of the time. While a block runs here, up to `KEPT` bytes of it stay with the process.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# glibc's malloc.h
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT = 256 * 2**20
USUAL = 64 * 2**20  # what glibc's own rule ends at
LARGEST_PIECE = 32 * 2**20  # larger ones are mapped by themselves, and given back at once
SAID = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")

_lock = threading.Lock()
_blocks = 0


@contextmanager
def kept() -> Iterator[None]:
    """Keep freed memory for what comes next while the block, or one around it, runs. Does nothing
    where the C library is not glibc, or where the environment says how its memory is kept.
    """
    _entered(1)
    try:
        yield
    finally:
        _entered(-1)


def _entered(by: int) -> None:
    global _blocks
    with _lock:
        before, _blocks = _blocks, _blocks + by
        if before and _blocks:
            return
        option = _mallopt()
        if option is not None:
            option(MMAP_THRESHOLD, LARGEST_PIECE)
            option(TRIM_THRESHOLD, KEPT if _blocks else USUAL)


def _mallopt() -> Callable[[int, int], int] | None:
    if sys.platform != "linux" or any(name in os.environ for name in SAID):
        return None
    return getattr(ctypes.CDLL(None), "mallopt", None)
