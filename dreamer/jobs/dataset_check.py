"""`dataset check`: what may be wrong with a folder of class folders, as text and on sheets."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.datasets.findings import KINDS, Finding, counted, findings, numbered
from dreamer.datasets.listing import pictures_in
from dreamer.datasets.looking import Describe, Kept, look_over
from dreamer.datasets.looks import LEAST_BYTES, LEAST_SIDE
from dreamer.datasets.pages import write_pages
from dreamer.engine.stopping import listening
from dreamer.engine.told import Told, Watcher
from dreamer.errors import FolderError, UsageError, in_unicode, printable
from dreamer.learn.split import part_of
from dreamer.media import durable
from dreamer.media.class_folders import ClassFolders, ClassPicture
from dreamer.media.locks import taken

REPORT, SEEN, LOCK, NO_NETWORK = "report.json", "seen.jsonl", ".lock", "none"
SHOWN = 5


@dataclass(frozen=True)
class Checked:
    """What was found in the data set `folder`, and the pages it is shown on."""

    folder: Path
    classes: dict[str, int]
    findings: tuple[Finding, ...]
    network: str
    pages: tuple[Path, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether a training would read all of it: nothing is broken, no folder `closed` to it."""
        return not self.closed and not any(finding.kind == "broken" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        return {
            "folder": str(self.folder),
            "network": self.network,
            "classes": self.classes,
            "found": counted(self.findings),
            "findings": [finding.as_json() for finding in self.findings],
            "pages": [page.name for page in self.pages],
        }

    def as_text(self) -> str:
        """A paragraph a kind, with the first of it."""
        count = sum(self.classes.values())
        lines = [f"{self.folder}: {count} pictures of {len(self.classes)} classes"]
        for kind, number in counted(self.findings).items():
            lines.append(f"{number} {KINDS[kind]} ({kind}):")
            mine = [finding for finding in self.findings if finding.kind == kind]
            lines += [f"  {f.name}: {f.detail}" for f in mine[:SHOWN]]
            if number > SHOWN:
                lines.append(f"  and {number - SHOWN} more")
        if not self.findings:
            lines.append("nothing found")
        return printable("\n".join([*lines, *map(str, self.pages)]))


def check(
    folder: Path,
    out: Path | None = None,
    network: str = "house",
    least_bytes: int = LEAST_BYTES,
    least_side: int = LEAST_SIDE,
    watch: Watcher = lambda told: None,
) -> Checked:
    """Look over all pictures in the class folders of `folder`.

    Args:
        folder: the data set; class folders in it, or in folders of it (`train`, `test`).
        out: where `report.json` and the sheets go; with it, a stopped look goes on.
        network: by whose eyes pictures are compared; `none` for without.
        least_bytes: files with fewer are tiny.
        least_side: pictures with a shorter side are.
        watch: told of progress.

    Raises:
        UsageError: no pictures; an `out` inside of `folder`, or that holds something else.
        NetworkError: a network that is not here.
        Stopped: a signal asked to stop.
    """
    listing = pictures_in(folder)
    if out is None:
        return _checked(listing, None, network, least_bytes, least_side, watch)
    _refuse_foreign(out, folder)
    out.mkdir(parents=True, exist_ok=True)
    try:
        lock = taken(out / LOCK)
    except BlockingIOError as error:
        raise FolderError(f"another process writes into {out}") from error
    with lock:
        return _checked(listing, out, network, least_bytes, least_side, watch)


def _checked(
    listing: ClassFolders,
    out: Path | None,
    network: str,
    least_bytes: int,
    least_side: int,
    watch: Watcher,
) -> Checked:
    identity, describe = _eyes(network)
    kept = Kept(out and out / SEEN, identity)
    began, start = time.monotonic(), [0]

    def told(done: int, of: int) -> None:
        start[0] = start[0] or done
        watch(Told(done, of, time.monotonic() - began, done - start[0]))

    with listening() as stop:
        seen = look_over(listing.pictures, describe, kept, lambda: bool(stop), told)
        going_on = "go on with the same command" if out else "with --out, what was seen is kept"
        stop.check(f"while looking; {going_on}")
    assert seen is not None
    unread = [Finding("unread", name, "", "not read by a training") for name in listing.unread]
    unread += [
        Finding("unread", name, "", f"cannot be opened ({reason}); a training refuses it")
        for name, reason in listing.unreadable.items()
    ]
    found = numbered([*unread, *findings(seen, _parts(listing), least_bytes, least_side)])
    classes = dict(sorted(Counter(p.category for p in listing.pictures).items()))
    pages = tuple(write_pages(listing, found, out)) if out else ()
    checked = Checked(listing.root, classes, tuple(found), network, pages, (*listing.unreadable,))
    if out is not None:
        text = json.dumps(checked.as_json(), indent=1, ensure_ascii=False)
        durable.write_text(out / REPORT, in_unicode(text) + "\n")
    return checked


def _eyes(network: str) -> tuple[str, Describe | None]:
    """What the features are of, and how they are made."""
    if network == NO_NETWORK:
        return NO_NETWORK, None
    from dreamer.engine.execution import decide
    from dreamer.engine.facts import weights_of
    from dreamer.engine.features import describer
    from dreamer.engine.lookup import card_of, ref_of

    card = card_of(ref_of(network))
    return f"{card.name} {weights_of(card)}", describer(card, decide("auto", "float32"))


def _parts(listing: ClassFolders) -> Callable[[ClassPicture], str]:
    """Which part a picture is in: its folder's, where class folders lie in several, as in `train`
    and `test`; else the part that training would choose for it.
    """
    if len({picture.folder for picture in listing.pictures}) > 1:
        return lambda picture: picture.folder or f"{picture.root}/"
    return lambda picture: part_of(picture.split_by)


def _refuse_foreign(out: Path, folder: Path) -> None:
    if out.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"--out {out} lies in the data set, where it would be taken for a class")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a folder")
    if out.is_dir() and not (out / SEEN).exists() and not (out / REPORT).exists():
        others = sorted(path.name for path in out.iterdir() if path.name != LOCK)
        if others:
            raise UsageError(f"{out} holds other things ({others[0]}); name another folder")
