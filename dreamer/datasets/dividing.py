"""A data set divided into parts: as a table, or as folders with copies or links of the pictures."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from dreamer.errors import FolderError, in_unicode
from dreamer.media import durable
from dreamer.media.class_folders import ClassPicture
from dreamer.networks.locate import sha256_of


def as_table(parts: Mapping[ClassPicture, str]) -> str:
    """A line a picture: its name below the data set's folder, its class, its part."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("name", "class", "part"))
    table.writerows((listed.name, listed.category, part) for listed, part in parts.items())
    return in_unicode(text.getvalue())


def divide(
    parts: Mapping[ClassPicture, str],
    out: Path,
    link: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> bool:
    """Put every picture at `out/<part>/<class>/<its name below that>`, as a copy or a hard
    link; what is there already stays. False when somebody asked to stop before the end.

    Raises:
        FolderError: another picture has the place of one, or one lies in another part already;
            found before anything is made.
    """
    names = sorted(set(parts.values()))
    places = {listed: out / part / listed.inside for listed, part in parts.items()}
    if len(set(places.values())) < len(places):
        raise FolderError("two pictures would have one name; divide one folder after the other")
    for listed, place in places.items():
        for name in names:
            elsewhere = out / name / listed.inside
            if elsewhere != place and elsewhere.exists():
                raise FolderError(
                    f"{out} was divided in another way: {elsewhere} would be in {parts[listed]}; "
                    "name another folder"
                )
        if place.exists() and not _is_same(place, listed.path):
            raise FolderError(f"{place} is another picture than {listed.path}")
    for done, (listed, place) in enumerate(places.items(), 1):
        if stopped():
            return False
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            _put(listed.path, place, link)
        told(done, len(places))
    return True


def _is_same(one: Path, other: Path) -> bool:
    if os.path.samestat(one.stat(), other.stat()):
        return True
    return one.stat().st_size == other.stat().st_size and sha256_of(one) == sha256_of(other)


def _put(source: Path, place: Path, link: bool) -> None:
    if link:
        os.link(source, place)
        return
    with durable.replacing(place) as beside:
        shutil.copy2(source, beside)
        durable.sync_file(beside)
