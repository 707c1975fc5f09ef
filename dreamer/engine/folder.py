"""A render's folder: the only reader and writer of what lies in it.

A frame is durable before the journal names it, and a state is durable before it is used: whatever
moment a render is killed at, what the journal names is there, and the rest is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dreamer.engine import states
from dreamer.engine.journal import Entry, Journal, as_line, read_journal
from dreamer.engine.layout import EXECUTION, JOURNAL, PROVENANCE, RECIPE
from dreamer.engine.states import State as State
from dreamer.errors import BusyError, FolderError
from dreamer.media import durable
from dreamer.media.locks import taken

if TYPE_CHECKING:  # torch, which who only looks into a folder does without
    from dreamer.engine.execution import Execution


class Folder:
    """The folder at `path`, which is a render's where all its `marks` are, and has frame `first`
    and those after it; making one touches nothing.
    """

    def __init__(
        self, path: Path, first: int = 0, marks: tuple[str, ...] = (RECIPE, PROVENANCE)
    ) -> None:
        self.path, self.first, self._marks = path, first, marks
        self._lock: IO[str] | None = None

    @property
    def frames(self) -> Path:
        """Where the frames lie."""
        return self.path / "frames"

    @property
    def sources(self) -> Path:
        """Where copies of the pictures the recipe names lie."""
        return self.path / "sources"

    @property
    def _states(self) -> Path:
        return self.path / "state"

    def exists(self) -> bool:
        """Whether a render lives here."""
        return all((self.path / name).is_file() for name in self._marks)

    def require(self) -> Folder:
        """This folder, if a render lives here.

        Raises:
            FolderError: none does.
        """
        if not self.exists():
            raise FolderError(
                f"{self.path} is not a render's folder (it has no {RECIPE} or no {PROVENANCE})"
            )
        return self

    def create(self, recipe: str, execution: Execution) -> None:
        """Make the folder of a new render; its recipe, written last, makes it one.

        Raises:
            FolderError: the place holds something else.
        """
        self.refuse_foreign()
        self.make_rooms()
        self.freeze_execution(execution)
        self.freeze_recipe(recipe)
        durable.sync_folder(self.path.parent)

    def make_rooms(self) -> None:
        """Make the folders inside, where one is missing."""
        for part in (self.frames, self.sources, self._states):
            part.mkdir(parents=True, exist_ok=True)

    def drop_partial(self, name: str) -> None:
        """Take away what killed processes left of the file `name`; the lock must be held."""
        for path in self.path.glob(f".*{durable.PARTIAL}"):
            if path.name.startswith(f".{name}."):
                path.unlink(missing_ok=True)

    def refuse_foreign(self) -> None:
        """Let nothing be written where something lies that is no render, nor the beginning of one.

        A beginning is what a process killed while it made the folder leaves: no frames, no states,
        and sources only beside a provenance that is ours.

        Raises:
            FolderError: something else does.
        """
        if not self.path.is_symlink() and not self.path.exists():
            return
        if not self.exists() and not (self.path.is_dir() and self._is_beginning()):
            raise FolderError(
                f"{self.path} holds something that is not a render; name another folder with --out"
            )

    def _is_beginning(self) -> bool:
        there = {
            path.name: {inner.name for inner in path.iterdir()} if path.is_dir() else set()
            for path in self.path.iterdir()
            if not path.name.endswith(durable.PARTIAL)
        }
        begun = PROVENANCE in there and self._has_our_provenance()
        ours = {"frames", "state", "sources"} | ({PROVENANCE, EXECUTION} if begun else set())
        empty = not there.get("frames") and there.get("state", set()) <= {"lock"}
        return empty and there.keys() <= ours and (begun or not there.get("sources"))

    def _has_our_provenance(self) -> bool:
        try:
            return "recipe_sha256" in self.read_json(PROVENANCE)
        except FolderError:
            return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Have the folder for this process alone while the block runs; such blocks may be nested.

        Raises:
            FolderError: as `lock`.
        """
        if self._lock is not None:
            yield
            return
        self.lock()
        try:
            yield
        finally:
            self.unlock()

    def lock(self) -> None:
        """Take the folder for this process.

        Raises:
            FolderError: another process is rendering into it, something else lies there, or it
                cannot be written.
        """
        self.refuse_foreign()
        what = "written" if self.exists() else "made"
        try:
            self._states.mkdir(parents=True, exist_ok=True)
            self._lock = taken(self._states / "lock")
        except BlockingIOError as error:
            raise BusyError(f"another process is rendering into {self.path}") from error
        except OSError as error:
            why = error.strerror or error
            raise FolderError(f"the folder {self.path} cannot be {what}: {why}") from error

    def unlock(self) -> None:
        """Give the folder free again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def freeze_recipe(self, text: str) -> None:
        """Write recipe.yaml."""
        durable.write_text(self.path / RECIPE, text)

    def recipe(self) -> str:
        """The text of recipe.yaml.

        Raises:
            FolderError: it cannot be read.
        """
        path = self.path / RECIPE
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FolderError(f"{path}: {error}") from error

    def freeze_execution(self, execution: Execution) -> None:
        """Write execution.json."""
        self.write_json(EXECUTION, execution.as_json())

    def execution(self) -> Execution:
        """The execution this render was begun under.

        Raises:
            FolderError: the file is missing or damaged.
        """
        from dreamer.engine.execution import execution_from

        try:
            return execution_from(self.read_json(EXECUTION))
        except ValueError as error:
            raise FolderError(f"{self.path / EXECUTION} is damaged: {error}") from error

    def name(self) -> str:
        """What the render is called, and its picture or film with it.

        Raises:
            FolderError: nothing, or something that would lead out of the folder.
        """
        name = self.read_json(PROVENANCE).get("name")
        if not isinstance(name, str) or Path(name).name != name or name in ("", ".."):
            raise FolderError(f"{self.path / PROVENANCE} is damaged: its name is no file's name")
        return name

    def read_json(self, name: str) -> dict[str, Any]:
        """One of the folder's JSON files.

        Raises:
            FolderError: it is missing or damaged.
        """
        path = self.path / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FolderError(f"{path}: {error}") from error
        if not isinstance(found, dict):
            raise FolderError(f"{path} is damaged: it holds no mapping")
        return found

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write one of the folder's JSON files; one that says the same already keeps its date."""
        path, text = self.path / name, json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        if not (path.is_file() and path.read_bytes() == text.encode()):
            durable.write_text(path, text)

    def frame_path(self, index: int) -> Path:
        """Where frame `index` lies."""
        return self.frames / f"{index:06d}.png"

    def keep_frame(
        self,
        index: int,
        png: bytes,
        seconds: float,
        values: Mapping[str, float],
        waited: float = 0.0,
    ) -> None:
        """Make a frame durable, then name it in the journal."""
        durable.write_bytes(self.frame_path(index), png)
        entry = Entry(index, hashlib.sha256(png).hexdigest(), seconds, values, waited)
        durable.append_line(self.path / JOURNAL, as_line(entry))

    def take_frames(self, found: Mapping[Path, Entry]) -> None:
        """Take over frames that another folder of the same disk has, in the order of the film, as
        if they had been made here; those that lie here already are only named.
        """
        if not found:
            return
        for path, entry in found.items():
            if path != self.frame_path(entry.index):
                path.replace(self.frame_path(entry.index))
        durable.sync_folder(self.frames)
        durable.append_line(self.path / JOURNAL, "\n".join(map(as_line, found.values())))

    def journal(self) -> Journal:
        """The journal, as far as it can be believed."""
        return read_journal(self.path / JOURNAL, self.first)

    def cut_journal(self) -> None:
        """Take what cannot be believed off the journal, so that lines can be added again."""
        found = self.journal()
        if found.damage:
            path = self.path / JOURNAL
            durable.write_bytes(path, path.read_bytes()[: found.size])

    def whole_frames(self) -> int:
        """The number of the first frame that is not named by the journal, or not on the disk as it
        says: how many there are without a hole.
        """
        entries = self.journal().entries
        after = self.first + len(entries)
        return next((k for k in sorted(entries) if self._problem(entries[k])), after)

    def problems(self) -> list[str]:
        """For each frame of the journal what is wrong with it, or an empty text."""
        entries = self.journal().entries
        return [self._problem(entries[index]) for index in sorted(entries)]

    def _problem(self, entry: Entry) -> str:
        path = self.frame_path(entry.index)
        if not path.is_file():
            return f"{path} is missing"
        whole = hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
        return "" if whole else f"{path} is not the frame that was written"

    def keep_state(self, state: State) -> None:
        """Make a state durable and let go of older ones."""
        states.keep_state(self._states, state)

    def state_before(self, count: int) -> State | None:
        """The newest whole state of a frame below `count`."""
        return states.state_before(self._states, count)

    def free_bytes(self) -> int:
        """Free space where the folder lies."""
        if not hasattr(os, "statvfs"):
            return 1 << 62
        place = os.statvfs(self.path)
        return place.f_bavail * place.f_frsize
