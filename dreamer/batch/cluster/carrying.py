"""A job's files brought to a machine that does not see its home, and what was made carried back.

What a job is made of is kept here by its hash, once for all jobs and processes of the machine. What
was begun of its folder is brought too, so that it goes on instead of beginning again.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO

from dreamer.batch.cluster.arrivals import is_begun
from dreamer.batch.cluster.desk import Desk
from dreamer.batch.cluster.errand import Errand
from dreamer.batch.cluster.mirror import Mirror
from dreamer.batch.cluster.parcels import Entry, Scrap, listing, names_in, pieces, put, safe
from dreamer.batch.job import Job
from dreamer.batch.parts import Part, decided, part_folder
from dreamer.engine.layout import REPORT
from dreamer.errors import BusyError, DreamerError, FolderError
from dreamer.media.locks import taken
from dreamer.networks.locate import sha256_of
from dreamer.recipe.parse import recipe_from_text

WAIT = 0.2
NO_HALF = ("compile",)  # kinds whose folders are made again from their beginning


class Carrier:
    """Carries job `number` of an errand, or the part of it that is asked for, between its home and
    here, which is on `node` and below `room`, until it is `over`.
    """

    def __init__(self, desk: Desk, errand: Errand, number: int, node: str, room: Path) -> None:
        job, part = errand.lot[number].job, errand.part
        self._desk, self._key, self._number, self._job = desk, errand.key, number, job
        self._part, self._files = part, room / "files"
        # The same job may be here for several queues, and nodes may have one disk.
        self._work = room / "work"
        self._mirror = Mirror(self._work / f"{errand.key}-{node[:16]}-{number}")
        self._lock: IO[str] | None = None
        self._journal = ""

    def bring(self) -> Job:
        """Bring all that the job needs; it as it is here.

        Raises:
            DreamerError: what cannot be brought, or not be had.
        """
        job, here = self._job, self._mirror.job(self._job)
        _refuse(job)
        self._lock = self._settled()
        here.base.mkdir(parents=True, exist_ok=True)
        here.out.parent.mkdir(parents=True, exist_ok=True)
        for file in job.inputs:
            for entry in self._desk.look(self._key, file):
                target = self._mirror.at(file)
                self._lay(file, entry, target / safe(entry.name) if entry.name else target)
        self._bring_folder(here.out)
        return here

    def _settled(self) -> IO[str]:
        """The lock of the folder that all is brought to; what killed processes left is taken away.
        A folder without its lock is nobody's.
        """
        self._work.mkdir(parents=True, exist_ok=True)
        with _waited(self._work.with_name("work.lock")):
            for path in self._work.glob("*.lock"):
                with suppress(BlockingIOError), taken(path):
                    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                    path.unlink(missing_ok=True)
            return taken(_lock_of(self._mirror.root))

    def over(self) -> None:
        """Forget here all that was brought and made, as it is at home or nobody wants it."""
        if self._lock is not None:
            shutil.rmtree(self._mirror.root, ignore_errors=True)
            with suppress(OSError):
                _lock_of(self._mirror.root).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def parts(self) -> list[Part]:
        """The parts of the job, which is begun at home, to be computed as it would be here; none if
        it has none.
        """
        return self._desk.begin_parts(self._key, self._number, decided(self._job))

    def _bring_folder(self, out: Path) -> None:
        self._journal = self._desk.journal(self._key, self._number)
        asked = self._desk.folder if self._part is None else self._desk.needed
        entries = asked(self._key, self._number)
        if self._job.kind in NO_HALF and not any(entry.name == REPORT for entry in entries):
            return
        for entry in entries:
            offset, data = 0, b""
            while offset < entry.size and (data or not offset):
                data = self._desk.of_folder(self._key, self._number, entry.name, offset)
                put([Scrap(entry.name, offset, data)], out)
                offset += len(data)
            if not entry.size:
                put([Scrap(entry.name, 0, b"")], out)
            if sha256_of(out / safe(entry.name)) != entry.sha256:
                raise BusyError(f"{self._job.out} changed while it was brought here")
        self._mirror.take_in(self._job)

    def _lay(self, file: str, entry: Entry, target: Path) -> None:
        """Put a file that the job is made of where it looks for it."""
        kept = self._kept(file, entry)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(kept, target)
        except OSError:  # a disk without links
            shutil.copyfile(kept, target)

    def _kept(self, file: str, entry: Entry) -> Path:
        """Where the file is kept here, brought if need be: once, whoever else wants it too."""
        kept = self._files / entry.sha256
        self._files.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            with _waited(self._files / f"{entry.sha256}.lock"):
                if not kept.exists():
                    self._fetch(file, entry, kept)
        return kept

    def _fetch(self, file: str, entry: Entry, kept: Path) -> None:
        partial = kept.with_name(f"{kept.name}.{uuid.uuid4().hex}.part")
        try:
            with partial.open("wb") as written:
                while written.tell() < entry.size:
                    data = self._desk.piece(self._key, file, entry.name, written.tell())
                    if not data:
                        break
                    written.write(data)
            if sha256_of(partial) != entry.sha256:
                raise FolderError(f"{file} changed while it was brought here")
            partial.replace(kept)
        finally:
            partial.unlink(missing_ok=True)

    def as_at_home(self, words: str) -> str:
        """`words` with files called as they are at home."""
        return words.replace(str(self._mirror.root), "")

    def carry_home(self, whole: bool) -> None:
        """Carry what was made home; of what is not `whole` what was begun.

        Raises:
            DreamerError: it cannot be put there.
            OSError: there is no room for it.
        """
        out = self._mirror.at(self._job.out)
        no_half = self._part is not None or self._job.kind in NO_HALF
        if not is_begun(out) or (not whole and no_half):
            return
        self._mirror.give_out(self._job)
        if self._part is not None:
            out = part_folder(self._mirror.job(self._job), self._part)
        desk, key, number = self._desk, self._key, self._number
        names = names_in(out)
        entries = listing(out, names)
        parcel = desk.open(key, number)
        for scraps in pieces(out, names):
            desk.take(key, number, parcel, scraps)
        desk.close(key, number, parcel, entries, self._journal)


def _lock_of(root: Path) -> Path:
    return root.with_name(f"{root.name}.lock")


def _waited(path: Path) -> IO[str]:
    """The lock at `path`, waited for."""
    while True:
        try:
            return taken(path)
        except BlockingIOError:
            time.sleep(WAIT)


def _refuse(job: Job) -> None:
    """Refuse what is made of more than its files.

    Raises:
        DreamerError: it is.
    """
    if job.kind != "render":
        return
    recipe = recipe_from_text(job.recipe, job.base, f"{job.name}.yaml")
    if recipe.words.source.collage is not None:
        raise DreamerError(
            "it dreams on a collage, which is not carried to nodes that do not see this machine's "
            "files; make the collage first and say source: {image: FILE}, or share the storage"
        )
