"""The folder of a report: every file in it is ours, or it is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dreamer.errors import UsageError
from dreamer.media.durable import PARTIAL, write_bytes, write_text

DATA, PAGE, SHEET = "report.json", "report.html", "sheet.png"
OWN = re.compile(r"(samples|saliency)/[0-9]{2,}(-[a-z]+[0-9]*)?\.png")  # every picture's name


def kept_files(out: Path, about: Mapping[str, str]) -> list[str]:
    """The files of a report that lies in `out`, which may be written anew.

    Raises:
        UsageError: anything else is there.
    """
    if not out.exists():
        return []
    if not out.is_dir():
        raise UsageError(f"--out: {out} is not a folder")
    files_here = (p for p in sorted(out.rglob("*")) if not p.is_dir() and not _half_written(p))
    there = [path.relative_to(out).as_posix() for path in files_here]
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
        raise UsageError(f"--out: {out} holds another report; name another folder")
    own = {name for name in files if name in (PAGE, SHEET) or OWN.fullmatch(name)}
    others = [n for n in there if n not in own and n != DATA]
    if others:
        raise UsageError(f"--out: {out} holds other things ({others[0]}); name another folder")
    return sorted(own)


def _half_written(path: Path) -> bool:
    """Whether a killed writer left this, which the next one writes over."""
    return path.name.startswith(".") and path.name.endswith(PARTIAL)


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
