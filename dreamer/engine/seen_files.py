"""The files that are made of what networks saw, each as soon as what it shows is known."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from dreamer.engine.asked_file import free_file
from dreamer.engine.seen import Classified, Scored
from dreamer.engine.seen_pictures import (
    PAGE,
    PAGES,
    Judges,
    bars_of,
    chart,
    curves_of,
    encoded,
    frames_csv,
    pages,
    sheets,
)
from dreamer.engine.seen_places import (
    Place,
    free_beside,
    free_picture,
    made_here,
    place_of,
)
from dreamer.engine.seen_words import write_csv
from dreamer.engine.subjects import Subject
from dreamer.errors import MediaError, UsageError
from dreamer.media import durable

UTF_8 = ("utf-8", "backslashreplace")
log = logging.getLogger("dreamer")


class Files:
    """A table, bars, sheets and curves of what `judges` see, where somebody asked for them; `made`
    are those that are there by now.
    """

    def __init__(
        self,
        judges: Judges,
        table: Path | None = None,
        bars: Path | None = None,
        sheet: Path | None = None,
        curves: Path | None = None,
        force: bool = False,
    ) -> None:
        """Raises:
        UsageError: a place where nothing can be put.
        FolderError: something is there already, and `force` is not said.
        """
        self.made: list[Path] = []
        self._judges, self._force = judges, force
        self._table = table and free_file("--csv", table, force)
        self._sheet = sheet and free_picture("--sheet", sheet, force)
        self._bars = bars and Place("--bars", bars, force)
        self._curves = curves and Place("--curves", curves, force)
        if self._curves and not self._curves.folder:
            free_beside("--curves", self._curves.path.with_suffix(".csv"), force)

    def hold(self, subject: Subject) -> bool:
        """Whether `subject` is what an earlier run made in these places, by the mark it bears."""
        file = place_of(Path(subject.file))
        places = [place for place in (self._bars, self._curves) if place]
        return (self._is_page(file) or any(place.holds(file) for place in places)) and made_here(
            file
        )

    def _is_page(self, file: Path) -> bool:
        """Whether `file` is named as one of the sheets."""
        if self._sheet is None:
            return False
        first = place_of(self._sheet)
        stem, ending = re.escape(first.stem), re.escape(first.suffix)
        return file.parent == first.parent and bool(
            re.fullmatch(rf"{stem}(-[0-9]+)?{ending}", file.name)
        )

    def require_room(self, found: Sequence[Subject]) -> None:
        """Refuse places that have no room for what `found` will make.

        Raises:
            UsageError: one file for several things or by two options, a file that is to be
                scored, or curves where no film is.
            FolderError: a sheet that is there already, or something in a folder, or beside a file
                that was named, that was not made here.
        """
        films = sum(subject.film for subject in found)
        named = {"--sheet": self._sheet, "--csv": self._table}
        for place in (self._bars, self._curves):
            if place and not place.folder:
                named[place.option] = place.path
        inputs = {place_of(Path(subject.file)) for subject in found}
        for option, path in named.items():
            if path and place_of(path) in inputs:
                raise UsageError(
                    f"{option}: {path} is itself to be scored, and would be lost; name another file"
                )
        if self._bars:
            self._bars.require_room(len(found), "things")
            self._bars.reserve([subject.name for subject in found])
        if self._curves:
            self._curves.require_room(films, "films")
            if not films:
                raise UsageError("--curves: there is no film here whose scores could change")
            self._curves.reserve([subject.name for subject in found if subject.film], ".csv")
        if self._sheet:
            for number in range(1, pages(len(found))):
                free_beside("--sheet", _page(self._sheet, number), self._force)
        self._refuse_twice(pages(len(found)))

    def _refuse_twice(self, sheets: int) -> None:
        """Refuse a file that two options would write, one over the other."""
        planned = [("--csv", self._table)] if self._table else []
        if self._sheet:
            planned += [("--sheet", _page(self._sheet, number)) for number in range(sheets)]
        if self._bars:
            planned += [("--bars", path) for path in self._bars.planned()]
        if self._curves:
            planned += [("--curves", path) for path in self._curves.planned(".csv")]
        first: dict[Path, str] = {}
        for option, path in planned:
            other = first.setdefault(place_of(path), option)
            if other != option:
                raise UsageError(
                    f"{other} and {option} would both write {path}; name another place with one of "
                    "them"
                )

    def make_of(self, thing: Scored) -> None:
        """What is made of `thing` alone."""
        if self._bars:
            try:
                picture = bars_of(thing, self._judges)
            except MediaError as error:  # it was there when it was scored
                log.warning("no bars of %s: %s", thing.subject.name, error)
            else:
                place = self._bars.of(thing.subject.name)
                self._write(place, encoded(picture, place), self._bars.path)
        if self._curves and thing.subject.film:
            place = self._curves.of(thing.subject.name)
            lines = curves_of(thing, self._judges)
            picture = chart(thing, lines, self._judges.names)
            words = frames_csv(thing, lines)
            thing.close()
            told = self._curves.path if self._curves.folder else None
            self._write(place, encoded(picture, place), told)
            self._write(place.with_suffix(".csv"), words.encode(*UTF_8), told)

    def make_of_all(self, found: Classified) -> None:
        """What is made of everything together."""
        if self._table:
            write_csv(found, self._table)
            self.made.append(self._table)
        if self._sheet and found.things:
            for number, image in enumerate(sheets(found.things, self._judges)):
                place = _page(self._sheet, number)
                self._write(place, encoded(image, place))
            if len(found.things) > PAGE * PAGES:
                log.warning("the sheets show the first %d of %d", PAGE * PAGES, len(found.things))

    def _write(self, path: Path, data: bytes, told: Path | None = None) -> None:
        """Put `data` at `path`; a folder of many is `told` of once, in their place."""
        durable.write_bytes(path, data)
        if told is None or told not in self.made:
            self.made.append(told or path)


def _page(sheet: Path, number: int) -> Path:
    """Where sheet `number` lies, 0 being the first."""
    return sheet if not number else sheet.with_name(f"{sheet.stem}-{number + 1}{sheet.suffix}")
