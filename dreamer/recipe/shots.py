"""What a compilation is planned as: shots with all their numbers, and their places in the film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from dreamer.recipe.clip import Clip, Fit
from dreamer.recipe.facts import ClipFacts
from dreamer.recipe.lettered import Caption
from dreamer.recipe.marks import Path_


@dataclass(frozen=True)
class FileFacts:
    """A film or a picture that a clip names: what it is called, where it lies (in a render's folder
    its product), its (width, height), and what is known of a film; `problem` says why it cannot be
    had, `missing` that nothing is there.
    """

    name: str
    file: Path
    size: tuple[int, int] = (0, 0)
    film: ClipFacts | None = None
    problem: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Shot:
    """One clip as it is shown: `frames` frames of the film.

    A film's are its own of `numbers`, in parts of `mixed` with the ones after them, or pure where
    that is empty; they begin `begins` seconds after its first. A wall has `cells`, each of
    `cell` pixels, in `columns`, and those of the numbers `heard` are heard; a sheet shows
    `numbers`, which are seen at `moments`. `path` is where the recipe says it.
    """

    kind: Literal["film", "still", "title", "wall", "sheet"]
    path: Path_
    words: Clip
    frames: int
    size: tuple[int, int]
    fit: Fit = "contain"
    file: FileFacts | None = None
    numbers: tuple[int, ...] = ()
    mixed: tuple[float, ...] = ()
    begins: Fraction = Fraction(0)
    cells: tuple[Shot, ...] = ()
    columns: int = 1
    cell: tuple[int, int] = (0, 0)
    moments: tuple[float, ...] = ()
    heard: tuple[int, ...] = ()

    @property
    def sounds(self) -> bool:
        """Whether it is a film that has sound, and is not silenced."""
        film = self.file.film if self.kind == "film" and self.file is not None else None
        return film is not None and film.has_audio and self.words.volume > 0

    @property
    def name(self) -> str:
        """What a person calls it."""
        if self.words.name or self.words.title:
            return self.words.name or self.words.title or ""
        return self.file.name if self.file is not None else self.kind

    @property
    def speed(self) -> Fraction:
        """How many times as fast as its file it is."""
        return Fraction(self.words.speed).limit_denominator(10**6)


@dataclass(frozen=True)
class Placed:
    """A shot in the film: its first frame there, and how it takes the place of the one before:
    the word of `joins.as_xfade` and how many frames both are there; 0 is a cut.
    """

    shot: Shot
    first: int
    over: int = 0
    xfade: str = ""

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.first + self.shot.frames


@dataclass(frozen=True)
class Cut:
    """A whole film, to the frame."""

    size: tuple[int, int]
    fps: Fraction
    frames: int
    shots: tuple[Placed, ...]
    fade_in: int = 0
    fade_out: int = 0

    @property
    def seconds(self) -> Fraction:
        """How long it is."""
        return self.frames / self.fps


@dataclass(frozen=True)
class Lasting:
    """A caption with the frames of its shot between which it is seen, and how many it takes to come
    and to go.
    """

    words: Caption
    path: Path_
    start: int
    end: int
    fade: int


def with_cells(shots: Iterable[Shot]) -> Iterator[Shot]:
    """Every one of `shots`, and those inside walls."""
    waiting = list(shots)[::-1]
    while waiting:
        shot = waiting.pop()
        yield shot
        waiting.extend(reversed(shot.cells))
