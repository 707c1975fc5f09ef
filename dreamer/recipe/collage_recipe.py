"""A collage recipe read: as strictly as a render's, and without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dreamer.errors import HALVES, Problem, RecipeError
from dreamer.file_names import read_name
from dreamer.recipe.collage import Taken
from dreamer.recipe.collage_films import refused_outputs
from dreamer.recipe.collage_unheard import refused_unheard, unheard
from dreamer.recipe.collage_words import CollageRecipe
from dreamer.recipe.facts import NetworkRef
from dreamer.recipe.kinds import misplaced
from dreamer.recipe.layering import alone, read_layers, with_overrides
from dreamer.recipe.marks import Mark, Path_, Tree, read_yaml
from dreamer.recipe.messages import problems_of
from dreamer.recipe.targets import Network
from dreamer.recipe.wanted import Place


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
