"""What chance decides in a sweep: each draw a pure function of (seed, row, key), so that more rows
or more keys move none of those that were there.
"""

from __future__ import annotations

import hashlib
import math

from dreamer.recipe.sweep_words import Draw

BITS = 128
PARTS = 6  # decimal places of the span of what is drawn that are kept
DIGITS = 7  # of a number drawn by factors


def drawn(rule: Draw, seed: int, row: int, key: str) -> int | float:
    """The value of `key` in a row (0 is the first); of a choice, the number of the one chosen.

    Numbers are rounded to about a millionth of the span, so that they can be read, and a machine's
    last digit is not in them.
    """
    chance = _chance(seed, row, key)
    if rule.choice is not None:
        return chance * len(rule.choice) >> BITS
    if rule.integers is not None:
        first, last = rule.integers
        if rule.log:
            found = first * math.exp(math.log((last + 1) / first) * (chance / 2**BITS))
            return min(math.floor(found), last)
        return first + (chance * (last - first + 1) >> BITS)
    assert rule.between is not None
    least, greatest = rule.between
    part = chance / 2**BITS
    decimals = PARTS - _magnitude(greatest - least)
    if rule.log:
        value = math.exp(math.log(least) + (math.log(greatest) - math.log(least)) * part)
        decimals = max(decimals, DIGITS - 1 - _magnitude(value))
    else:
        value = least + (greatest - least) * part
    return min(max(round(value, decimals), least), greatest)


def _magnitude(value: float) -> int:
    return math.floor(math.log10(value))


def _chance(seed: int, row: int, key: str) -> int:
    """A whole number of `BITS` bits."""
    text = f"{seed}/{row}/{key}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[: BITS // 8], "big")
