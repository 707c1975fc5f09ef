"""Which of the pictures that came stay: each once, in one class, and none that stands for another.

A pure function of what came, so that it cannot matter in which order it did. The same picture in
two classes is in neither: one of its labels is wrong or it shows both, and to keep the first would
be to let the alphabet decide what a network learns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dreamer.datasets.items import Item, Key, Reason
from dreamer.datasets.likeness import pairs

REPEATS = 5
PRESENT = ("here", "kept", "removed")
LEFT_OUT = ("duplicate", "near-duplicate", "ambiguous")


def contradictions(items: Iterable[Item]) -> dict[str, list[str]]:
    """Addresses that are listed for several classes, with those."""
    classes: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if item.reason != "bad-address":
            classes[item.url].append(item.category)
    return {url: names for url, names in classes.items() if len(names) > 1}


def settled(
    items: Mapping[Key, Item], listed: Iterable[Item], repeats: int = REPEATS
) -> dict[Key, Item]:
    """All `items`, those with a good picture now `kept`, or left out with the reason.

    Of pictures that are the same, or near duplicates of one, stays what an earlier run kept, else
    the one of most pixels, else the first in order. Bytes that came from `repeats` addresses or
    more are a host's placeholder, and none of them stays. What a person removed stays away, with
    its duplicates.

    Args:
        items: all there are, in the order in which they were first listed.
        listed: what lists want now; of other items, only what is in the data set counts.
        repeats: addresses with the same bytes that make them a placeholder.
    """
    now = {item.key for item in listed}
    split = contradictions(items[key] for key in now if key in items)
    urls: dict[str, set[str]] = defaultdict(set)
    for item in items.values():
        if item.sha256:
            urls[item.sha256].add(item.url)
    made, left = dict(items), []
    order = {key: place for place, key in enumerate(items)}
    for item in items.values():
        known = item.reason in PRESENT or (item.reason in LEFT_OUT and item.key in now)
        if not known or item.likeness is None:
            continue
        if item.reason == "removed":
            left.append(item)
        elif (count := len(urls[item.sha256])) >= repeats:
            made[item.key] = _out(item, "placeholder", f"the same bytes from {count} addresses")
        elif item.url in split:
            made[item.key] = _out(item, "ambiguous", f"listed in {_and(split[item.url])}")
        else:
            left.append(item)
    left.sort(key=lambda item: (item.round, -item.pixels, order[item.key]))
    for group in _groups(left):
        made.update((item.key, item) for item in _judged(group))
    return made


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    """Items of one picture together: each with the first before it that leads a group and is the
    same or a near duplicate, so that no two leaders are.
    """
    same: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        same[item.sha256].append(item)
    alike = list(same.values())
    near: dict[int, list[int]] = defaultdict(list)
    for i, j in pairs([some[0].likeness for some in alike if some[0].likeness is not None]):
        near[j].append(i)
    groups: dict[int, list[Item]] = {}
    for place, some in enumerate(alike):
        leader = next((i for i in near[place] if i in groups), None)
        if leader is None:
            groups[place] = list(some)
        else:
            groups[leader] += some
    return list(groups.values())


def _judged(group: Sequence[Item]) -> Iterator[Item]:
    """What becomes of the items of one picture, those before others first."""
    removed = {item.category: item for item in group if item.reason == "removed"}
    standing = [item for item in group if item.category not in removed]
    classes = {item.category for item in standing}
    for item in group:
        if item.reason == "removed":
            yield item
        elif item.category in removed:
            yield _copy(item, removed[item.category], ", which was taken away")
        elif len(classes) > 1:
            yield _out(item, "ambiguous", f"the same picture in {_and(classes)}")
        elif item is standing[0]:
            yield replace(item, reason="kept", detail="")
        else:
            yield _copy(item, standing[0])


def _copy(item: Item, of: Item, more: str = "") -> Item:
    same = item.sha256 == of.sha256
    return _out(item, "duplicate" if same else "near-duplicate", f"of {of.url}{more}")


def _out(item: Item, reason: Reason, detail: str) -> Item:
    return replace(item, reason=reason, detail=detail)


def _and(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
