"""When two pictures are one: the same photograph again, smaller or saved anew.

64 signs say what is where, 192 bytes say in which colours; both must agree. Signs alone would take
every red motorcycle before a white wall for every yellow one, colours alone every sky for every
other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image

SIDE, LOW, GRID = 32, 8, 8
# Where 10,736 photographs of flowers and objects part into the same again and another of its kind.
MOST_BITS, MOST_LEVELS = 6, 4.0
BAND, AT_ONCE = 16, 1 << 18


class Likeness(NamedTuple):
    """What a picture is compared by: 64 signs, and the mean colours of 8 × 8 parts."""

    signs: int
    colours: bytes


@cache
def _cosines() -> np.ndarray:
    """The first rows of the DCT-II of `SIDE` points, `(LOW, SIDE)`."""
    k, n = np.arange(LOW)[:, None], np.arange(SIDE)[None]
    rows: np.ndarray = np.cos(np.pi * k * (2 * n + 1) / (2 * SIDE))
    return rows


def likeness(picture: Image.Image) -> Likeness:
    """Of an RGB picture of any size.

    The signs are those of the 8 × 8 lowest DCT coefficients of the picture as 32 × 32 grey levels,
    against their median (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
    Functions", section 3.2).
    """
    grey = np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    low = _cosines() @ grey.astype(np.float64) @ _cosines().T
    bits = low > np.median(low)
    small = picture.resize((GRID, GRID), Image.Resampling.BOX)
    return Likeness(int.from_bytes(np.packbits(bits).tobytes(), "big"), small.tobytes())


def alike(one: Likeness, other: Likeness) -> bool:
    """Whether two pictures are near duplicates."""
    return bool(pairs([one, other]))


def pairs(likenesses: Sequence[Likeness]) -> list[tuple[int, int]]:
    """All near duplicates, as pairs of places (i < j), in order.

    Of 64 signs in four bands of 16, six that differ leave a band with at most one: only pictures
    that share such a band are compared (multi-index hashing: Norouzi, Punjani and Fleet 2012).
    A hundred thousand pictures take a core some seconds.
    """
    signs = np.array([one.signs for one in likenesses], dtype=np.uint64)
    joined = b"".join(one.colours for one in likenesses)
    colours = np.frombuffer(joined, np.uint8).reshape(len(signs), 3 * GRID * GRID)
    found: set[tuple[int, int]] = set()
    for rows, columns in _sharing_a_band(signs):
        near = np.bitwise_count(signs[rows] ^ signs[columns]) <= MOST_BITS
        rows, columns = rows[near], columns[near]
        apart = np.abs(colours[rows].astype(np.int16) - colours[columns]).mean(1)
        same = apart <= MOST_LEVELS
        found.update(zip(rows[same].tolist(), columns[same].tolist(), strict=True))
    return sorted(found)


def _sharing_a_band(signs: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places i < j of hashes of which one band of 16 bits differs in at most one, in pieces."""
    for shift in range(0, 64, BAND):
        keys = (signs >> np.uint64(shift)).astype(np.uint16)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        for flipped in (0, *(1 << bit for bit in range(BAND))):
            wanted = keys ^ np.uint16(flipped)
            first = np.searchsorted(ordered, wanted, "left")
            counts = np.searchsorted(ordered, wanted, "right") - first
            begun = np.concatenate([[0], np.cumsum(counts)])
            start = 0
            while start < len(keys):
                end = int(np.searchsorted(begun, begun[start] + AT_ONCE, "right")) - 1
                end = min(max(start + 1, end), len(keys))
                rows = np.repeat(np.arange(start, end), counts[start:end])
                columns = order[first[rows] + begun[start] + np.arange(len(rows)) - begun[rows]]
                earlier = rows < columns
                yield rows[earlier], columns[earlier]
                start = end
