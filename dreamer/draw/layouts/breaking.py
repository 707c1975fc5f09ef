"""Where rows of pictures break: the best breaks of all, as TeX finds those of a paragraph (Knuth,
Plass 1981), not the first that fit.

A row's height is what makes it as wide as the sheet. How bad breaks are is the sum over rows of
log(height / wanted)².
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LOWEST = 4  # a row may be this many times lower than wanted, if it is of several pieces
LONE = 2  # and this many times higher, before it no longer fills the width
TOO_HIGH = 25.0  # how much worse what is above that is than what is below
STEPS = 300
FAR = 0.3  # from a sheet's height, as a part of it

Starts = NDArray[np.int64]


def broken(aspects: NDArray[np.float64], width: float, gutter: float, wanted: float) -> Starts:
    """Where rows begin, `(rows + 1,)`: the first is 0 and the last the number of pieces. Of equal
    ways, the last row has most pieces.

    Args:
        aspects: width by height of each piece, `(n,)`.
        width: of the rows, in pixels.
        gutter: between pieces of a row, in pixels.
        wanted: height of the rows, in pixels.
    """
    count = len(aspects)
    costs = np.full(count + 1, np.inf)
    costs[0] = 0.0
    before = np.zeros(count + 1, np.int64)
    for end, first, bad in _last_rows(aspects, width, gutter, wanted):
        total = costs[first:end] + bad
        best = int(np.argmin(total))
        costs[end], before[end] = total[best], first + best
    starts = [count]
    while starts[-1]:
        starts.append(int(before[starts[-1]]))
    return np.array(starts[::-1], np.int64)


def broken_to_fill(
    aspects: NDArray[np.float64], width: float, gutter: float, wanted: float, height: float
) -> list[Starts]:
    """The best ways to break for each height, in steps of a `STEPS`th of `height`, that all rows
    together come to and that is not far from it; arguments and ways as in `broken`.
    """
    count, step = len(aspects), height / STEPS
    most = round(STEPS * (1 + FAR))
    costs = np.full((count + 1, most + 1), np.inf)
    costs[0, 0] = 0.0
    before = np.zeros((count + 1, most + 1), np.int64)
    for end, first, bad in _last_rows(aspects, width, gutter, wanted):
        for place in (first + np.flatnonzero(np.isfinite(bad))).tolist():
            natural = (width - gutter * (end - 1 - place)) / float(aspects[place:end].sum())
            taken = max(1, round((natural + gutter) / step))
            if taken > most:
                continue
            total = costs[place, : most + 1 - taken] + bad[place - first]
            better = total < costs[end, taken:]
            costs[end, taken:][better] = total[better]
            before[end, taken:][better] = place
    ways = []
    for reached in np.flatnonzero(np.isfinite(costs[count])).tolist():
        if reached < STEPS * (1 - FAR):
            continue
        starts, left = [count], reached
        while starts[-1]:
            place = int(before[starts[-1], left])
            natural = (width - gutter * (starts[-1] - 1 - place)) / float(
                aspects[place : starts[-1]].sum()
            )
            left -= max(1, round((natural + gutter) / step))
            starts.append(place)
        ways.append(np.array(starts[::-1], np.int64))
    return ways


def _last_rows(
    aspects: NDArray[np.float64], width: float, gutter: float, wanted: float
) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
    """For every end the first place where its row may begin, and how bad rows from there on are."""
    ends = np.concatenate([[0.0], np.cumsum(aspects)])
    places = np.arange(len(ends))
    firsts = np.searchsorted(ends, ends - LOWEST * width / wanted)
    for end in range(1, len(ends)):
        first = min(int(firsts[end]), end - 1)
        pictures = width - gutter * (end - 1 - places[first:end])
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.log(pictures / (ends[end] - ends[first:end]) / wanted)
        bad = off**2 + TOO_HIGH * np.maximum(off - np.log(LONE), 0) ** 2
        bad[pictures <= 0] = np.inf
        yield end, first, bad
