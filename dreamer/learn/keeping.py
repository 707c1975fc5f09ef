"""A training's folder: its frozen recipe, checkpoints, reports, and the weights at its end.

`recipe.yaml`, `checkpoint.pt`, `reports.jsonl`, `events/` (TensorBoard), `lock`, and what
`release.release` writes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from dreamer.errors import FolderError, UsageError
from dreamer.media.durable import append_line, beside, write_bytes, write_text
from dreamer.media.locks import taken

RECIPE, CHECKPOINT, REPORTS = "recipe.yaml", "checkpoint.pt", "reports.jsonl"
EVENTS, LOCK = "events", "lock"
RESERVED = ("recipe", "checkpoint", "reports", "report", EVENTS, LOCK)


def usable(name: str) -> str:
    """`name`, if a network of that name can lie in a training's folder.

    Raises:
        UsageError: a file of the training itself is called so.
    """
    if name.lower() in RESERVED:
        raise UsageError(
            f"a network called '{name}' would lie where a training keeps its own {name}; say "
            "another name (--set name=…)"
        )
    return name


@contextmanager
def held(folder: Path, recipe: str) -> Iterator[None]:
    """Have `folder` for this process alone, for the training whose resolved recipe is `recipe`.
    Nothing in it changes unless it is had: its recipe may be another process's.

    Raises:
        FolderError: as `begin`; another process trains there; it cannot be written.
    """
    _is_begun(folder, recipe)  # no lock is put into what is somebody else's
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = taken(folder / LOCK)
    except BlockingIOError as error:
        raise FolderError(f"another process is training in {folder}") from error
    except OSError as error:
        raise FolderError(f"{folder} cannot be written: {error.strerror or error}") from error
    with lock:
        begin(folder, recipe)
        yield


def begin(folder: Path, recipe: str) -> None:
    """Make `folder` for the training whose resolved recipe is `recipe`, or go on in it. A recipe
    by which nothing was learnt yet makes way for another.

    Raises:
        FolderError: it holds something else, or another training.
    """
    if not _is_begun(folder, recipe):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / RECIPE, recipe)


def _is_begun(folder: Path, recipe: str) -> bool:
    """Whether `folder` was made for that training; False where it may be, and is not yet.

    Raises:
        FolderError: as `begin`.
    """
    kept = folder / RECIPE
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if kept.is_file() and kept.read_text(encoding="utf-8") == recipe:
        return True
    if RECIPE in names and names & {EVENTS, CHECKPOINT}:
        raise FolderError(f"{folder} holds another training; give another --out")
    names -= {LOCK, beside(kept).name}  # all that is there of one killed in its first moment
    # A recipe.yaml may be anybody's; one beside our lock, and nothing else, is ours.
    if names and not (names == {RECIPE} and (folder / LOCK).exists()):
        raise FolderError(f"{folder} is not empty and holds no training; give another --out")
    return False


def save(path: Path, state: Mapping[str, Any]) -> None:
    """Keep tensors and plain values at `path`, whole or not at all.

    Raises:
        FolderError: it cannot be written, as when the disk is full; what was kept before stays.
    """
    packed = io.BytesIO()  # torch's own writer says nothing of a full disk
    torch.save(dict(state), packed)
    try:
        write_bytes(path, packed.getbuffer())
    except OSError as error:
        why = error.strerror or error
        raise FolderError(f"{path} cannot be written: {why}; what was there is whole") from error


def load(path: Path) -> dict[str, Any] | None:
    """What was kept at `path`, in the computer's own memory, or None.

    Raises:
        FolderError: a damaged file.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise FolderError(f"{path} is damaged; remove it to begin again ({error})") from error
    return state


def report(folder: Path, found: Mapping[str, Any]) -> None:
    """Add a line to the reports."""
    append_line(folder / REPORTS, json.dumps(found))


def forget_after(folder: Path, step: int) -> None:
    """Take away reports of steps after `step`, which will be done again."""
    path = folder / REPORTS
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        write_text(path, "".join(line for line in whole if json.loads(line)["step"] <= step))
