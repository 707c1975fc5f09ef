"""A gallery built: what lies below folders becomes items, their pictures and pages."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dreamer.draw.site.index_page import index_page
from dreamer.draw.site.item_page import item_page
from dreamer.draw.site.values import Item
from dreamer.engine.gallery_found import things
from dreamer.engine.gallery_items import item, key_of
from dreamer.engine.gallery_kin import Birth, kin
from dreamer.engine.gallery_pictures import Seen, Ways, names_of, seen
from dreamer.engine.gallery_site import Site
from dreamer.engine.gallery_things import Thing, thing
from dreamer.engine.told import Told, Watcher
from dreamer.errors import DreamerError, FolderError, UsageError

INDEX = "index.html"
MOST_THREADS = 8


class Made(NamedTuple):
    """A thing with what is shown of it."""

    thing: Thing
    seen: Seen
    item: Item


@dataclass(frozen=True)
class Built:
    """What was built: how many items, how many files that took, and what was left out, why."""

    index: Path
    items: int
    unfinished: int
    written: int
    removed: int
    left_out: tuple[str, ...]


def build(
    places: Sequence[Path], out: Path, title: str, ways: Ways, watch: Watcher = lambda told: None
) -> Built:
    """Build the gallery of all that lies below `places` in the folder `out`, or bring it up to
    date: what is there, and was made of the same, stays untouched.

    Raises:
        UsageError: a place that is not there; nothing to show; `out` holds something else.
        FolderError: something in `out` is a person's, or another process builds there.
    """
    problems: list[str] = []
    found = things(places, problems)
    site = Site(out)
    with site.opened():
        known: dict[str, Thing] = {}
        for one in found:
            try:
                read = thing(one)
            except DreamerError as error:
                problems.append(str(error))
                continue
            known[_free(key_of(read), known)] = read
        if not known:
            said = f": {problems[0]}" if problems else ""
            raise UsageError(f"nothing to show in {', '.join(map(str, places))}{said}")
        names = [name for key, one in known.items() for name in names_of(key, one, ways).values()]
        site.begin([*names, INDEX])
        made = _made(known, site, ways, problems, watch)
        if not made:
            raise UsageError(f"nothing to show in {', '.join(map(str, places))}: {problems[0]}")
        _pages(made, site, title)
    unfinished = sum(bool(one.item.unfinished) for one in made)
    return Built(out / INDEX, len(made), unfinished, site.written, site.removed, tuple(problems))


def _free(key: str, known: dict[str, Thing]) -> str:
    """`key`, or that with a number where it is taken."""
    number, free = 1, key
    while free in known:
        number += 1
        free = f"{key}-{number}"
    return free


def _made(
    known: dict[str, Thing], site: Site, ways: Ways, problems: list[str], watch: Watcher
) -> list[Made]:
    """All things with their pictures, newest first; what cannot be seen is told of."""
    made: list[Made] = []
    began = time.monotonic()
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        waiting: list[tuple[str, Thing, Future[Seen]]] = [
            (key, one, pool.submit(seen, key, one, site, ways)) for key, one in known.items()
        ]
        try:
            for number, (key, one, future) in enumerate(waiting, 1):
                try:
                    pictures = future.result()
                    made.append(Made(one, pictures, _item(key, one, pictures)))
                except DreamerError as error:
                    problems.append(str(error))
                    site.drop(names_of(key, one, ways).values())
                watch(Told(number, len(known), time.monotonic() - began, number))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(made, key=lambda row: -row.thing.made)


def _item(key: str, thing: Thing, pictures: Seen) -> Item:
    try:
        return item(key, thing, pictures)
    except (ValueError, ArithmeticError, RecursionError) as error:  # whatever strangers wrote there
        raise FolderError(f"{thing.found.path} cannot be shown: {error}") from error


def _pages(made: Sequence[Made], site: Site, title: str) -> None:
    items = [one.item for one in made]
    relatives = kin(
        [
            Birth(
                shown, one.identity, str(one.said.get("parent_sha256") or ""), one.made_of, s.hashes
            )
            for one, s, shown in made
        ]
    )
    for number, (one, _, shown) in enumerate(made):
        before = items[number - 1] if number else None
        after = items[number + 1] if number + 1 < len(items) else None
        text = item_page(shown, relatives[shown.key], title, before, after)
        site.put_text(f"items/{shown.key}.html", text)
        if one.recipe:
            site.put_text(f"recipes/{shown.key}.yaml", one.recipe)
    site.put_text(INDEX, index_page(title, items))
