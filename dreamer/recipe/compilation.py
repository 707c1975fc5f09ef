"""A compilation's recipe: which films, stills and titles `dreamer compile` makes one film of, and
how each becomes the next.

Read as strictly as a render's recipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from dreamer.errors import Problem, RecipeError
from dreamer.recipe.clip import Clip, Fit
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.joins import Transition, a_length
from dreamer.recipe.kinds import kind_of, misplaced
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.lettered import Color, Lasting
from dreamer.recipe.marks import Mark, Path_, Tree
from dreamer.recipe.messages import problems_of
from dreamer.recipe.numbers import Plain, Words, shown
from dreamer.recipe.output import Output
from dreamer.recipe.parts import MOST_PIXELS, MOST_SIDE
from dreamer.recipe.rates import Rate
from dreamer.recipe.sound import Seconds

MOST_OUTPUTS = 16
RECIPES = (".yaml", ".yml")


class Bed(Words):
    """What is heard under the whole film."""

    file: str = Field(min_length=1, description="A file with sound, relative to the recipe.")
    start: Seconds = Field("0s", description="Where in the file it begins: 12s.")
    offset: Seconds = Field("0s", description="When in the film it begins; silence before.")
    fade_in: Seconds = Field("0s", description="How long it takes to come to its loudness.")
    fade_out: Seconds = Field("0s", description="How long it fades away at its end, or the film's.")
    volume: Plain = Field(1.0, ge=0, le=16, description="How many times as loud; 1 as it is.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"file": value}
        if not isinstance(value, dict):
            raise ValueError(f"expected a file like music.mp3, not {shown(value)}")
        return value


class Compilation(Words):
    """A compilation's recipe."""

    title: str = Field("", description="What to call it.")
    clips: list[Clip] = Field(description="What is shown, one after another.")
    size: tuple[int, int] | None = Field(
        None, description="[width, height]; the first film's, else [1280, 720]."
    )
    fps: Rate = Field(None, description="Frames a second; the first film's, else 24.")
    fit: Fit = Field(
        "contain",
        description="How clips of another shape are shown: whole, with bars; cropped; or whole "
        "before a blurred copy of themselves.",
    )
    background: Color = Field("black", description="Bars, titles, and behind what is transparent.")
    color: Color = Field("white", description="Of titles.")
    font: str | None = Field(
        None, description="A font's file (.ttf, .otf); DejaVu Sans unless said."
    )
    rates: Literal["nearest", "blend"] = Field(
        "nearest",
        description="Films of another rate: the frame that is there, or a mixture of the two next "
        "to each moment.",
    )
    broken: Literal["refuse", "leave"] = Field(
        "refuse",
        description="Files that cannot be read, and films that break off: nothing is made, or they "
        "are left out and named.",
    )
    still: int | str = Field("3s", description="How long pictures, titles and sheets are seen.")
    transition: Transition = Field(
        Transition(kind="cut"),
        description="How clips take the place of those before; a cut.",
    )
    fade_in: Lasting = Field("0s", description="How long the film comes out of black.")
    fade_out: Lasting = Field("0s", description="How long it goes into black at its end.")
    sound: Bed | None = Field(None, description="What is heard under the whole film.")
    clips_sound: bool | None = Field(
        None, description="Whether clips are heard; they are, unless `sound` is said."
    )
    output: list[Output] = Field(
        [Output()], description="The film that is made: a mapping, or a list of several."
    )

    @field_validator("clips")
    @classmethod
    def _some(cls, value: list[Clip]) -> list[Clip]:
        if not value:
            raise ValueError("expected at least one clip, like [a.mp4, {title: Dreams}]")
        return value

    @field_validator("size", mode="before")
    @classmethod
    def _size(cls, value: Any) -> Any:
        if value is None:
            return None
        whole = isinstance(value, list | tuple) and all(type(side) is int for side in value)
        if not whole or len(value) != 2:
            raise ValueError(f"expected [width, height] in pixels, not {shown(value)}")
        if not all(16 <= side <= MOST_SIDE for side in value) or value[0] * value[1] > MOST_PIXELS:
            raise ValueError(f"sides must be 16 to {MOST_SIDE} pixels, not {value[0]}×{value[1]}")
        return tuple(value)

    @field_validator("still", mode="before")
    @classmethod
    def _still(cls, value: Any) -> Any:
        return a_length(value)

    @field_validator("sound", mode="before")
    @classmethod
    def _sound(cls, value: Any) -> Any:
        return None if value in ("none", "off", False) else value

    @field_validator("output", mode="before")
    @classmethod
    def _output(cls, value: Any) -> Any:
        listed = value if isinstance(value, list) else [value]
        if not 1 <= len(listed) <= MOST_OUTPUTS:
            raise ValueError(f"expected 1 to {MOST_OUTPUTS} outputs, not {len(listed)}")
        return listed


@dataclass(frozen=True)
class ParsedCompilation:
    """A compilation's words and the tree they were read from; `problems` are what is wrong with
    them, and clips of the numbers `unread` are not what was meant.
    """

    words: Compilation
    tree: Tree
    name: str
    problems: tuple[Problem, ...] = ()
    unread: frozenset[int] = frozenset()

    def clips(self) -> Iterator[tuple[int, Clip]]:
        """The clips that could be read, with their numbers."""
        numbered = enumerate(self.words.clips)
        return ((number, clip) for number, clip in numbered if number not in self.unread)

    def place(self, path: Path_, word: str) -> Path:
        """The file or folder that `word`, written at `path`, names."""
        return self.tree.mark(path).folder / word

    def carried(self) -> str:
        """Its text as it travels inside films: as it was written, nothing of this machine."""
        return as_yaml(_without_homes(self.tree.value))


def _without_homes(value: Any) -> Any:
    """`value` with the names of whole paths alone, which mean nothing elsewhere."""
    if isinstance(value, dict):
        return {key: _without_homes(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_homes(one) for one in value]
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value


def is_compilation(path: Path) -> bool:
    """Whether the file at `path` is a compilation's recipe, as far as it can be read."""
    if path.suffix.lower() not in RECIPES:
        return False
    try:
        return kind_of(read_layers(path), "render") == "compile"
    except RecipeError:
        return False


def parse_compilation(path: Path, overrides: Sequence[str] = ()) -> ParsedCompilation:
    """The compilation's recipe in the file at `path`, `extends` and overrides applied.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    recipe = read_compilation(path, overrides)
    if recipe.problems:
        raise RecipeError(recipe.problems)
    return recipe


def read_compilation(path: Path, overrides: Sequence[str] = ()) -> ParsedCompilation:
    """As `parse_compilation`, but what is wrong with some of its words is kept as `problems`, so
    that what is wrong with the files that the others name can be told beside it.

    Raises:
        RecipeError: nothing of it can be read.
    """
    tree = with_overrides(read_layers(path), overrides, Path.cwd())
    return _read(tree, path.stem)


def compilation_of(
    value: Mapping[str, Any], name: str, overrides: Sequence[str] = ()
) -> ParsedCompilation:
    """A compilation out of plain data, its files relative to where we are, overrides applied; with
    `problems`, as `read_compilation`.

    Raises:
        RecipeError: nothing of it can be read.
    """
    tree = Tree(dict(value), {(): Mark("the command line", 0, Path())})
    return _read(with_overrides(tree, overrides, Path()), name)


def _read(tree: Tree, name: str) -> ParsedCompilation:
    try:
        return ParsedCompilation(Compilation.model_validate(tree.value), tree, name)
    except ValidationError as error:
        if wrong := misplaced(tree, "compile"):
            raise RecipeError(wrong) from error
        problems = problems_of(error, tree, Compilation)
        unread, value = _readable(error, tree.value)
        try:
            words = Compilation.model_validate(value)
        except ValidationError:
            raise RecipeError(problems) from error
        return ParsedCompilation(words, tree, name, tuple(problems), unread)


def _readable(error: ValidationError, value: Any) -> tuple[frozenset[int], Any]:
    """`value` without the keys that are wrong, and with a title for each clip that is; which those
    are.
    """
    unread: set[int] = set()
    kept = dict(value) if isinstance(value, dict) else {}
    for detail in error.errors():
        key, *way = detail["loc"] or ("",)
        if key == "clips" and way and isinstance(way[0], int):
            unread.add(way[0])
        else:
            kept.pop(key, None)
    if isinstance(clips := kept.get("clips"), list):
        kept["clips"] = [{"title": "?"} if n in unread else c for n, c in enumerate(clips)]
    return frozenset(unread), kept
