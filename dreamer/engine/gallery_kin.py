"""Who of a gallery's items is related to whom: by a recipe that another went on from, by pictures
that another was made of, by a sweep that both belong to. A pure function of values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dreamer.draw.site.axes import axes_of
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
    """Those of a sweep a step up or down along one of its axes; where there is none, those before
    and after it.
    """
    found: dict[str, list[Relative]] = {}
    sweeps: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.sweep is not None:
            sweeps[item.sweep.id].append(item)
    for members in sweeps.values():
        members.sort(key=lambda item: item.sweep.number if item.sweep else 0)
        axes, places = axes_of(
            [item.sweep.coordinates if item.sweep else () for item in members],
            [item.folder for item in members],
        )
        at: dict[tuple[int, ...], Item] = {}
        for place, item in zip(places, members, strict=True):
            at.setdefault(place, item)
        words = [axis.words for axis in axes]
        for number, (place, item) in enumerate(zip(places, members, strict=True)):
            near = []
            for k, axis in enumerate(axes):
                for there in (place[k] - 1, place[k] + 1):
                    other = at.get((*place[:k], there, *place[k + 1 :]))
                    if other is not None:
                        told = words[k][there]
                        how = f"{axis.name}: {told}" if len(axis.keys) == 1 else told
                        near.append(_beside(other, item, how))
            if not near:
                for step, how in ((-1, "the one before"), (1, "the next one")):
                    if 0 <= number + step < len(members):
                        near.append(_beside(members[number + step], item, how))
            found[item.key] = near
    return found


def _beside(other: Item, item: Item, how: str) -> Relative:
    return Relative(other, how, differences(other.words, item.words))
