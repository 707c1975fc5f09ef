"""How far a share counted on few pictures can be trusted."""

from __future__ import annotations

import math

Z95 = 1.959963984540054  # of the normal distribution, 2.5 % lie beyond


def wilson(right: int, count: int, z: float = Z95) -> tuple[float, float]:
    """The interval of a share of which `right` of `count` were seen, in [0, 1]; 95 % by default.

    Wilson's score interval (1927): unlike p ± z·√(p(1−p)/n) it holds for small counts and for
    shares of 0 and 1.

    Raises:
        ValueError: nothing counted, or more right than counted.
    """
    if count < 1 or not 0 <= right <= count:
        raise ValueError(f"expected some of at least one, not {right} of {count}")
    share = right / count
    whole = 1 + z * z / count
    middle = (share + z * z / (2 * count)) / whole
    half = z / whole * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    # at 0 and 1 the bound is the share itself, which rounding would miss by a hair
    low = 0.0 if right == 0 else middle - half
    high = 1.0 if right == count else middle + half
    return low, high
