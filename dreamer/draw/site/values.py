"""What the pages of a gallery show: plain values, made by whoever has looked at the folders.

Every text in them may be a stranger's: it is escaped where it is written. Addresses are relative to
the gallery's own folder, and quoted already.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple


class Picture(NamedTuple):
    """A picture's address, and its (width, height) in pixels."""

    address: str
    width: int
    height: int


class Film(NamedTuple):
    """A film's address, and what it is (`video/mp4`, `image/gif`); "" where browsers play no such
    film.
    """

    address: str
    type: str


class Score(NamedTuple):
    """A label with its probabilities in [0, 1]; None where it was not among the likeliest."""

    label: str
    before: float | None
    after: float | None


class Scores(NamedTuple):
    """What a network sees, likeliest first; `titles` say what before and after are. What is None
    in a row is no more than the `least` that was written down, before or after.
    """

    network: str
    titles: tuple[str, str]
    rows: tuple[Score, ...]
    least: tuple[float | None, float | None] = (None, None)


class Sweep(NamedTuple):
    """The place of an item in a sweep: which (`id` tells two of one name apart), the how manieth,
    and its coordinates as texts.
    """

    id: str
    name: str
    number: int
    coordinates: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What an address calls it, whichever other sweeps there are."""
        return hashlib.sha256(self.id.encode("utf-8", "surrogateescape")).hexdigest()[:8]

    @property
    def words(self) -> str:
        """The coordinates as people say them: `class dome_outer, octaves 3`."""
        return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in self.coordinates)


@dataclass(frozen=True)
class Item:
    """A thing that was made.

    Attributes:
        key: its own name in the gallery, of letters, digits and `-`.
        kind: still, film, collage, compilation or atlas.
        place: where it lies, as a person names it.
        alt: the picture in words, for those who do not see it.
        date: when it was made, `2026-11-22 07:14`; `stamp` the same in seconds since 1970.
        thumb: a small picture of it, `large` a large one, `more` others that belong to it.
        recipe: its text, "" where there is none; `words` the same, flat.
        facts: names and values of all else that is known.
        command: what makes it again; `typed` what it was made by.
        unfinished: "" or what is still to be done.
    """

    key: str
    kind: str
    title: str
    place: str
    alt: str
    date: str
    stamp: float
    thumb: Picture
    large: Picture
    film: Film | None = None
    more: tuple[tuple[str, Picture], ...] = ()
    recipe: str = ""
    words: tuple[tuple[str, str], ...] = ()
    seed: str = ""
    networks: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    scores: tuple[Scores, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    command: str = ""
    typed: str = ""
    sweep: Sweep | None = None
    unfinished: str = ""

    @property
    def name(self) -> str:
        """Its title, with its coordinates where it shares that with all of a sweep."""
        told = "" if self.sweep is None else self.sweep.words
        return f"{self.title}: {told}" if told and told not in self.title else self.title

    @property
    def folder(self) -> str:
        """The folder that it lies in."""
        return str(PurePosixPath(self.place).parent)

    @property
    def aims(self) -> tuple[str, ...]:
        """What it amplifies, classes first."""
        return (*self.classes, *self.layers)


class Difference(NamedTuple):
    """A key that two recipes do not share: what it is in the other, and here; "" where absent."""

    key: str
    theirs: str
    here: str


class Relative(NamedTuple):
    """Another item of the gallery, and in which way it is related."""

    item: Item
    how: str
    differences: tuple[Difference, ...] = ()


class Kin(NamedTuple):
    """All relatives of an item: what it was made from, what was made from it, its neighbours in a
    sweep. `lost` says, in words, which ancestors are not in the gallery.
    """

    ancestors: tuple[Relative, ...] = ()
    descendants: tuple[Relative, ...] = ()
    neighbours: tuple[Relative, ...] = ()
    lost: tuple[str, ...] = ()
