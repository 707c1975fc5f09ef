"""All items of a gallery as the index's script reads them: names once in tables, numbers into those
tables, so that two thousand items are a megabyte and not ten.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from posixpath import commonpath
from typing import Any

from dreamer.draw.site.axes import axes_of
from dreamer.draw.site.values import Item, Picture, Sweep
from dreamer.errors import printable


class _Table:
    """Values by number, each kept once."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def __call__(self, value: Any) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    def all(self) -> list[Any]:
        return list(self._numbers)


def payload(title: str, items: Sequence[Item]) -> dict[str, Any]:
    """What the index's script is given: `items` in the order of the pages, and the tables."""
    words, labels = _Table(), _Table()
    sweeps, cells = _sweeps(items)
    numbers = {key: number for number, key in enumerate(sweeps)}
    rows = []
    for item in items:
        row: dict[str, Any] = {
            "key": item.key,
            "kind": item.kind,
            "title": _line(item.title),
            "place": _line(item.place),
            "alt": _line(item.alt),
            "date": item.date,
            "stamp": item.stamp,
            "thumb": _picture(item.thumb),
            "large": _picture(item.large),
            "seed": item.seed,
            "networks": [_line(name) for name in item.networks],
            "layers": [_line(name) for name in item.layers],
            "classes": [_line(name) for name in item.classes],
            "words": [words((_line(key), _line(value))) for key, value in item.words],
            "scores": [
                [labels(_line(row.label)), _share(row.before), _share(row.after)]
                for scores in item.scores
                for row in scores.rows
            ],
        }
        if item.name != item.title:
            row["name"] = _line(item.name)
        told = dict(item.facts)
        if item.film is not None:
            row["film"] = list(item.film)
        if length := told.get("length") or told.get("pieces"):
            row["length"] = length if "length" in told else f"{length} pieces"
        if item.unfinished:
            row["unfinished"] = True
        if item.sweep is not None:
            row["sweep"] = numbers[item.sweep.key]
            row["index"] = item.sweep.number
            row["at"] = [[_line(key), _line(value)] for key, value in item.sweep.coordinates]
            row["cell"] = cells[item.key]
        rows.append(row)
    return {
        "title": _line(title),
        "items": rows,
        "words": words.all(),
        "labels": labels.all(),
        "sweeps": list(sweeps.values()),
    }


def _sweeps(items: Sequence[Item]) -> tuple[dict[str, list[Any]], dict[str, list[int]]]:
    """Every sweep's key, name and axes (name and places), by its key; and every item's place on
    those, by its own.
    """
    members: dict[str, list[tuple[Item, Sweep]]] = defaultdict(list)
    for item in items:
        if item.sweep is not None:
            members[item.sweep.key].append((item, item.sweep))
    names = _names(members)
    found: dict[str, Any] = {}
    cells: dict[str, list[int]] = {}
    for key, ours in members.items():
        ours.sort(key=lambda member: member[1].number)
        axes, places = axes_of(
            [sweep.coordinates for _, sweep in ours], [item.folder for item, _ in ours]
        )
        told = [[_line(axis.name), [_line(words) for words in axis.words]] for axis in axes]
        found[key] = [key, names[key], told]
        cells |= {item.key: list(at) for (item, _), at in zip(ours, places, strict=True)}
    return found, cells


def _names(members: Mapping[str, Sequence[tuple[Item, Sweep]]]) -> dict[str, str]:
    """What to call each sweep: of several with one name, also by where it lies."""
    names = {key: _line(ours[0][1].name) for key, ours in members.items()}
    folders = {key: f", in {_folder(ours)}" for key, ours in members.items()}
    for further in (folders, {key: f", {key}" for key in members}):
        often = Counter(names.values())
        names = {k: name + further[k] if often[name] > 1 else name for k, name in names.items()}
    return names


def _folder(members: Sequence[tuple[Item, Sweep]]) -> str:
    """The folder that all of them lie in."""
    return _line(commonpath([item.folder for item, _ in members]))


def _picture(picture: Picture) -> list[Any]:
    return list(picture)


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _line(text: str) -> str:
    return " ".join(printable(text).split())
