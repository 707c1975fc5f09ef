"""A collage recipe: pictures put together into one, or into a film of pieces that move.

Read as strictly as a render's recipe, and without torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationError, field_validator, model_validator

from dreamer.errors import HALVES, Problem, RecipeError
from dreamer.file_names import read_name
from dreamer.recipe.collage import Collage, Print, Taken
from dreamer.recipe.collage_films import refused_outputs
from dreamer.recipe.collage_unheard import refused_unheard, unheard
from dreamer.recipe.dressing import Look, listed_looks
from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.filming import MOST_FRAMES
from dreamer.recipe.kinds import misplaced
from dreamer.recipe.layering import alone, read_layers, with_overrides
from dreamer.recipe.marks import Mark, Path_, Tree, read_yaml
from dreamer.recipe.messages import problems_of
from dreamer.recipe.numbers import Words, shown
from dreamer.recipe.output import Output
from dreamer.recipe.parts import MOST_PIXELS, MOST_SIDE, Classify
from dreamer.recipe.rates import Rate, parse_fps
from dreamer.recipe.schema import MOST_OUTPUTS
from dreamer.recipe.targets import Network
from dreamer.recipe.times import parse_length
from dreamer.recipe.wanted import Place

DEFAULT_FPS = Fraction(24)


def _size_kind(value: Any) -> str:
    if isinstance(value, dict | Print):
        return Print.tag
    return "‹list›" if isinstance(value, list | tuple) else "‹value›"


Size = Annotated[
    Annotated[tuple[int, int], Tag("‹list›")]
    | Annotated[int, Tag("‹value›")]
    | Annotated[Print, Tag(Print.tag)],
    Discriminator(_size_kind),
]


class CollageRecipe(Words):
    """A collage recipe."""

    title: str = Field("", description="What to call it; a picture's `Title`.")
    seed: int = Field(0, ge=0, description="Decides all chance.")
    size: Size = Field(
        (1600, 1200),
        description="[width, height] in pixels; a width alone, as high as the layout gets; or "
        "{width: 60cm, height: 40cm, dpi: 300}.",
    )
    collage: Collage = Field(description="Which pictures, laid out and drawn how.")
    finish: list[Look] = Field([], description="Filters of the whole, in turn.")
    length: int | str | None = Field(
        None, description="A film's length: 20s or a number of frames. Without it, a picture."
    )
    fps: Rate = Field(None, description="A film's frames a second; 24.")
    output: list[Output] = Field(
        [Output()], description="What is made of a film's frames: a mapping, or a list of them."
    )
    classify: Classify | None = Field(Classify(), description="Label scores; `off` for none.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="What networks compute on.")

    @field_validator("size", mode="before")
    @classmethod
    def _size(cls, value: Any) -> Any:
        if isinstance(value, dict | Print):
            return value
        sides = value if isinstance(value, list | tuple) else [value, 1]
        if len(sides) != 2 or not all(isinstance(n, int) and n is not True for n in sides):
            raise ValueError(
                "expected [width, height] in pixels, a width, or {width: 60cm, height: 40cm, "
                f"dpi: 300}}, not {shown(value)}"
            )
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _bounded(self) -> CollageRecipe:
        width, height = self.sides
        sides = (width, 1 if height is None else height)
        if not all(1 <= side <= MOST_SIDE for side in sides):
            found = width if height is None else f"{width}×{height}"
            raise ValueError(f"size: sides must be 1 to {MOST_SIDE} pixels, not {found}")
        if math.prod(sides) > MOST_PIXELS:
            raise ValueError(f"size: more than {MOST_PIXELS // 10**6} megapixels")
        if self.length is None and (self.collage.moves is not None or self.fps is not None):
            what = "moves" if self.collage.moves is not None else "fps"
            raise ValueError(f"{what} belongs to a film; say length: 10s")
        if self.length is not None and height is None:
            raise ValueError("size: a film needs width and height")
        if (frames := self.frames) is not None and frames > MOST_FRAMES:
            what = f"{frames} frames are more than a film may have, {MOST_FRAMES}"
            raise ValueError(f"length: {what}")
        return self

    @field_validator("finish", mode="before")
    @classmethod
    def _finish(cls, value: Any) -> Any:
        return listed_looks(value)

    @field_validator("length", mode="before")
    @classmethod
    def _length(cls, value: Any) -> Any:
        try:
            time = None if value is None else parse_length(value)
        except ValueError:
            time = None
        if value is not None and (
            time is None or time.unit not in ("s", "frame") or not time.value > 0
        ):
            raise ValueError(f"expected 20s or a number of frames, not {shown(value)}")
        return value

    @field_validator("output", mode="before")
    @classmethod
    def _output(cls, value: Any) -> Any:
        listed = value if isinstance(value, list) else [value]
        if not 1 <= len(listed) <= MOST_OUTPUTS:
            raise ValueError(f"expected 1 to {MOST_OUTPUTS} outputs, not {len(listed)}")
        return listed

    @field_validator("classify", mode="before")
    @classmethod
    def _classify(cls, value: Any) -> Any:
        return None if value in ("off", False) else value

    @property
    def rate(self) -> Fraction:
        """A film's frames a second."""
        return DEFAULT_FPS if self.fps is None else parse_fps(self.fps)

    @property
    def frames(self) -> int | None:
        """How many frames a film has; None of a picture."""
        if self.length is None:
            return None
        return max(1, round(parse_length(self.length).frame(self.rate, None)))

    @property
    def sides(self) -> tuple[int, int | None]:
        """(width, height) in pixels; no height where the layout decides it."""
        if isinstance(self.size, Print):
            return self.size.pixels()
        return (self.size, None) if isinstance(self.size, int) else self.size


@dataclass(frozen=True)
class ParsedCollage:
    """A collage recipe's words and the tree they were read from; `at` is where in the tree the
    collage stands, of which a render's `source` may have one.
    """

    words: CollageRecipe
    tree: Tree
    name: str
    at: Path_ = ("collage",)

    @property
    def fps(self) -> Fraction:
        """A film's frames a second."""
        return self.words.rate

    @property
    def frames(self) -> int | None:
        """How many frames a film has; None of a picture."""
        return self.words.frames

    @property
    def still(self) -> bool:
        """Whether it is a picture."""
        return self.words.length is None

    @property
    def lead(self) -> int:
        """How many frames are made that its film does not show."""
        return 0

    def problem(self, path: Path_, message: str) -> Problem:
        """A problem with what was written at `path` below the collage."""
        return self.tree.problem((*self.at, *path), message)

    def unheard(self) -> list[Problem]:
        """What it says that changes nothing."""
        return [self.problem(path, message) for path, message in unheard(self.words.collage)]

    def file(self, path: Path_, name: str) -> Path:
        """The file `name` that is said at `path` below the collage; links are not followed, for
        pieces are called what a person calls them.
        """
        return _file(self.tree.mark((*self.at, *path)).folder, name)

    def inputs(self) -> list[tuple[Taken, Path]]:
        """What pictures are taken from, and where that lies."""
        return [
            (taken, self.file(("pictures", k, taken.key), taken.place))
            for k, taken in enumerate(self.words.collage.pictures)
        ]

    def network(self) -> NetworkRef:
        """The network that looks at pieces."""
        return self._ref(self.words.collage.network, (*self.at, "network"))

    def judges(self) -> tuple[NetworkRef, ...]:
        """The networks that score the collage and its pieces."""
        wanted = self.words.classify
        if wanted is None:
            return ()
        if wanted.networks is None:
            return (self.network(),)
        paths = (("classify", "networks", k) for k in range(len(wanted.networks)))
        return tuple(map(self._ref, wanted.networks, paths))

    def _ref(self, word: str | Network, path: Path_) -> NetworkRef:
        """The network that `word`, written at `path` of the tree, names."""
        if isinstance(word, str):
            return NetworkRef(name=word)

        def whole(key: str, name: str | None) -> str | None:
            if name in (None, "random"):
                return name
            return str(_file(self.tree.mark((*path, key)).folder, str(name)))

        weights, labels = whole("weights", word.weights), whole("labels", word.labels)
        return NetworkRef(None, word.architecture, weights, labels, word.seed)

    def files(self) -> list[Place]:
        """Every file its words name, and where in the tree they do; of pictures also folders and
        patterns, as they are written.
        """
        found = [
            Place((*self.at, "pictures", k, taken.key), str(path))
            for k, (taken, path) in enumerate(self.inputs())
        ]
        collage = self.words.collage
        named: dict[Path_, str | None] = {
            ("background", "image"): collage.ground.image,
            ("keep",): collage.keep,
            ("font",): collage.font,
        }
        if collage.layout.mosaic is not None:
            named["layout", "mosaic", "target"] = collage.layout.mosaic.target
        for path, name in named.items():
            if name is not None:
                found.append(Place((*self.at, *path), str(self.file(path, name))))
        classify = self.words.classify
        holders: list[tuple[Any, Path_]] = [(collage.network, (*self.at, "network"))]
        holders += [
            (word, ("classify", "networks", k))
            for k, word in enumerate((classify and classify.networks) or ())
        ]
        for word, path in holders:
            ref = self._ref(word, path)
            for key, name in (("weights", ref.weights), ("labels", ref.labels)):
                if name not in (None, "random"):
                    found.append(Place((*path, key), str(name)))
        return found

    def canonical(self) -> dict[str, Any]:
        """Its words as plain data, `extends` and `--set` applied, defaults left out."""
        return self.words.model_dump(by_alias=True, exclude_unset=True, mode="json")

    def with_files(self, rename: Callable[[str], str]) -> dict[str, Any]:
        """`canonical` with every file name replaced by `rename(whole path)`."""
        tree = self.canonical()
        for place in self.files():
            holder: Any = tree
            inside = place.path[: len(self.at)] == self.at
            path = ("collage", *place.path[len(self.at) :]) if inside else place.path
            for part in path[:-1]:
                holder = holder[part]
            holder[place.path[-1]] = rename(place.file)
        return tree


def parse_collage(
    path: Path, overrides: Sequence[str] = (), cwd: Path | None = None
) -> ParsedCollage:
    """The collage recipe in the file at `path`, `extends` and overrides applied.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    return _checked(with_overrides(read_layers(path), overrides, cwd or Path.cwd()), path.stem)


def collage_from_text(
    text: str, folder: Path, name: str, overrides: Sequence[str] = (), cwd: Path | None = None
) -> ParsedCollage:
    """A collage recipe that stands in no file of its own, its file names relative to `folder`."""
    tree = alone(read_yaml(text, name, folder))
    return _checked(with_overrides(tree, overrides, cwd or Path.cwd()), Path(name).stem)


def collage_from_tree(
    value: Mapping[str, Any],
    folder: Path,
    name: str,
    overrides: Sequence[str] = (),
    cwd: Path | None = None,
) -> ParsedCollage:
    """A collage recipe from plain data, its file names relative to `folder`."""
    tree = Tree(dict(value), {(): Mark(name, 0, folder)})
    return _checked(with_overrides(tree, overrides, cwd or Path.cwd()), name)


def _file(folder: Path, name: str) -> Path:
    name = read_name(name)
    try:
        return folder / Path(name).expanduser()
    except RuntimeError:  # of a user there is none of
        return folder / name


def _checked(tree: Tree, name: str) -> ParsedCollage:
    try:
        words = CollageRecipe.model_validate(tree.value)
    except ValidationError as error:
        wrong = misplaced(tree, "collage") or problems_of(error, tree, CollageRecipe)
        raise RecipeError(wrong) from error
    found = ParsedCollage(words, tree, HALVES.sub("_", name))
    see_through = words.collage.ground.transparent
    refused = [
        *refused_outputs(words.output, words.sides, found.fps, found.frames, see_through),
        *refused_unheard(words.classify, found.frames),
    ]
    if problems := [tree.problem(path, message) for path, message in refused]:
        raise RecipeError(problems)
    return found
