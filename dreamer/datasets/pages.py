"""Findings as contact sheets, a few pages a kind, to be gone through at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from dreamer.datasets.findings import KINDS, Finding
from dreamer.draw.sheet import sheet
from dreamer.errors import MediaError
from dreamer.media import durable
from dreamer.media.class_folders import ClassFolders
from dreamer.media.small_pictures import read_thumbnail

CELL, COLUMNS, ON_A_PAGE, MOST_PAGES = (176, 132), 8, 48, 6


def write_pages(listing: ClassFolders, found: Iterable[Finding], out: Path) -> list[Path]:
    """Sheets of the findings that can be shown, `out/<kind>-1.jpg` and on, at most six a kind;
    pictures that are one lie beside each other. Pages of an earlier look that are no more go.
    """
    classes = {picture.name: picture.category for picture in listing.pictures}
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_kind[finding.kind].append(finding)
    made = []
    for kind in KINDS:
        cells = [cell for finding in by_kind[kind] for cell in _cells(finding, classes)]
        shown = [] if kind in ("broken", "unread") else cells[: ON_A_PAGE * MOST_PAGES]
        for number in range(MOST_PAGES):
            path = out / f"{kind}-{number + 1}.jpg"
            part = shown[number * ON_A_PAGE : (number + 1) * ON_A_PAGE]
            if not part:
                path.unlink(missing_ok=True)
                continue
            with durable.replacing(path) as beside:
                pictures = [(_picture(listing.root / name), words) for name, words in part]
                sheet(pictures, COLUMNS, CELL).save(beside, "jpeg", quality=88)
            made.append(path)
    return made


def _cells(finding: Finding, classes: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Names of pictures, and the words below each, which begin with the finding's number."""
    words = f"{finding.number} {finding.category}"
    if finding.others:
        other = finding.others[0]
        return [(other, f"{finding.number} {classes[other]}"), (finding.name, words)]
    if finding.kind == "mislabelled":
        words += f": {finding.detail.replace(' of its neighbours are', '')}"
    elif finding.kind == "unlike":
        words += f": {finding.score:.1f}"
    elif finding.kind != "grey":
        words += f": {finding.detail}"
    return [(finding.name, words)]


def _picture(path: Path) -> Image.Image:
    try:
        return read_thumbnail(path, max(CELL))[0]
    except MediaError:  # it was there a moment ago
        return Image.new("RGB", CELL)
