"""A render's folder: the only reader and writer of what lies in it.

A frame is durable before the journal names it, and a state is durable before it is used: whatever
moment a render is killed at, what the journal names is there, and the rest is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import safetensors
import safetensors.torch
from torch import Tensor

from dreamer.engine.execution import Execution
from dreamer.engine.layout import EXECUTION, JOURNAL, PROVENANCE, RECIPE
from dreamer.errors import FolderError
from dreamer.media import durable

KEPT_STATES = 2


@dataclass(frozen=True)
class State:
    """All that the next frame depends on: number and float image `(1, 3, H, W)` of the last one,
    colours to hold.
    """

    index: int
    image: Tensor
    anchor: Tensor


@dataclass(frozen=True)
class Entry:
    """A journal line: a frame that is durable."""

    index: int
    sha256: str
    seconds: float
    values: Mapping[str, float]


class Folder:
    """The folder at `path`; making one touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
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
        return (self.path / RECIPE).is_file()

    def require(self) -> Folder:
        """This folder, if a render lives here.

        Raises:
            FolderError: none does.
        """
        if not self.exists():
            raise FolderError(f"{self.path} is not a render's folder (it has no {RECIPE})")
        return self

    def create(self, recipe: str, execution: Execution) -> None:
        """Make the folder of a new render.

        Raises:
            FolderError: the place holds something else.
        """
        self.refuse_foreign()
        for part in (self.frames, self.sources, self._states):
            part.mkdir(parents=True, exist_ok=True)
        self.freeze_execution(execution)
        self.freeze_recipe(recipe)

    def refuse_foreign(self) -> None:
        """Let nothing be written where something lies that is no part of a render begun here.

        Raises:
            FolderError: something does.
        """
        ours = {"frames", "sources", "state", EXECUTION, PROVENANCE}
        if self.path.is_dir():
            names = {p.name for p in self.path.iterdir() if not p.name.endswith(durable.PARTIAL)}
            if names <= ours:
                return
        elif not self.path.exists():
            return
        raise FolderError(
            f"{self.path} holds something that is not a render; name another folder with --out"
        )

    def lock(self) -> None:
        """Take the folder for this process.

        Raises:
            FolderError: another process is rendering into it.
        """
        self._states.mkdir(parents=True, exist_ok=True)
        lock = (self._states / "lock").open("w")
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # no advisory locks on this system
        except OSError as error:
            lock.close()
            raise FolderError(f"another process is rendering into {self.path}") from error
        self._lock = lock

    def unlock(self) -> None:
        """Give the folder free again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def freeze_recipe(self, text: str) -> None:
        """Write recipe.yaml."""
        durable.write_text(self.path / RECIPE, text)

    def recipe(self) -> str:
        """The text of recipe.yaml."""
        return (self.path / RECIPE).read_text(encoding="utf-8")

    def freeze_execution(self, execution: Execution) -> None:
        """Write execution.json."""
        self.write_json(EXECUTION, execution.as_json())

    def execution(self) -> Execution:
        """The execution this render was begun under."""
        return Execution(**self.read_json(EXECUTION))

    def read_json(self, name: str) -> dict[str, Any]:
        """One of the folder's JSON files.

        Raises:
            FolderError: it is missing or damaged.
        """
        path = self.path / name
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FolderError(f"{path}: {error}") from error
        return found

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write one of the folder's JSON files."""
        durable.write_text(self.path / name, json.dumps(value, indent=1, ensure_ascii=False) + "\n")

    def frame_path(self, index: int) -> Path:
        """Where frame `index` lies."""
        return self.frames / f"{index:06d}.png"

    def keep_frame(
        self, entry_index: int, png: bytes, seconds: float, values: Mapping[str, float]
    ) -> None:
        """Make a frame durable, then name it in the journal."""
        durable.write_bytes(self.frame_path(entry_index), png)
        line = {
            "frame": entry_index,
            "sha256": hashlib.sha256(png).hexdigest(),
            "seconds": round(seconds, 4),
            "values": {k: round(v, 9) for k, v in values.items()},
        }
        durable.append_line(self.path / JOURNAL, json.dumps(line))

    def journal(self) -> dict[int, Entry]:
        """The journal: for each frame the last line about it. A torn last line is passed over."""
        path = self.path / JOURNAL
        entries: dict[int, Entry] = {}
        if not path.is_file():
            return entries
        for text in path.read_text(encoding="utf-8").split("\n")[:-1]:
            try:
                line = json.loads(text)
                entry = Entry(line["frame"], line["sha256"], line["seconds"], line["values"])
            except (ValueError, KeyError) as error:
                raise FolderError(f"{path} is damaged: {error}") from error
            entries[entry.index] = entry
        return entries

    def whole_frames(self) -> int:
        """How many frames from the first on are named by the journal and are on the disk as it
        says.
        """
        return next(
            (k for k, problem in enumerate(self.problems()) if problem), len(self.journal())
        )

    def problems(self) -> list[str]:
        """For each frame of the journal what is wrong with it, or an empty text."""
        entries = self.journal()
        found = []
        for index in range(max(entries, default=-1) + 1):
            path = self.frame_path(index)
            if index not in entries:
                found.append(f"frame {index} is not in the journal")
            elif not path.is_file():
                found.append(f"{path} is missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != entries[index].sha256:
                found.append(f"{path} is not the frame that was written")
            else:
                found.append("")
        return found

    def keep_state(self, state: State) -> None:
        """Make a state durable and let go of all but the newest few."""
        data = safetensors.torch.save(
            {"image": state.image.cpu().contiguous(), "anchor": state.anchor.cpu()}
        )
        durable.write_bytes(self._state_path(state.index), data)
        for old in sorted(self._states.glob("*.safetensors"))[:-KEPT_STATES]:
            old.unlink()

    def _state_path(self, index: int) -> Path:
        return self._states / f"{index:06d}.safetensors"

    def state_before(self, count: int) -> State | None:
        """The newest whole state of a frame below `count`."""
        for path in sorted(self._states.glob("*.safetensors"), reverse=True):
            index = int(path.stem)
            if index >= count:
                continue
            try:
                kept = safetensors.torch.load_file(path)
            except (OSError, ValueError, safetensors.SafetensorError):
                continue
            return State(index, kept["image"], kept["anchor"])
        return None

    def free_bytes(self) -> int:
        """Free space where the folder lies."""
        if not hasattr(os, "statvfs"):
            return 1 << 62
        place = os.statvfs(self.path)
        return place.f_bavail * place.f_frsize
