"""What places far away ask of the machine that the queue is on: whether they may begin, what was
told of them, files of it, and what they made. It has its disk before it, but not the queue.

A place may be lost at any moment and its errand be begun again elsewhere: whatever arrives is put
beside its place, and into it when it is whole.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

from dreamer.batch.cluster.arrivals import came_home, journal_of, part_came_home
from dreamer.batch.cluster.errand import Errand, Far, begun_parts, fars
from dreamer.batch.cluster.parcels import PIECE, Entry, Scrap, listing, put, safe
from dreamer.batch.job import Job
from dreamer.batch.parts import Part, needed, part_folder
from dreamer.batch.rules import Ending
from dreamer.errors import FolderError
from dreamer.media import durable
from dreamer.media.picture_folder import pictures_in
from dreamer.networks.locate import sha256_of

MOST_NODES = 3  # that an errand may lose before it is one that loses them
LOW = 0.95  # of a node's memory: whose place is lost then, wanted more


@dataclass
class _Begun:
    """An errand: on which nodes it was begun, one after another, and what is known of it."""

    errand: Errand
    nodes: list[str] = field(default_factory=list)
    far: Sequence[Far] = ()
    stops: list[bool] = field(default_factory=list)
    memory: float = 0.0
    heard: int = 0


class Desk:
    """Errands that are under way. `alive` says whether a node is; all may be called by several
    threads at once.
    """

    def __init__(self, alive: Callable[[str], bool]) -> None:
        self._alive = alive
        self._lock, self._beginning = threading.Lock(), threading.Lock()
        self._begun: dict[str, _Begun] = {}
        self._hashes: dict[tuple[str, int, int], str] = {}

    def expect(self, errand: Errand) -> None:
        """Know of an errand that is given out: nothing is told to others, nor taken from them."""
        for queued in errand.lot if errand.part is None else ():
            _sweep(queued.job.out)
        count = len(errand.lot)
        with self._lock:
            self._begun[errand.key] = _Begun(errand, far=fars(count), stops=[False] * count)

    def forget(self, key: str) -> None:
        """Know of it no more."""
        with self._lock:
            begun = self._begun.pop(key, None)
        for queued in () if begun is None else begun.errand.lot:
            _sweep(queued.job.out, key)

    def begin(self, key: str, node: str) -> Ending | None:
        """Whether a place on `node` may begin, or begin again where another was lost: None, or how
        the errand ended. That a node was lost is nobody's fault; who lost its place alone, with the
        node alive, is to be judged.
        """
        with self._lock:
            begun = self._of(key)
            before, begun.nodes = begun.nodes, [*begun.nodes, node]
            if any(self._alive(one) for one in before):
                if begun.memory >= LOW:
                    full = f"{begun.memory:.0%} of its node's memory was taken"
                    return Ending("memory", f"out of memory: its worker was killed when {full}")
                return Ending("lost", "its worker was killed, or crashed")
            if len(before) >= MOST_NODES:
                return Ending("lost", f"{len(before)} nodes were lost with it")
            return None

    def tell(self, key: str, far: Sequence[Far], said: bytes, memory: float) -> list[bool]:
        """Hear how far the jobs of an errand are, what they `said` since, and how much of the
        node's memory is taken; which of them are to stop.
        """
        with self._lock:
            begun = self._of(key)
            begun.far, begun.memory, begun.heard = far, memory, begun.heard + 1
            if said:
                log = Path(begun.errand.log)
                log.parent.mkdir(parents=True, exist_ok=True)
                with log.open("ab") as file:
                    file.write(said)
            return list(begun.stops)

    def stop(self, key: str, number: int | None = None) -> None:
        """Have a job of an errand stop, or all of them, at its next good moment."""
        with self._lock:
            if (begun := self._begun.get(key)) is not None:
                begun.stops = [s or number in (None, k) for k, s in enumerate(begun.stops)]

    def heard(self, keys: Sequence[str] | None = None) -> dict[str, tuple[str, Sequence[Far]]]:
        """By errand, all or those asked for, the node that it is on, and how far its jobs are."""
        with self._lock:
            asked = [key for key in keys if key in self._begun] if keys is not None else self._begun
            under_way = [(key, self._begun[key]) for key in asked]
            return {key: (begun.nodes[-1], begun.far) for key, begun in under_way if begun.nodes}

    def has(self, key: str, files: Sequence[str]) -> bool:
        """Whether any of `files`, which jobs of the errand are made of, is here."""
        return any(self._input(key, file).exists() for file in files)

    def look(self, key: str, file: str) -> list[Entry]:
        """What a file, or a folder of pictures, that a job of the errand is made of holds; a lone
        file has an empty name. Nothing, if it is not there any more.

        Raises:
            FolderError: it is made of no such thing.
        """
        path = self._input(key, file)
        if not path.exists():
            return []
        found = [("", path)] if path.is_file() else [(p.name, p) for p in pictures_in(path)]
        return [Entry(name, one.stat().st_size, self._hash(one)) for name, one in found]

    def piece(self, key: str, file: str, name: str, offset: int) -> bytes:
        """Bytes of what `look` showed, from `offset` on.

        Raises:
            FolderError: nothing that it showed.
        """
        path = self._input(key, file)
        return _read(path if not name else path / safe(name), offset)

    def folder(self, key: str, number: int) -> list[Entry]:
        """What is in the folder of a job already."""
        out = self._job(key, number).out
        return listing(out) if out.is_dir() else []

    def of_folder(self, key: str, number: int, name: str, offset: int) -> bytes:
        """Bytes of a file in the folder of a job, from `offset` on."""
        return _read(self._job(key, number).out / safe(name), offset)

    def begin_parts(self, key: str, number: int, execution: Mapping[str, Any]) -> list[Part]:
        """Begin a job here for places that do not see it, computed as `execution` says, and cut it
        as its errand asks; none where it has no parts.
        """
        with self._lock:
            errand = self._of(key).errand
        with self._beginning:  # which is in the job's folder, and a process is in one
            return begun_parts(errand.lot[number].job, errand, execution)

    def needed(self, key: str, number: int) -> list[Entry]:
        """What of the folder of a job the parts of it read."""
        job = self._job(key, number)
        return listing(job.out, [path.as_posix() for path in needed(job)])

    def open(self, key: str, number: int) -> str:
        """A parcel for what was made in the folder of a job, or of a part of it, by its name."""
        out = self._job(key, number).out
        out.parent.mkdir(parents=True, exist_ok=True)
        name = f"{key}-{secrets.token_hex(8)}"
        _parcel(out, name).mkdir()
        return name

    def take(self, key: str, number: int, parcel: str, scraps: list[Scrap]) -> None:
        """Put a piece into a parcel.

        Raises:
            FolderError: a name that is none of a file in a render's folder.
            OSError: it cannot be written: the disk is full.
        """
        put(scraps, _parcel(self._job(key, number).out, parcel))

    def close(self, key: str, number: int, parcel: str, entries: list[Entry], journal: str) -> None:
        """Put what is in a parcel into its place, if all of it arrived. `journal` is what
        `journal_of` said of the folder when it was taken away from here.

        Raises:
            FolderError: it is not what was sent, or somebody else went on in the folder.
        """
        job = self._job(key, number)
        with self._lock:
            part = self._of(key).errand.part
        there = _parcel(job.out, parcel)
        try:
            if part is None:
                came_home(there, job.out, entries, journal)
            else:
                part_came_home(there, part_folder(job, part), entries)
        finally:
            shutil.rmtree(there, ignore_errors=True)

    def journal(self, key: str, number: int) -> str:
        """What `journal_of` says of the folder of a job."""
        return journal_of(self._job(key, number).out)

    def _of(self, key: str) -> _Begun:
        if key not in self._begun:
            raise FolderError("nobody waits for this errand any more")
        return self._begun[key]

    def _job(self, key: str, number: int) -> Job:
        with self._lock:
            return self._of(key).errand.lot[number].job

    def _input(self, key: str, file: str) -> Path:
        with self._lock:
            lot = self._of(key).errand.lot
        if not any(file in queued.job.inputs for queued in lot):
            raise FolderError(f"no job of this errand is made of {file}")
        return Path(file)

    def _hash(self, path: Path) -> str:
        about = path.stat()
        known = (str(path), about.st_size, about.st_mtime_ns)
        if known not in self._hashes:
            self._hashes[known] = sha256_of(path)
        return self._hashes[known]


def _read(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


def _parcel(out: Path, name: str) -> Path:
    return durable.beside(out, f".arriving-{safe(name)}")


def _sweep(out: Path, key: str = "") -> None:
    """Take away what is left of parcels that did not arrive, of all errands or of one."""
    for path in out.parent.glob(f".{escape(out.name)}.arriving-{key}*{durable.PARTIAL}"):
        shutil.rmtree(path, ignore_errors=True)
