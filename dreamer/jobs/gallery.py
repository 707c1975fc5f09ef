"""`gallery build`: folders of renders become a site that opens from the disk."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamer.engine.gallery import Built, build
from dreamer.engine.gallery_pictures import Ways
from dreamer.engine.told import Watcher
from dreamer.errors import UsageError, in_unicode

log = logging.getLogger("dreamer")


@dataclass(frozen=True)
class Gallery:
    """What was built, as commands say it."""

    built: Built

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        built = self.built
        return {
            "index": str(built.index),
            "items": built.items,
            "unfinished": built.unfinished,
            "written": built.written,
            "removed": built.removed,
            "left_out": [in_unicode(words) for words in built.left_out],
        }

    def as_text(self) -> str:
        """What there is, and the page that a person opens."""
        built = self.built
        items = "1 item" if built.items == 1 else f"{built.items} items"
        some = f", {built.unfinished} of them unfinished" if built.unfinished else ""
        files = "no file changed"
        if built.written or built.removed:
            removed = f", {built.removed} removed" if built.removed else ""
            files = f"{built.written} files written{removed}"
        return f"{items}{some}; {files}\n{built.index}"


def gallery(
    places: Sequence[Path | str],
    out: Path | str = "gallery",
    title: str | None = None,
    link: bool = False,
    small: bool = False,
    watch: Watcher = lambda told: None,
) -> Gallery:
    """Build a gallery of all renders, collages, compilations and atlases below `places`.

    Args:
        places: folders, or single renders and films.
        out: the site's folder: new, empty, or a gallery to be brought up to date.
        title: what it is called; the name of the first place unless given.
        link: refer to pictures and films where they lie, instead of having copies.
        small: pictures as JPEGs of at most 300 kB.
        watch: told of progress.

    Raises:
        UsageError: a place that is not there, nothing to show, or `out` holds something else.
        FolderError: a file in `out` that is a person's.
    """
    if link and small:
        raise UsageError("--small: not together with --link, which copies no pictures")
    paths = [Path(place) for place in places]
    if not paths:
        raise UsageError("expected folders with renders")
    if title is None:
        title = paths[0].resolve().name or "Gallery"
    built = build(paths, Path(out), in_unicode(title), Ways(link, small), watch)
    for words in built.left_out:
        log.warning("left out: %s", in_unicode(words))
    return Gallery(built)
