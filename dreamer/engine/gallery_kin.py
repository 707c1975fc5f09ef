"""Who of a gallery's items is related to whom: by a recipe that another went on from, by pictures
that another was made of, by a sweep that both belong to. A pure function of values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dreamer.draw.site.values import Difference, Item, Kin, Relative

UNSAID = ("title",)  # differences that change no picture
MOST = 24  # ancestors or descendants of one kind that are shown


class Birth(NamedTuple):
    """What an item was born from, and by what it is known: all of it SHA-256."""

    item: Item
    identity: str
    parent: str
    made_of: Sequence[str]
    files: Sequence[str]


def kin(births: Sequence[Birth]) -> dict[str, Kin]:
    """The relatives of every item, by key."""
    by_identity = {birth.identity: birth for birth in reversed(births) if birth.identity}
    by_file = {sha: birth for birth in reversed(births) for sha in birth.files}
    above: dict[str, dict[str, Relative]] = defaultdict(dict)
    below: dict[str, dict[str, Relative]] = defaultdict(dict)
    lost: dict[str, list[str]] = defaultdict(list)
    for birth in births:
        mine = birth.item
        if birth.parent:
            parent = by_identity.get(birth.parent)
            if parent is None:
                lost[mine.key].append(
                    f"goes on from the recipe {birth.parent[:12]}, which is not in this gallery"
                )
            elif parent.item.key != mine.key:
                _relate(parent.item, mine, ("goes on from", "went on as"), above, below)
        missing = 0
        for sha in dict.fromkeys(birth.made_of):
            source = by_file.get(sha)
            if source is None:
                missing += 1
            elif source.item.key != mine.key:
                _relate(source.item, mine, ("made of", "part of"), above, below)
        if missing:
            pictures = "a picture that is" if missing == 1 else f"{missing} pictures that are"
            lost[mine.key].append(f"is made of {pictures} not in this gallery")
    beside = _neighbours([birth.item for birth in births])
    return {
        birth.item.key: Kin(
            tuple(above[birth.item.key].values())[:MOST],
            tuple(below[birth.item.key].values())[:MOST],
            tuple(beside.get(birth.item.key, ())),
            tuple(lost[birth.item.key]),
        )
        for birth in births
    }


def _relate(
    older: Item,
    younger: Item,
    how: tuple[str, str],
    above: dict[str, dict[str, Relative]],
    below: dict[str, dict[str, Relative]],
) -> None:
    """Note both ways. What differs is told where one recipe came from the other."""
    told = differences(older.words, younger.words) if how[0] == "goes on from" else ()
    above[younger.key].setdefault(older.key, Relative(older, how[0], told))
    below[older.key].setdefault(younger.key, Relative(younger, how[1]))


def differences(
    theirs: Sequence[tuple[str, str]], here: Sequence[tuple[str, str]]
) -> tuple[Difference, ...]:
    """What two recipes do not share, in the order of the second."""
    old, new = dict(theirs), dict(here)
    return tuple(
        Difference(key, old.get(key, ""), new.get(key, ""))
        for key in {**new, **old}
        if old.get(key) != new.get(key) and key not in UNSAID
    )


def _neighbours(items: Sequence[Item]) -> Mapping[str, list[Relative]]:
    """Those of a sweep that differ in one coordinate, by a step up or down; where there is none, as
    of random draws, those before and after it.
    """
    found: dict[str, list[Relative]] = defaultdict(list)
    sweeps: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.sweep is not None:
            sweeps[item.sweep.id].append(item)
    for members in sweeps.values():
        members.sort(key=lambda item: item.sweep.number if item.sweep else 0)
        axes: dict[str, dict[str, None]] = defaultdict(dict)
        places: dict[frozenset[tuple[str, str]], Item] = {}
        for item in members:
            for key, value in _coordinates(item):
                axes[key][value] = None
            places.setdefault(frozenset(_coordinates(item)), item)
        order = {key: ordered(list(values)) for key, values in axes.items()}
        for number, item in enumerate(members):
            near = _near(item, order, places)
            if not near:
                for step, how in ((-1, "the one before"), (1, "the next one")):
                    if 0 <= number + step < len(members):
                        near.append(_beside(members[number + step], item, how))
            found[item.key] = near
    return found


def _near(
    item: Item,
    order: Mapping[str, Sequence[str]],
    places: Mapping[frozenset[tuple[str, str]], Item],
) -> list[Relative]:
    near, mine = [], dict(_coordinates(item))
    for key, value in mine.items():
        at = order[key].index(value)
        for step in (-1, 1):
            if 0 <= at + step < len(order[key]):
                there = order[key][at + step]
                other = places.get(frozenset({**mine, key: there}.items()))
                if other is not None and other.key != item.key:
                    near.append(_beside(other, item, f"{key}: {there}"))
    return near


def _beside(other: Item, item: Item, how: str) -> Relative:
    return Relative(other, how, differences(other.words, item.words))


def _coordinates(item: Item) -> tuple[tuple[str, str], ...]:
    return item.sweep.coordinates if item.sweep is not None else ()


def ordered(values: Sequence[str]) -> list[str]:
    """Numbers by size; anything else as it came."""
    try:
        return sorted(values, key=float)
    except ValueError:
        return list(values)
