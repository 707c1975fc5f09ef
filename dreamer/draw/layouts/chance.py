"""Chance that belongs to a piece: the same numbers whatever else lies on the sheet, on every
machine.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def parts(count: int, *names: object) -> NDArray[np.float64]:
    """`count` numbers from 0 to 1 (never 1), uniform and independent, `(count,)`, for what is
    called by `names`: a seed, a piece's number and whatever else tells it from others.

    Fewer numbers are the beginning of more.
    """
    called = "/".join(map(str, names)).encode()
    drawn = np.frombuffer(hashlib.shake_128(called).digest(8 * count), "<u8")
    return np.ldexp((drawn >> np.uint64(11)).astype(np.float64), -53)
