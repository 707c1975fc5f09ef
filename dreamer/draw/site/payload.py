"""All items of a gallery as the index's script reads them: names once in tables, numbers into those
tables, so that two thousand items are a megabyte and not ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dreamer.draw.site.values import Item, Picture
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
    words, labels, sweeps = _Table(), _Table(), _Table()
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
            row["sweep"] = sweeps((item.sweep.key, _line(item.sweep.name)))
            row["index"] = item.sweep.number
            row["at"] = [[_line(key), _line(value)] for key, value in item.sweep.coordinates]
        rows.append(row)
    return {
        "title": _line(title),
        "items": rows,
        "words": words.all(),
        "labels": labels.all(),
        "sweeps": sweeps.all(),
    }


def _picture(picture: Picture) -> list[Any]:
    return list(picture)


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _line(text: str) -> str:
    return " ".join(printable(text).split())
