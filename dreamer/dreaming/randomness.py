"""Chance as a pure function of where it is used, so that a resumed film draws the same numbers
as an unbroken one.
"""

from __future__ import annotations

import hashlib


def integers(count: int, low: int, high: int, *where: int | str) -> tuple[int, ...]:
    """`count` integers in [low, high], decided by `where` alone: (seed, frame, octave, step, …).

    The bias of the modulo is under 2⁻⁴⁰ for any range a picture can have.
    """
    text = "/".join(map(str, where)).encode()
    span = high - low + 1
    drawn = []
    for k in range(count):
        digest = hashlib.blake2b(text + f"#{k}".encode(), digest_size=8).digest()
        drawn.append(low + int.from_bytes(digest, "big") % span)
    return tuple(drawn)
