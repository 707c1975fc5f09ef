"""The data set's folder: which files in it are ours, and how a picture gets there and leaves.

A picture is called by its hash: the name holds on every file system, and stays. Nothing is removed
that is not, byte for byte, what was put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dreamer.datasets.folders import folders_of
from dreamer.datasets.items import Item, Key
from dreamer.datasets.manifest import MANIFEST
from dreamer.errors import FolderError, UsageError
from dreamer.media import durable
from dreamer.media.kinds import what_it_is
from dreamer.media.locks import taken
from dreamer.media.pictures import read_picture
from dreamer.media.png import encode_png
from dreamer.networks.locate import sha256_of

LOCK = ".lock"
STAYING = ("here", "kept", "removed")
OWN_PARTS = re.compile(r"\.[0-9a-f]{20}\.part")
# What training reads; a picture of another kind is written as PNG.
ENDINGS = {"a PNG picture": ".png", "a JPEG picture": ".jpg", "a WebP picture": ".webp"}


class Store:
    """The data set in the folder `path`; making one touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folders: dict[str, str] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Have the folder, made if need be, for this process alone; what a killed one left
        half-written goes.

        Raises:
            UsageError: it is no folder, or holds things that were not fetched.
            FolderError: another process has it.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"{self.path} is not a folder")
        self._refuse_foreign()
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            lock = taken(self.path / LOCK)
        except BlockingIOError as error:
            raise FolderError(f"another process is fetching into {self.path}") from error
        with lock:
            for left in self.path.iterdir():
                if OWN_PARTS.fullmatch(left.name) and left.is_file():
                    left.unlink()
            yield

    def _refuse_foreign(self) -> None:
        if not self.path.is_dir() or (self.path / MANIFEST).exists():
            return
        own = {LOCK, f".{MANIFEST}{durable.PARTIAL}"}
        others = sorted(path.name for path in self.path.iterdir() if path.name not in own)
        if others:
            raise UsageError(
                f"{self.path} holds other things ({others[0]}) and no {MANIFEST}; name another "
                "folder with --out"
            )

    def name_folders(self, items: Iterable[Item]) -> None:
        """Settle which folder each class has."""
        items = list(items)
        taken_already = {i.category: Path(i.file).parts[0] for i in items if i.file}
        own = {"": MANIFEST, "\0": LOCK}  # two names that no class may have
        self._folders = folders_of((i.category for i in items), own | taken_already)

    def part(self, name: str) -> Path:
        """Where the bytes of what is called `name` (20 hexadecimal digits) come."""
        return self.path / f".{name}.part"

    def placed(self, item: Item, part: Path) -> Item:
        """The item of a good picture in `part`, with the file it is to have; made anew there where
        training would not read its kind.

        Raises:
            MediaError: it cannot be made anew.
        """
        ending, hashed = ENDINGS.get(what_it_is(part)), ""
        if ending is None:
            with durable.naming(self.path):
                part.write_bytes(encode_png(read_picture(part), 8))
            ending, hashed = ".png", sha256_of(part)
        durable.sync_file(part)
        name = f"{self._folders[item.category]}/{item.sha256[:20]}{ending}"
        return replace(item, file=name, file_sha256=hashed)

    def settle(self, item: Item, part: Path) -> None:
        """Give a picture its name; the same picture that is there already stays."""
        to = self.path / item.file
        to.parent.mkdir(exist_ok=True)
        if to.exists():
            part.unlink()
            return
        part.replace(to)
        durable.sync_folder(to.parent)

    def has(self, item: Item) -> bool:
        """Whether the file of an item lies there, whatever a person made of it since."""
        return bool(item.file) and (self.path / item.file).is_file()

    def without_leaving(self, items: Mapping[Key, Item]) -> dict[Key, Item]:
        """The items, those left out without the files they had: removed here, unless another item
        has the file or a person changed it.
        """
        staying = {item.file for item in items.values() if item.reason in STAYING}
        made = dict(items)
        for key, item in items.items():
            if not item.file or item.reason in STAYING:
                continue
            path = self.path / item.file
            alone = item.file not in staying and path.is_file()
            if alone and sha256_of(path) == item.own_sha256:
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
            made[key] = replace(item, file="", file_sha256="")
        return made
