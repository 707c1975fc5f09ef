"""A site, and what it takes to fetch from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from picture_site import HERE, Site

from dreamer.datasets.gathering import Gathered, Wants, gather
from dreamer.datasets.items import Item
from dreamer.datasets.lists import read_lists


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


class Collecting:
    """`collect({"roses": [url, …]})` into `out`; `items` are the last run's by address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "set"
        self.wants: Wants = HERE
        self.items: dict[str, Item] = {}

    def lists(self, classes: Mapping[str, Sequence[str]]) -> Path:
        place = self.folder / "lists"
        place.mkdir(exist_ok=True)
        for name, urls in classes.items():
            (place / f"{name}.txt").write_text("\n".join(urls))
        return place

    def __call__(self, classes: Mapping[str, Sequence[str]], **how: object) -> Gathered:
        wants = how.pop("wants", self.wants)
        found = gather(read_lists([self.lists(classes)]), self.out, wants, **how)
        self.items = {item.url: item for item in found.items}
        return found

    def reason(self, url: str) -> str:
        return self.items[url].reason

    def files(self) -> list[str]:
        """All files of the data set but its own two, which have not been left half-made."""
        paths = sorted(p for p in self.out.rglob("*") if p.is_file())
        names = [path.relative_to(self.out).as_posix() for path in paths]
        return [name for name in names if name not in ("manifest.jsonl", ".lock")]


@pytest.fixture
def collect(tmp_path: Path) -> Collecting:
    return Collecting(tmp_path)


def hasty(**manners: float) -> Wants:
    """`HERE` with other manners."""
    return replace(HERE, manners=replace(HERE.manners, **manners))
