"""Imports of verbs that take long: torch makes half a million objects, none of them garbage, and
Python would look through them again and again while more come.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quickly() -> Iterator[None]:
    """Look for no garbage while the block imports, and never again in what it imported."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
