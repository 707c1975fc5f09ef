"""A compilation's words beside what is known of the files they name: what all parts of its plan ask
for, and where each of them says what cannot be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from dreamer.errors import Problem
from dreamer.recipe.clip import Clip
from dreamer.recipe.compilation import ParsedCompilation
from dreamer.recipe.marks import Path_
from dreamer.recipe.rates import parse_fps
from dreamer.recipe.shots import FileFacts
from dreamer.recipe.times import parse_time

Found = Mapping[Path, Sequence[FileFacts]]
SIZE, FPS = (1280, 720), Fraction(24)


class Cutting:
    """A recipe being planned with what was `found` of the files it names; `problems` are all that
    is wrong so far.
    """

    def __init__(self, recipe: ParsedCompilation, found: Found) -> None:
        self.recipe, self.words, self._found = recipe, recipe.words, found
        self.problems: list[Problem] = list(recipe.problems)
        first = next((f for f in self._files() if f.film is not None), None)
        film = None if first is None else first.film
        self.size = self.words.size or (first.size if first else SIZE)
        self.fps = parse_fps(self.words.fps or (film and film.fps) or FPS)

    @property
    def clips_heard(self) -> bool:
        """Whether clips are heard: unless the recipe says, where nothing else is."""
        said = self.words.clips_sound
        return self.words.sound is None if said is None else said

    def refuse(self, path: Path_, message: str) -> None:
        """Note that what is written at `path` cannot be."""
        self.problems.append(self.recipe.tree.problem(path, message))

    def frames(self, word: int | str) -> int:
        """A length in frames."""
        return round(parse_time(word).frame(self.fps, None))

    def moment(self, word: int | str, frames: int) -> int:
        """A moment of so many `frames`, by its number."""
        time = parse_time(word)
        if time.unit == "%":
            return round(time.value / 100 * frames)
        return round(time.frame(self.fps, frames))

    def length(self, clip: Clip) -> int:
        """The frames of a clip that has none of its own."""
        return max(1, self.frames(self.words.still if clip.length is None else clip.length))

    def _files(self) -> Iterator[FileFacts]:
        """All files of clips, in order."""
        for path, word, _ in named_files(self.recipe):
            yield from self._of(path, word)

    def _of(self, path: Path_, word: str) -> Sequence[FileFacts]:
        return self._found.get(self.recipe.place(path, word), ())

    def good(self, path: Path_, word: str) -> Iterator[FileFacts]:
        """The files that `word` names; what is wrong with one is refused."""
        files = self._of(path, word)
        for file in files:
            if file.problem:
                hint = "; broken: leave leaves it out" if len(files) > 1 else ""
                self.refuse(path, f"{file.problem}{hint}")
            else:
                yield file


def named_files(recipe: ParsedCompilation) -> Iterator[tuple[Path_, str, Clip]]:
    """The files that the clips of `recipe` name, with where and which of them says so."""
    for number, clip in recipe.clips():
        yield from _files_of(clip, ("clips", number))


def _files_of(clip: Clip, path: Path_) -> Iterator[tuple[Path_, str, Clip]]:
    for key in ("file", "sheet"):
        if (word := getattr(clip, key)) is not None:
            yield (*path, key), word, clip
    for number, cell in enumerate(clip.wall or ()):
        yield from _files_of(cell, (*path, "wall", number))
