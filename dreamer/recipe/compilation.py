"""A compilation's recipe: which films, stills and titles `dreamer compile` makes one film of, and
how each becomes the next.

Read as strictly as a render's recipe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from dreamer.errors import RecipeError
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.joins import Transition, a_length
from dreamer.recipe.kinds import misplaced
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.lettered import Caption, Color, Height, Lasting
from dreamer.recipe.marks import Mark, Path_, Tree
from dreamer.recipe.messages import problems_of
from dreamer.recipe.numbers import Easing, Plain, Time, Words, shown
from dreamer.recipe.output import Output
from dreamer.recipe.parts import MOST_PIXELS, MOST_SIDE
from dreamer.recipe.rates import Rate
from dreamer.recipe.sound import Seconds

MOST_OUTPUTS = 16
MOST_CELLS = 64
Fit = Literal["contain", "cover", "blur"]
Pair = tuple[Plain, Plain]
# The words that each kind of clip has beside those that all have.
OF_ALL = ("transition", "caption", "name", "length", "fade")
OF_KIND = {
    "file": ("start", "end", "speed", "rates", "fit", "zoom", "center", "ease", "volume"),
    "title": ("subtitle", "color", "background", "size", "font"),
    "wall": ("columns", "ends", "gutter", "background", "fit"),
    "sheet": ("columns", "every", "gutter", "background", "start", "end"),
}


class Clip(Words):
    """One thing after another in a compilation: a file, a title, a wall of clips or a sheet."""

    file: str | None = Field(
        None,
        min_length=1,
        description="A film, a picture, a render's folder; or a folder or pattern (`*.mp4`) of "
        "them, each of which is a clip.",
    )
    title: str | None = Field(None, min_length=1, max_length=400, description="A card of words.")
    wall: list[Clip] | None = Field(
        None, min_length=1, description="Many clips at once, beside and below each other."
    )
    sheet: str | None = Field(
        None, min_length=1, description="A film's frames every so often, on one still."
    )
    name: str | None = Field(None, description="What its chapter is called; a title's own words.")
    transition: Transition | None = Field(
        None, description="How it takes the place of the clip before; as the film says for all."
    )
    caption: list[Caption] | None = Field(None, description="Words over it; one, or a list.")
    length: int | str | None = Field(
        None, description="How long: 3s, or frames. A film's own length; a still's by `still`."
    )
    start: Time = Field("0s", description="A film: where in it to begin.")
    end: Time = Field("end", description="A film: where in it to end.")
    speed: Plain = Field(1.0, ge=0.05, le=20, description="A film: how many times as fast.")
    rates: Literal["nearest", "blend"] | None = Field(
        None, description="A film of another rate; as the film says for all."
    )
    fit: Fit | None = Field(
        None, description="As the film says for all; a still that zooms covers."
    )
    zoom: Plain | Pair | None = Field(
        None, description="A still: it grows by this factor while it is seen, or from one to one."
    )
    center: Pair | tuple[Pair, Pair] | None = Field(
        None,
        description="A still: the place, in widths and heights, that it is seen around; or from "
        "one to another.",
    )
    ease: Easing = Field("in_out_sine", description="How zoom and center go.")
    volume: Plain = Field(1.0, ge=0, le=16, description="A film: how many times as loud.")
    subtitle: str | None = Field(None, max_length=400, description="A title: smaller, below it.")
    color: Color | None = Field(None, description="A title: of its letters.")
    background: Color | None = Field(None, description="A title, wall or sheet: what is behind.")
    size: Height = Field("10%", description="A title: height of its letters.")
    font: str | None = Field(None, description="A title: a font's file; the film's.")
    fade: Lasting = Field("0.5s", description="A title: how long its words come in and go out.")
    columns: int | None = Field(None, ge=1, le=40, description="A wall or sheet: how many.")
    gutter: int = Field(0, ge=0, le=200, description="A wall or sheet: pixels between cells.")
    ends: Literal["hold", "loop", "black"] = Field(
        "hold", description="A wall: what clips do that are shorter than it."
    )
    every: int | str | None = Field(None, description="A sheet: how far apart, 2s.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"file": value}
        if not isinstance(value, dict):
            raise ValueError(
                f"expected a file, or a mapping like {{title: Dreams}}, not {shown(value)}"
            )
        return value

    @field_validator("length", "every", mode="before")
    @classmethod
    def _long(cls, value: Any) -> Any:
        return None if value is None else a_length(value)

    @field_validator("caption", mode="before")
    @classmethod
    def _captions(cls, value: Any) -> Any:
        return value if value is None or isinstance(value, list) else [value]

    @field_validator("zoom", mode="before")
    @classmethod
    def _pair(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("zoom")
    @classmethod
    def _near(cls, value: float | Pair | None) -> float | Pair | None:
        factors = value if isinstance(value, tuple) else (1.0 if value is None else value,)
        if not all(1 <= factor <= 16 for factor in factors):
            raise ValueError("expected factors from 1 to 16; [1.3, 1] goes away from the picture")
        return value

    @field_validator("center", mode="before")
    @classmethod
    def _places(cls, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(tuple(one) if isinstance(one, list) else one for one in value)
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Clip:
        given = [kind for kind in OF_KIND if getattr(self, kind) is not None]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"expected one of {', '.join(OF_KIND)}; found {found}")
        mine = {given[0], *OF_ALL, *OF_KIND[given[0]]}
        for key in sorted(self.model_fields_set - mine):
            owners = " and ".join(kind for kind, keys in OF_KIND.items() if key in keys)
            raise ValueError(f"{key} is of {owners}, and this is a {given[0]}; leave it out")
        return self

    @property
    def kind(self) -> str:
        """`file`, `title`, `wall` or `sheet`."""
        return next(kind for kind in OF_KIND if getattr(self, kind) is not None)


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
    clips: list[Clip] = Field(min_length=1, description="What is shown, one after another.")
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
        None, description="A font's file (.ttf, .otf); a plain one unless said."
    )
    rates: Literal["nearest", "blend"] = Field(
        "nearest",
        description="Films of another rate: the frame that is there, or a mixture of the two next "
        "to each moment.",
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
    """A compilation's words and the tree they were read from."""

    words: Compilation
    tree: Tree
    name: str

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


def parse_compilation(path: Path, overrides: Sequence[str] = ()) -> ParsedCompilation:
    """The compilation's recipe in the file at `path`, `extends` and overrides applied.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    tree = with_overrides(read_layers(path), overrides, Path.cwd())
    return _checked(tree, path.stem)


def compilation_of(
    value: Mapping[str, Any], name: str, overrides: Sequence[str] = ()
) -> ParsedCompilation:
    """A compilation out of plain data, its files relative to where we are, overrides applied.

    Raises:
        RecipeError: all that is wrong with it.
    """
    tree = Tree(dict(value), {(): Mark("the command line", 0, Path())})
    return _checked(with_overrides(tree, overrides, Path()), name)


def _checked(tree: Tree, name: str) -> ParsedCompilation:
    try:
        words = Compilation.model_validate(tree.value)
    except ValidationError as error:
        wrong = misplaced(tree, "compile") or problems_of(error, tree, Compilation)
        raise RecipeError(wrong) from error
    return ParsedCompilation(words, tree, name)
