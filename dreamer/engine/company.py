"""Which classes come along with another: what a network names in a class's pictures more often than
in pictures that have nothing to do with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

NAMED = 0.1  # a class is named in a picture where its probability is at least this
SURE = 0.05  # how likely one class or more may be told by chance alone


@dataclass(frozen=True)
class Companion:
    """How often a class is named in the pictures of another and in neutral ones, out of how many,
    and with which mean probability.

    `chance` is how likely it would be named so much more often if there were nothing to it
    (Fisher's exact test, times the classes it was asked of); `told` says that this is too little to
    believe.
    """

    name: str
    probability: float
    named: int
    of: int
    neutral_probability: float
    neutral_named: int
    neutral_of: int
    chance: float
    told: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "class": self.name,
            "probability": round(self.probability, 4),
            "named": [self.named, self.of],
            "neutral_probability": round(self.neutral_probability, 4),
            "neutral_named": [self.neutral_named, self.neutral_of],
            "chance": float(f"{self.chance:.2g}"),
            "beside": self.told,
        }


def words(name: str) -> frozenset[str]:
    """What a class is called, in each of its synonyms, without what people write differently."""
    parts = (re.sub(r"[\W_]+", " ", part.casefold()).strip() for part in name.split(","))
    return frozenset(filter(None, parts))


def alike(one: str, other: str) -> bool:
    """Whether two networks' classes are called the same."""
    return one == other or bool(words(one) & words(other))


def more_often(named: int, of: int, neutral: int, neutral_of: int) -> float:
    """Fisher's exact test, one-sided: how likely `named` or more of `of` pictures would be among
    all that are named, were it no matter which pictures they are (Fisher 1935).
    """
    whole, marked = of + neutral_of, named + neutral
    ways = sum(
        math.comb(marked, k) * math.comb(whole - marked, of - k)
        for k in range(named, min(marked, of) + 1)
    )
    return ways / math.comb(whole, of)


def companions(
    seen: Tensor, neutral: Tensor, shown: Sequence[str], classes: Sequence[str], asked: str
) -> list[Companion]:
    """What is named in pictures of the class `asked` beside it, surest first.

    Args:
        seen: probabilities of all classes in its pictures, `(N, classes)`.
        neutral: the same in neutral ones, `(M, classes)`.
        shown: what each neutral picture was to show, or "". It is not neutral about that class.
        classes: of the network that sees.
        asked: the class, in whatever vocabulary.
    """
    often = (seen >= NAMED).sum(0).tolist()
    tried = [k for k, name in enumerate(classes) if often[k] and not alike(name, asked)]
    found = []
    for k in tried:
        name = classes[k]
        fair = neutral[[row for row, other in enumerate(shown) if not alike(name, other)], k]
        named, count = int((fair >= NAMED).sum()), len(fair)
        chance = min(1.0, more_often(often[k], len(seen), named, count) * len(tried))
        found.append(
            Companion(
                name,
                seen[:, k].mean().item(),
                often[k],
                len(seen),
                fair.mean().item() if count else 0.0,
                named,
                count,
                chance,
                chance < SURE,
            )
        )
    return sorted(found, key=lambda c: (c.chance, -c.probability, c.name))
