"""Memory between steps: what one step gives back, the next one needs again.

glibc gives the free end of its heap back to the system as soon as it is twice as large as the
largest piece so far, and is given it again page by page, each filled with zeros: a sixth of the
time of the demo's film. While something is rendered, `KEPT` bytes of it stay with the process.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# glibc's malloc.h
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT = 256 * 2**20
USUAL = 64 * 2**20  # where glibc's own rule ends, once a piece of 32 MiB was given back
LARGEST_PIECE = 32 * 2**20  # larger ones are mapped by themselves, and given back at once

_lock = threading.Lock()
_blocks = 0
_glibc: ctypes.CDLL | None = None


@contextmanager
def kept() -> Iterator[None]:
    """Keep freed memory for what comes next while the block, or one around it or beside it, runs;
    then what is free goes back to the system.

    It is `KEPT` bytes of the main heap, and some 64 MiB for each other thread. Afterwards as much
    as `USUAL` may stay: glibc has no way back to its own rule, which begins lower. Nothing is done
    where the C library is not glibc, or where the environment says how memory is kept.
    """
    global _blocks, _glibc
    with _lock:
        _blocks += 1
        if _blocks == 1 and (_glibc := _library()) is not None:
            _glibc.mallopt(MMAP_THRESHOLD, LARGEST_PIECE)
            _glibc.mallopt(TRIM_THRESHOLD, KEPT)
    try:
        yield
    finally:
        with _lock:
            _blocks -= 1
            if _blocks == 0 and _glibc is not None:
                _glibc.mallopt(TRIM_THRESHOLD, USUAL)
                _glibc.malloc_trim(0)


def _library() -> ctypes.CDLL | None:
    said = any(name.startswith("MALLOC_") for name in os.environ)
    if sys.platform != "linux" or said or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
