"""Along what a sweep goes: its keys as axes, found in the coordinates of those that are there.

Nothing written says how a sweep came by its combinations. Of a `matrix`, each key has all its
values beside all of another's. The keys of a `zip`'s rows, or of random draws, vary together: of
their pairs of values only a few are there. They are one axis, whose values are whole rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

FEW = 3  # of so many pairs one or none is there: not a table with gaps any more, but rows
FOLDER = "lies in"
NONE = "–"  # the value of a key that a member has not

Coordinates = tuple[tuple[str, str], ...]
Row = tuple[str | None, ...]


class Axis(NamedTuple):
    """Keys that vary together, and a member's value of each, for every place along it."""

    keys: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """Its keys as a person names them; no other axis has it."""
        return ", ".join(self.keys)

    @property
    def words(self) -> tuple[str, ...]:
        """Every place in words: `16`; of several keys `2: seed 343, step 2.67`."""
        if len(self.keys) == 1:
            return tuple(value or NONE for (value,) in self.rows)
        short = [key.rpartition(".")[2] for key in self.keys]
        names = [s if short.count(s) == 1 else k for k, s in zip(self.keys, short, strict=True)]
        return tuple(
            f"{number}: " + ", ".join(f"{k} {v or NONE}" for k, v in zip(names, row, strict=True))
            for number, row in enumerate(self.rows, 1)
        )


class Axes(NamedTuple):
    """The axes of a sweep, those that make the best table first, and each member's place on them;
    only members with the same coordinates (and folder) share one.
    """

    axes: tuple[Axis, ...]
    places: tuple[tuple[int, ...], ...]


def axes_of(members: Sequence[Coordinates], folders: Sequence[str] = ()) -> Axes:
    """The axes of a sweep's `members`, given in its order; where some have the same coordinates,
    the `folders` that they lie in are one more.
    """
    said = [dict(member) for member in members]
    if folders and len({frozenset(member.items()) for member in said}) < len(said):
        said = [{**m, FOLDER: folder} for m, folder in zip(said, folders, strict=True)]
    keys = list(dict.fromkeys(key for member in said for key in member))
    found = [
        Axis(group, _in_order(group, (_row(member, group) for member in said)))
        for group in _together(keys, said)
    ]
    found.sort(key=lambda axis: (len(axis.rows) < 2, len(axis.keys) > 1, -len(axis.rows)))
    numbers = [{row: number for number, row in enumerate(axis.rows)} for axis in found]
    places = (
        tuple(at[_row(member, axis.keys)] for axis, at in zip(found, numbers, strict=True))
        for member in said
    )
    return Axes(tuple(found), tuple(places))


def _row(member: Mapping[str, str], keys: Iterable[str]) -> Row:
    return tuple(member.get(key) for key in keys)


def _together(keys: Sequence[str], members: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    """Groups of keys that vary together, until no two groups do."""
    groups: list[tuple[str, ...]] = [(key,) for key in keys]
    while True:
        values = {group: {_row(member, group) for member in members} for group in groups}
        for one, other in combinations(groups, 2):
            if len(values[one]) < 2 or len(values[other]) < 2:
                continue
            both = tuple(key for key in keys if key in one or key in other)
            pairs = len({_row(member, both) for member in members})
            decides = pairs in (len(values[one]), len(values[other]))
            if decides or pairs * FEW <= len(values[one]) * len(values[other]):
                groups = [both if group == one else group for group in groups if group != other]
                break
        else:
            return groups


def _in_order(keys: Sequence[str], rows: Iterable[Row]) -> tuple[Row, ...]:
    """Each once: of one key by its values, of several as they come."""
    once = list(dict.fromkeys(rows))
    if len(keys) > 1:
        return tuple(once)
    known = ordered([value for (value,) in once if value is not None])
    return tuple((value,) for value in [*known, *([None] if len(known) < len(once) else [])])


def ordered(values: Sequence[str]) -> list[str]:
    """Numbers by size; anything else as it came."""
    try:
        return sorted(values, key=float)
    except ValueError:
        return list(values)
