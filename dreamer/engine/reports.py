"""The folder of a report: every file in it is ours, or it is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dreamer.errors import FolderError, UsageError
from dreamer.media.durable import PARTIAL, write_bytes, write_text
from dreamer.media.locks import taken

DATA, PAGE, SHEET = "report.json", "report.html", "sheet.png"
LOCK = ".lock"
OWN = re.compile(r"(samples|saliency)/[0-9]{2,}(-[a-z]+[0-9]*)?\.png")  # every picture's name


@contextmanager
def taken_for(out: Path, about: Mapping[str, Any]) -> Iterator[list[str]]:
    """Have the folder, made if need be, for this process alone while the block runs; gives the
    files of the report that lies in it, which may be written anew. What the block makes before it
    writes nothing is gone with it.

    Raises:
        UsageError: anything else is there.
        FolderError: it is another process's, or cannot be written.
    """
    kept_files(out, about)  # nothing is touched that is not ours
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = taken(out / LOCK)
    except BlockingIOError as error:
        raise FolderError(f"another process is writing the report in {out}") from error
    except OSError as error:
        why = error.strerror or error
        raise FolderError(f"--out: the folder {out} cannot be written: {why}") from error
    try:
        with lock:
            yield kept_files(out, about)
    finally:
        if not (out / DATA).exists():
            (out / LOCK).unlink(missing_ok=True)
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def kept_files(out: Path, about: Mapping[str, Any]) -> list[str]:
    """The files of a report that lies in `out`, which may be written anew.

    Raises:
        UsageError: anything else is there.
    """
    if not out.exists() and not out.is_symlink():
        return []
    if not out.is_dir():
        raise UsageError(f"--out: {out} is not a folder")
    files_here = (p for p in sorted(out.rglob("*")) if _is_thing(p) and not _half_written(p))
    its_lock = out / LOCK
    things = (path for path in files_here if path != its_lock or path.is_symlink())
    there = [path.relative_to(out).as_posix() for path in things]
    if not there:
        return []
    try:
        kept = json.loads((out / DATA).read_text(encoding="utf-8"))
        theirs, files = kept["about"], [str(name) for name in kept["files"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(
            f"--out: {out} holds other things ({there[0]}); name another folder"
        ) from None
    if theirs != about:
        raise UsageError(
            f"--out: {out} holds another report ({_difference(theirs, about)}); name another folder"
        )
    own = {name for name in files if name in (PAGE, SHEET) or OWN.fullmatch(name)}
    others = [n for n in there if (n not in own and n != DATA) or (out / n).is_symlink()]
    if others:
        raise UsageError(f"--out: {out} holds other things ({others[0]}); name another folder")
    return sorted(own)


def _difference(theirs: Any, about: Mapping[str, Any]) -> str:
    for key, mine in about.items():
        its = theirs.get(key) if isinstance(theirs, dict) else None
        if its != mine:
            return f"its {key} is {its}, not {mine}"
    return "of another kind"


def _is_thing(path: Path) -> bool:
    """Whether this is a file, or a link to anything: nothing is written through those."""
    return path.is_symlink() or not path.is_dir()


def _half_written(path: Path) -> bool:
    """Whether a killed writer left this, which the next one writes over."""
    return path.name.startswith(".") and path.name.endswith(PARTIAL) and not path.is_symlink()


def write_report(
    out: Path, files: Mapping[str, bytes], data: dict[str, Any], old: list[str]
) -> None:
    """Write all, and take away what of the last report is no more. What is ours is said first, so
    that a report that was stopped may be written again.
    """
    for folder in {(out / name).parent for name in files}:
        folder.mkdir(parents=True, exist_ok=True)
    unfinished = {"about": data["about"], "files": sorted({*files, *old})}
    write_text(out / DATA, json.dumps(unfinished, indent=1))
    for name, content in files.items():
        write_bytes(out / name, content)
    for name in set(old) - set(files):
        (out / name).unlink(missing_ok=True)
    write_text(out / DATA, json.dumps(data, indent=1, ensure_ascii=False))
