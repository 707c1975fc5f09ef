"""Chance as a pure function of where it is used, so that a resumed film draws the same numbers
as an unbroken one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor


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


def fractions(count: int, *where: int | str) -> tuple[float, ...]:
    """`count` numbers in [0, 1), evenly spread, decided by `where` alone."""
    return tuple(n / 2**53 for n in integers(count, 0, 2**53 - 1, *where))


def gaussians(count: int, *where: int | str) -> tuple[float, ...]:
    """`count` numbers of N(0, 1), decided by `where` alone (Box and Muller 1958)."""
    even = fractions(2 * count, *where)
    return tuple(
        math.sqrt(-2 * math.log(1 - radius)) * math.cos(math.tau * angle)
        for radius, angle in zip(even[::2], even[1::2], strict=True)
    )


def generator(*where: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """The chance of one place, for draws of whole tensors; other kinds of `device` draw others."""
    (seed,) = integers(1, 0, 2**62, *where)
    return torch.Generator(device).manual_seed(seed)


def normals(shape: Sequence[int], *where: int | str) -> Tensor:
    """A float32 tensor of N(0, 1) on the CPU, decided by `where` and `shape` alone."""
    return torch.randn(tuple(shape), generator=generator(*where))
