"""What may be wrong with a data set: a list of findings, each of one picture, the gravest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dreamer.datasets.likeness import pairs
from dreamer.datasets.looking import Seen
from dreamer.datasets.looks import LEAST_BYTES, LEAST_SIDE
from dreamer.datasets.neighbours import suspicions
from dreamer.media.class_folders import ClassPicture

# What there is to find, and what a person is told of it.
KINDS = {
    "broken": "cannot be read: a training leaves them out, and says so",
    "unread": "lie outside class folders, where training reads none, or cannot be opened",
    "ambiguous": "are the same picture as one of another class",
    "leak": "are the same picture as one of another part, so that a test is no test",
    "duplicate": "are copies of another",
    "near-duplicate": "are nearly another, saved anew",
    "mislabelled": "look like another class",
    "unlike": "look unlike their class",
    "tiny": "are very small",
    "odd-shape": "are very long or very wide",
    "grey": "have no colours",
}
MOST_ASPECT = 3.0


@dataclass(frozen=True)
class Finding:
    """One thing about the picture `name`; `others` are those it has to do with, and of findings of
    a kind the greater `score` is the graver. `number` is its place among those of its kind, from 1,
    by which a sheet calls it.
    """

    kind: str
    name: str
    category: str
    detail: str
    score: float = 0.0
    others: tuple[str, ...] = ()
    number: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "number": self.number,
            "name": self.name,
            "class": self.category,
            "detail": self.detail,
            "score": round(self.score, 4),
            "others": list(self.others),
        }


def findings(
    all_seen: Sequence[Seen],
    part_of: Callable[[ClassPicture], str],
    least_bytes: int = LEAST_BYTES,
    least_side: int = LEAST_SIDE,
) -> list[Finding]:
    """What is found in what was seen, by kind in the order of `KINDS`.

    Args:
        all_seen: of all pictures of the data set.
        part_of: which part of the data set a picture is in.
        least_bytes: a file with fewer is tiny.
        least_side: a picture with a shorter side is.
    """
    good = [seen for seen in all_seen if seen.look is not None]
    same = _same(good)
    found = [
        *(
            Finding("broken", s.listed.name, s.listed.category, s.broken)
            for s in all_seen
            if s.look is None
        ),
        *_of_one(good, least_bytes, least_side),
        *_of_pairs(good, same, part_of),
        *_of_neighbours(good, same),
    ]
    return numbered(found)


def numbered(found: Iterable[Finding]) -> list[Finding]:
    """Findings in the order of `KINDS`, the gravest of each first, with their numbers."""
    order = list(KINDS)
    numbers: dict[str, int] = defaultdict(int)
    made = []
    for finding in sorted(found, key=lambda f: (order.index(f.kind), -f.score, f.name)):
        numbers[finding.kind] += 1
        made.append(replace(finding, number=numbers[finding.kind]))
    return made


def _of_one(good: Sequence[Seen], least_bytes: int, least_side: int) -> Iterator[Finding]:
    for seen in good:
        look, name, category = seen.look, seen.listed.name, seen.listed.category
        assert look is not None
        short, long = sorted((look.width, look.height))
        if seen.bytes < least_bytes or short < least_side:
            words = f"{look.width}×{look.height}, {seen.bytes} bytes"
            yield Finding("tiny", name, category, words, 1 / (1 + seen.bytes))
        if long > MOST_ASPECT * short:
            yield Finding("odd-shape", name, category, f"{look.width}×{look.height}", long / short)
        if look.grey:
            yield Finding("grey", name, category, "no colours")


def _same(good: Sequence[Seen]) -> list[tuple[int, int]]:
    """Pairs (i < j) of places of one picture: of equal bytes each with the first, of near
    duplicates the first of each bytes.
    """
    firsts: dict[str, int] = {}
    found = []
    for place, seen in enumerate(good):
        first = firsts.setdefault(seen.sha256, place)
        if first != place:
            found.append((first, place))
    places = list(firsts.values())
    looks = (good[place].look for place in places)
    near = pairs([look.likeness for look in looks if look is not None])
    return sorted([*found, *((places[i], places[j]) for i, j in near)])


def _of_pairs(
    good: Sequence[Seen], same: Sequence[tuple[int, int]], part_of: Callable[[ClassPicture], str]
) -> Iterator[Finding]:
    for i, j in same:
        one, other = good[i], good[j]
        exact = one.sha256 == other.sha256
        how = "the same bytes as" if exact else "nearly the same as"
        kind = "duplicate" if exact else "near-duplicate"
        first, second = part_of(one.listed), part_of(other.listed)
        words = f"{how} {one.listed.name}"
        if one.listed.category != other.listed.category:
            kind = "ambiguous"
        elif first != second:
            kind, words = "leak", f"{words}, of {second} and {first}"
        name, category = other.listed.name, other.listed.category
        yield Finding(kind, name, category, words, float(exact), (one.listed.name,))


def _of_neighbours(good: Sequence[Seen], same: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """What features say, where there are any and more than one class."""
    classes = sorted({seen.listed.category for seen in good})
    if len(classes) < 2 or any(seen.features is None for seen in good):
        return
    number = {name: k for k, name in enumerate(classes)}
    features = np.stack([seen.features for seen in good if seen.features is not None])
    labels = [number[seen.listed.category] for seen in good]
    for seen, said in zip(good, suspicions(features, labels, same), strict=True):
        name, category = seen.listed.name, seen.listed.category
        if said.is_mislabelled:
            words = f"{said.share:.0%} of its neighbours are {classes[said.other]}"
            yield Finding("mislabelled", name, category, words, said.share - said.own)
        if said.is_unlike:
            words = f"{said.unlike:.1f} deviations less like its class than the middle one"
            yield Finding("unlike", name, category, words, said.unlike)


def counted(found: Sequence[Finding]) -> dict[str, int]:
    """How many findings there are of each kind, of those there are any of."""
    numbers: dict[str, int] = defaultdict(int)
    for finding in found:
        numbers[finding.kind] += 1
    return {kind: numbers[kind] for kind in KINDS if kind in numbers}
