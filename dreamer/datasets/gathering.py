"""A data set from lists of addresses: all asked for side by side, each good picture put in its
class's folder at once, and what is twice there taken out when all are.

The manifest says what a file is before the file has its name, and a file has its name only when it
is whole: killed anywhere, the same command goes on. Which of two pictures stays is decided from all
of them (`settling`), so that an unbroken run and a broken one end alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from dreamer.datasets.addresses import PublicNetwork
from dreamer.datasets.hosts import Manners
from dreamer.datasets.items import MAY_PASS, Item, Key
from dreamer.datasets.lists import Listed
from dreamer.datasets.looks import (
    LEAST_BYTES,
    LEAST_SIDE,
    MOST_PIXELS,
    TooManyPixels,
    look_at,
    what_else,
)
from dreamer.datasets.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from dreamer.datasets.placeholders import FLICKR
from dreamer.datasets.settling import REPEATS, contradictions, settled
from dreamer.datasets.storing import Store
from dreamer.datasets.visits import Came, Missed, Visitor, address
from dreamer.errors import MediaError

NAMES_AT_ONCE, LISTEN_SECONDS = 16, 0.1


@dataclass(frozen=True)
class Wants:
    """What a picture must be to stay, and how hosts are asked."""

    manners: Manners = field(default_factory=Manners)
    least_bytes: int = LEAST_BYTES
    least_side: int = LEAST_SIDE
    most_bytes: int = 30_000_000
    most_pixels: int = MOST_PIXELS
    repeats: int = REPEATS
    placeholders: frozenset[str] = frozenset(FLICKR)
    allow_private: bool = False
    contact: str = ""


@dataclass(frozen=True)
class Gathered:
    """All items, in the order in which they were first listed, and whether the run came to its
    end.
    """

    items: tuple[Item, ...]
    ended: bool


def gather(
    listed: Listed,
    out: Path,
    wants: Wants,
    again: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Gathered:
    """Fetch what is listed into `out`, or go on there.

    Args:
        listed: what is wanted.
        out: the data set's folder.
        wants: what a picture must be, and how hosts are asked.
        again: ask once more for what failed in a way that may pass.
        stopped: whether somebody asked to stop; looked at often.
        told: hears how many of how many addresses are done.

    Raises:
        UsageError: `out` holds something else.
        FolderError: another process has it, or its manifest is damaged.
        OSError: it cannot be written.
    """
    store = Store(out)
    with store.locked():
        items = _planned(read_manifest(out / MANIFEST), listed, store, again, wants.allow_private)
        store.name_folders(items.values())
        items = store.without_leaving(items)
        while True:
            write_manifest(out / MANIFEST, items.values())
            pending = [item for item in items.values() if item.reason == "wanted"]
            with Manifest(out / MANIFEST) as manifest:
                run = _Run(store, manifest, items, wants, stopped, told)
                if not asyncio.run(run.fetch(pending)):
                    return Gathered(tuple(items.values()), ended=False)
            items = _settled(items, listed, wants)
            write_manifest(out / MANIFEST, items.values())  # before files go, so that they do go
            items = store.without_leaving(items)
            if all(item.reason != "wanted" for item in items.values()):
                write_manifest(out / MANIFEST, items.values())
                return Gathered(tuple(items.values()), ended=True)


def _planned(
    items: Mapping[Key, Item], listed: Listed, store: Store, again: bool, private: bool
) -> dict[Key, Item]:
    """What there is, what is listed beside it, and what of it is to be asked for."""
    begun = any(item.reason in ("wanted", "here") for item in items.values())
    last = max((item.round for item in items.values()), default=0)
    now = last if begun else last + 1
    keys = {item.key for item in listed.items}
    split = contradictions(listed.items)
    planned = {k: item for k, item in items.items() if k in keys or not _unasked(item)}
    for item in listed.items:
        planned.setdefault(item.key, replace(item, round=now))
    for key, item in planned.items():
        if item.reason == "kept" and not store.has(item):
            planned[key] = replace(item, reason="removed", detail="taken away by a person")
        elif item.reason == "removed" and store.has(item):
            planned[key] = replace(item, reason="kept", detail="")
        elif item.reason == "here" and not store.has(item):
            planned[key] = _anew(item, now)
        elif key not in keys:
            continue
        elif item.url in split and item.reason == "wanted":
            detail = f"listed in {' and '.join(sorted(split[item.url]))}"
            planned[key] = replace(item, reason="ambiguous", detail=detail)
        elif (
            (private and item.reason == "private-address")
            or (again and item.reason in MAY_PASS)
            or (item.reason == "ambiguous" and _unasked(item) and item.url not in split)
        ):  # which was refused, not asked
            planned[key] = _anew(item, now)
    return planned


def _unasked(item: Item) -> bool:
    """Whether nothing is known of it but what a list said."""
    return item.reason == "wanted" or (item.reason == "ambiguous" and not item.sha256)


def _anew(item: Item, now: int) -> Item:
    """The item as it was listed, to be asked for."""
    return Item(item.url, item.category, item.licence, item.source, item.listed, round=now)


def _settled(items: Mapping[Key, Item], listed: Listed, wants: Wants) -> dict[Key, Item]:
    """`settling.settled`, where what is to be kept and was left out before is asked for anew."""
    made = settled(items, listed.items, wants.repeats)
    for key, item in made.items():
        if item.reason == "kept" and not item.file:
            made[key] = _anew(item, item.round)
    return made


class _Run:
    """One pass over what is wanted; what becomes of it is put into `items`."""

    def __init__(
        self,
        store: Store,
        manifest: Manifest,
        items: dict[Key, Item],
        wants: Wants,
        stopped: Callable[[], bool],
        told: Callable[[int, int], None],
    ) -> None:
        self._store, self._manifest, self._items = store, manifest, items
        self._wants, self._stopped, self._told = wants, stopped, told
        self._done = self._of = 0

    async def fetch(self, pending: Sequence[Item]) -> bool:
        """Ask for all of `pending`; False when somebody asked to stop before the end."""
        wants = self._wants
        self._of = len(pending)
        if pending:
            self._told(0, self._of)
        names = ThreadPoolExecutor(NAMES_AT_ONCE)
        asyncio.get_running_loop().set_default_executor(names)
        network = PublicNetwork(wants.allow_private)
        visitor = Visitor(wants.manners, wants.most_bytes, network, wants.contact)
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as looking:
            tasks = [
                asyncio.create_task(self._one_after_another(queue, visitor, looking))
                for queue in _by_host(pending)
                for _ in range(min(wants.manners.of_a_host, len(queue)))
            ]
            running = set(tasks)
            try:
                while running and not self._stopped():
                    done, running = await asyncio.wait(
                        running, timeout=LISTEN_SECONDS, return_when=asyncio.FIRST_EXCEPTION
                    )
                    for task in done:
                        task.result()
            finally:  # a full disk is full for all of them
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await visitor.close()
        return all(self._items[item.key].reason != "wanted" for item in pending)

    async def _one_after_another(
        self, queue: deque[Item], visitor: Visitor, looking: ThreadPoolExecutor
    ) -> None:
        while queue:
            await self._one(queue.popleft(), visitor, looking)

    async def _one(self, item: Item, visitor: Visitor, looking: ThreadPoolExecutor) -> None:
        part = self._store.part(hashlib.sha256("\n".join(item.key).encode()).hexdigest()[:20])
        came: Came | Missed
        try:
            came = await visitor.visit(item.url, part)
        except Missed as missed:
            came = missed
        except BaseException:  # as of a full disk, where half a picture takes room from others
            part.unlink(missing_ok=True)
            raise
        # what came is dealt with to the end, though somebody asks to stop meanwhile
        loop = asyncio.get_running_loop()
        await asyncio.shield(loop.run_in_executor(looking, self._finish, item, came, part))
        self._done += 1
        self._told(self._done, self._of)

    def _finish(self, item: Item, came: Came | Missed, part: Path) -> None:
        """Say what became of `item`, then give its picture its name."""
        if isinstance(came, Missed):
            final = came.url if came.url != item.url else ""
            found = replace(
                item, reason=came.reason, detail=came.detail, final_url=final, status=came.status
            )
        else:
            found = self._judged(item, came, part)
            if found.reason == "here":
                try:
                    found = self._store.placed(found, part)
                except MediaError as error:
                    found = replace(found, reason="damaged", detail=_without(part, error))
        self._manifest.add(found)
        if found.reason == "here":
            self._store.settle(found, part)
        else:
            part.unlink(missing_ok=True)
        self._items[item.key] = found

    def _judged(self, item: Item, came: Came, part: Path) -> Item:
        """What is in `part`, and whether it is wanted."""
        wants = self._wants
        found = replace(
            item,
            final_url=came.url if came.url != item.url else "",
            status=came.status,
            sha256=came.sha256,
            size=came.size,
        )
        if came.md5 in wants.placeholders or came.sha256 in wants.placeholders:
            return replace(found, reason="placeholder", detail="known by its hash")
        if what := what_else(part):
            return replace(found, reason="not-a-picture", detail=what)
        if came.size < wants.least_bytes:
            return replace(found, reason="too-small", detail=f"{came.size} bytes")
        try:
            look, _ = look_at(part, wants.most_pixels)
        except TooManyPixels as error:
            return replace(found, reason="too-many-pixels", detail=str(error))
        except MediaError as error:
            return replace(found, reason="damaged", detail=_without(part, error))
        found = replace(found, width=look.width, height=look.height, likeness=look.likeness)
        if min(look.width, look.height) < wants.least_side:
            return replace(found, reason="too-small", detail=f"{look.width}×{look.height} pixels")
        return replace(found, reason="here")


def _without(part: Path, error: MediaError) -> str:
    return str(error).replace(f"{part} is ", "").replace(str(part), "it")


def _by_host(items: Iterable[Item]) -> list[deque[Item]]:
    """Items in their order, those of each host together."""
    queues: dict[str, deque[Item]] = defaultdict(deque)
    for item in items:
        queues[address(item.url).host].append(item)
    return list(queues.values())
