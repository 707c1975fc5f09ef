"""A gallery's folder: the only reader and writer of what lies in it.

A marker in it lists every file that is dreamer's, by what is in it. Only those are ever replaced or
removed; what a person put there stays, and one of them that a person changed is refused. A build
that failed says in the marker how far it came; one that was killed has told its steps, so that the
next one takes none of its files for a person's, and no person's for its.

All of it can be made again, so that nothing is synced: thousands of files would take minutes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from dreamer.engine.gallery_found import MARKER
from dreamer.engine.gallery_steps import Steps
from dreamer.errors import FolderError, UsageError
from dreamer.media.durable import beside, naming
from dreamer.media.locks import taken
from dreamer.networks.locate import sha256_of

CACHE, LOCK = ".dreamer-gallery-cache.json", ".dreamer-gallery.lock"
STEPS = ".dreamer-gallery-building.jsonl"
ROOMS = ("items", "thumbs", "pictures", "films", "recipes")
FORMAT = 1
Make = Callable[[Path], Any]


def _unsaid(path: Path) -> str:
    """What the cache calls a file: it lies in what is shared, and says nobody's folders."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _beside(name: str) -> str:
    return beside(Path(name)).name


class Site:
    """The gallery in the folder `path`; making one touches nothing.

    `written` and `removed` count files. What is kept of a file is `of` (what it was made of), its
    own hash, and whatever its maker told (`said`).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = self.removed = 0
        self._files: dict[str, dict[str, Any]] = {}
        self._now: dict[str, dict[str, Any]] = {}
        self._stats: dict[str, list[Any]] = {}
        self._seen: dict[str, list[Any]] = {}
        self._steps = Steps(path / STEPS)
        self._begun: set[str] = set()  # by this build
        self._building = False  # as far as the marker says, and by this build
        self._lock = Lock()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Have the folder, made if need be, for this process alone; what the block does not put
        there, and was put there before, is removed when it ends well.

        Raises:
            UsageError: it is no folder, or holds something else.
            FolderError: it is another process's, was made by a newer dreamer, or holds a page that
                somebody changed.
        """
        self._refuse_foreign()
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            lock = taken(self.path / LOCK)
        except BlockingIOError as error:
            raise FolderError(f"another process is building the gallery in {self.path}") from error
        with lock:
            self._read()
            self._refuse_changed()
            try:
                yield
                self._sweep()
            except BaseException:
                self._stop()
                raise

    def _refuse_foreign(self) -> None:
        if not self.path.exists() and not self.path.is_symlink():
            return
        if not self.path.is_dir():
            raise UsageError(f"{self.path} is not a folder")
        names = {path.name for path in self.path.iterdir()}
        begun = {LOCK, _beside(MARKER)}  # a process that was killed at once
        if MARKER not in names and names - begun:
            raise UsageError(
                f"{self.path} holds other things ({min(names - begun)}); name another folder with "
                "--out"
            )
        for room in ROOMS:
            if (self.path / room).is_symlink():
                raise FolderError(f"{self.path / room} is a link, and not the gallery's own folder")

    def _read(self) -> None:
        marker = self.path / MARKER
        if marker.is_file():
            try:
                said = json.loads(marker.read_text(encoding="utf-8"))
                form = said["dreamer_gallery"]
                if form > FORMAT:  # before anything else, which may mean something else
                    raise FolderError(f"{self.path} was built by a newer dreamer; use that one")
                files = said["files"]
                if not all(self._is_own(name, of) for name, of in files.items()):
                    raise ValueError("it names files that cannot be a gallery's")
            except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
                raise FolderError(
                    f"{marker} is damaged ({error}), so that nobody knows what here is a person's; "
                    "name another folder with --out"
                ) from error
            self._files = files
            if said.get("building"):
                self._go_on()
            else:
                self._steps.end()  # of a build that was killed when it had said all
        with suppress(OSError, ValueError, AttributeError):  # it only saves work
            for name, stat in json.loads((self.path / CACHE).read_text(encoding="utf-8")).items():
                if isinstance(stat, list) and len(stat) == 3:
                    self._stats[name] = stat

    @staticmethod
    def _is_own(name: str, of: Any) -> bool:
        room, _, file = name.rpartition("/")
        plain = bool(file) and "\\" not in file and not file.startswith(".")
        return plain and room in ("", *ROOMS) and isinstance(of, dict)

    def _go_on(self) -> None:
        """Know what a killed build did."""
        begun = set()
        for name, record in self._steps.told():
            if self._is_own(name, record or {}):
                begun.add(name)
                if record is not None:
                    begun.remove(name)
                    self._files[name] = record
        self._doubt(begun)

    def _doubt(self, begun: Collection[str]) -> None:
        """Take files that were being made for as they were, or for ours, whatever is in them."""
        for name in begun:
            if name not in self._files or self._is_changed(name):
                self._files[name] = {}

    def _is_changed(self, name: str) -> bool:
        path, known = self.path / name, self._files[name].get("sha256")
        return known is not None and path.exists() and self.hash_of(path) != known

    def _refuse_changed(self) -> None:
        changed = [name for name in self._files if self._is_changed(name)]
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise FolderError(
                f"{self.path / changed[0]}{more} changed since dreamer made it; take it away to "
                "have it made again, or name another folder with --out"
            )

    def hash_of(self, path: Path) -> str:
        """SHA-256 of what is in a file, inside the gallery or not; what was read before and has
        not been touched since is not read again.
        """
        stat, key = path.stat(), _unsaid(path)
        now = [stat.st_size, stat.st_mtime_ns]
        known = self._seen.get(key) or self._stats.get(key)
        if known is None or known[:2] != now:
            known = [*now, sha256_of(path)]
        self._seen[key] = known
        return str(known[2])

    def begin(self, names: Collection[str]) -> None:
        """Say which files there are going to be.

        Raises:
            FolderError: a person's file is called so.
        """
        for name in names:
            if name not in self._files and (self.path / name).exists():
                raise FolderError(
                    f"{self.path / name} was not made by dreamer; take it away, or name another "
                    "folder with --out"
                )
        if not (self.path / MARKER).exists():  # what a kill leaves must be known as a gallery
            self._keep(self._files, building=True)
        for room in {name.rpartition("/")[0] for name in names}:
            (self.path / room).mkdir(exist_ok=True)

    def said(self, name: str, of: str) -> Any | None:
        """What the maker of the file `name` told, if that is there and was made of `of`."""
        known = self._files.get(name, {})
        there = known.get("of") == of and "sha256" in known and (self.path / name).is_file()
        return known.get("said", {}) if there else None

    def put(self, name: str, of: str, make: Make) -> Any:
        """Have the file `name`, made of `of` (a hash): if it is not there, `make` writes it to the
        path that it is given, and may tell something of it. Gives what was told.

        Several threads may put different files.
        """
        told = self.said(name, of)
        path = self.path / name
        if told is not None:
            self._now[name] = self._files[name]
            return told
        with self._lock:
            if not self.written:  # whatever happens from here on is known
                self._keep(self._files, building=True)
                self._steps.begin()
            self.written += 1
            self._begun.add(name)
        self._steps.say(name)
        partial = beside(path)
        with naming(path, partial):
            try:
                told = make(partial) or {}
                partial.replace(path)
            except BaseException:
                with suppress(OSError):
                    partial.unlink(missing_ok=True)
                raise
        self._now[name] = {"of": of, "sha256": self.hash_of(path), "said": told}
        self._steps.say(name, self._now[name])
        return told

    def put_text(self, name: str, text: str) -> None:
        """Have the file `name` with `text` in it."""
        data = text.encode("utf-8", "replace")
        of = hashlib.sha256(data).hexdigest()
        self.put(name, of, lambda path: path.write_bytes(data) and None)

    def drop(self, names: Iterable[str]) -> None:
        """Have none of these files, put before or not."""
        for name in names:
            if name in self._now:
                self._files[name] = self._now.pop(name)

    def _sweep(self) -> None:
        """Remove what is dreamer's and was not put there this time."""
        for name in self._files.keys() - self._now.keys():
            path = self.path / name
            beside(path).unlink(missing_ok=True)
            if path.exists():
                path.unlink()
                self.removed += 1
        for room in ROOMS:
            with suppress(OSError):  # not there, or a person's files are in it
                (self.path / room).rmdir()
        self._keep(self._now)
        self._steps.end()
        self._write(CACHE, json.dumps(self._seen, indent=0, sort_keys=True))

    def _stop(self) -> None:
        """Say how far a build came that goes no further."""
        self._steps.close()
        if self._building:
            with suppress(OSError):  # it is as after a kill, then
                self._doubt(self._begun - self._now.keys())
                files = self._files | self._now
                self._keep({k: of for k, of in files.items() if (self.path / k).exists()})
                self._steps.end()

    def _keep(self, files: dict[str, dict[str, Any]], building: bool = False) -> None:
        said: dict[str, Any] = {"dreamer_gallery": FORMAT, "files": files}
        if building:
            self._building = said["building"] = True
        self._write(MARKER, json.dumps(said, indent=0, sort_keys=True))

    def _write(self, name: str, text: str) -> None:
        path, data = self.path / name, text.encode()
        if path.is_file() and path.read_bytes() == data:
            return
        partial = path.with_name(_beside(name))
        with naming(path, partial):
            partial.write_bytes(data)
            partial.replace(path)
