"""Which classes come along with another: what a network names in a class's pictures more often than
in pictures of the others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

NAMED = 0.1  # a class is named in a picture where its probability is at least this
SURE = 0.05  # how likely one class or more may be told by chance alone


@dataclass(frozen=True)
class Companion:
    """How often class `number` is named in the pictures of another, in neutral ones, which were
    climbed towards yet others, and in plain noises, out of how many, and with which mean
    probability.

    `chance` is how likely it would be named so much more often than in neutral ones if there were
    nothing to it (Fisher's exact test, times the classes it was asked of); `told` says that this is
    too little to believe. The noises are told beside it and prove nothing: they are not climbed.
    """

    number: int
    name: str
    probability: float
    named: int
    of: int
    neutral_probability: float
    neutral_named: int
    neutral_of: int
    noise_named: int
    noise_of: int
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
            "noise_named": [self.noise_named, self.noise_of],
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


def meant(name: str, classes: Sequence[str]) -> frozenset[int]:
    """Which of a network's `classes` another network's `name` means: those called exactly so, or
    else those that share a synonym with it.
    """
    exact = frozenset(k for k, other in enumerate(classes) if other == name)
    return exact or frozenset(k for k, other in enumerate(classes) if alike(name, other))


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
    seen: Tensor,
    others: Tensor,
    shown: Sequence[Collection[int]],
    noises: Tensor,
    classes: Sequence[str],
    asked: Collection[int],
) -> list[Companion]:
    """What is named in pictures of a class beside it, surest first.

    Args:
        seen: probabilities of all classes in its pictures, `(N, classes)`.
        others: the same in pictures of other classes, `(M, classes)`.
        shown: which of `classes` each of these was to show. It is not neutral about those.
        noises: the same in plain noises.
        classes: of the network that sees.
        asked: which of `classes` the class is.
    """
    often, in_noises = ((p >= NAMED).sum(0).tolist() for p in (seen, noises))
    tried = len(classes) - len(asked)
    found = []
    for k, name in enumerate(classes):
        if k in asked or not often[k]:
            continue
        fair = others[[row for row, its in enumerate(shown) if k not in its], k]
        named, count = int((fair >= NAMED).sum()), len(fair)
        chance = min(1.0, more_often(often[k], len(seen), named, count) * tried)
        found.append(
            Companion(
                k,
                name,
                seen[:, k].mean().item(),
                often[k],
                len(seen),
                fair.mean().item() if count else 0.0,
                named,
                count,
                in_noises[k],
                len(noises),
                chance,
                chance < SURE,
            )
        )
    return sorted(found, key=lambda c: (c.chance, -c.probability, c.number))
