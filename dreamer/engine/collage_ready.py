"""A collage before it is made: what it is made of, by hashes, and where it goes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from dreamer.draw.fonts import LOOK, font_at
from dreamer.engine.collage_homes import is_collage, picture_in
from dreamer.engine.collage_inputs import Entry, Found, found_pieces
from dreamer.engine.collage_layout import LAYOUT, Layout, Source, read_layout
from dreamer.engine.collage_strays import stray, with_strays
from dreamer.engine.facts import weights_of
from dreamer.engine.lookup import card_of
from dreamer.errors import (
    DreamerError,
    FolderError,
    NetworkError,
    Problem,
    RecipeError,
    UsageError,
)
from dreamer.file_names import written_name
from dreamer.media.opening import read_size
from dreamer.networks.cards import Card
from dreamer.networks.locate import sha256_of
from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_tree, parse_collage
from dreamer.recipe.kinds import kind_of
from dreamer.recipe.layering import read_layers
from dreamer.recipe.marks import Path_
from dreamer.recipe.wanted import Place

PICTURES = (("background", "image"), ("mosaic", "target"))
BESIDES = ("image", "target", "keep", "font")  # keys of files that are no pieces
DRAWN = ("image", "font")  # of which a collage that lies needs these
COLLAGES = Path("collages")
MOST_NAME = 200  # bytes of a collage's name, which endings come after


def can_be_called(name: str) -> bool:
    """Whether a collage's picture can have that name, and lie in the collage's folder."""
    try:
        long = len(os.fsencode(name)) > MOST_NAME
    except UnicodeEncodeError:
        return False
    return not long and Path(name).name == name and name not in ("", "..") and "\0" not in name


@dataclass(frozen=True)
class ReadyCollage:
    """A collage's recipe with the pictures it names and the networks that look at them: first the
    one that looks at pieces, then those that score the whole. `layout` is there already where an
    earlier one is drawn again; `failed` are the pictures that cannot be read, and why; `first` are
    the numbers of pieces that an earlier collage has, which come first whatever they are sorted by.
    """

    recipe: ParsedCollage
    entries: tuple[Entry, ...]
    networks: tuple[Card, ...]
    layout: Layout | None = None
    failed: Mapping[str, str] = field(default_factory=dict)
    first: frozenset[int] = frozenset()

    @property
    def judges(self) -> tuple[Card, ...]:
        """The networks that score it."""
        return self.networks[1:]

    @cached_property
    def identity(self) -> str:
        """SHA-256 of its words with all they name: pictures by what is in them and what they are
        called, networks by their weights.
        """
        collage = self.recipe.words.collage
        dated = collage.captions == "date" or collage.sort.by == "date"
        dated = dated or any(one.newer or one.older for one in collage.only or ())
        hashes = {place.file: _hash_of(place) for place in self.recipe.files()}
        tree = self.recipe.with_files(lambda file: hashes.get(file) or file)
        tree["collage"]["pictures"] = [
            [e.sha256, e.name, e.weight, e.caption, e.modified if dated else 0]
            for e in self.entries
        ]
        weights = [weights_of(card) for card in self.networks]
        lying = None if self.layout is None else _lying(self.layout)
        return hashlib.sha256(json.dumps([tree, weights, lying]).encode()).hexdigest()

    @property
    def default_folder(self) -> Path:
        """`collages/<recipe name>-<hash8>`."""
        return COLLAGES / f"{self.recipe.name}-{self.identity[:8]}"


def _hash_of(place: Place) -> str | None:
    """What is in a file that is no piece."""
    if "pictures" in place.path:
        return None
    path = _layout_of(Path(place.file))
    return sha256_of(path) if path.is_file() else None


def _lying(layout: Layout) -> list[Any]:
    size = [*layout.size] if layout.dpi is None else [*layout.size, layout.dpi]
    return [size, [[repr(one.place), one.dress.model_dump_json()] for one in layout.placed]]


def ready_collage(recipe: ParsedCollage) -> ReadyCollage:
    """`recipe` with all that it names, looked at.

    Raises:
        RecipeError: what is not there or cannot be read, all of it at once.
        NetworkError: a network that cannot be used.
    """
    problems = _missing(recipe)
    found: Found | None = None
    cards: tuple[Card, ...] = ()
    try:
        found = found_pieces(recipe, made_collage)
    except RecipeError as error:
        problems += error.problems
    try:
        cards = _networks(recipe)
    except RecipeError as error:
        problems += error.problems
    if found is None or problems:
        raise RecipeError(problems)
    return ReadyCollage(recipe, found.entries, cards, failed=found.failed)


def _missing(recipe: ParsedCollage, keys: Collection[str] = BESIDES) -> list[Problem]:
    """What is wrong with files that `recipe` names by one of `keys`, and that are no pieces."""
    problems = []
    for place in recipe.files():
        if place.path[-1] not in keys:
            continue
        try:
            if place.path[-2:] in PICTURES:
                read_size(Path(place.file))
            elif place.path == (*recipe.at, "keep"):
                read_layout(_layout_of(Path(place.file)))
            elif place.path == (*recipe.at, "font"):
                font_at(Path(place.file), LOOK)
        except (DreamerError, ValueError) as error:
            problems.append(recipe.tree.problem(place.path, str(error)))
    return problems


def _layout_of(place: Path) -> Path:
    return place / LAYOUT if place.is_dir() else place


def ready_again(file: Path, size: tuple[int, int | None] | None = None) -> ReadyCollage:
    """The collage whose layout.json is `file`, to be drawn again: at another size, of which the
    width decides.

    Raises:
        FolderError: no layout, or pieces that are not what they were.
        UsageError: a size of another shape.
    """
    layout, about = read_layout(file)
    words = about.get("recipe")
    if not isinstance(words, dict):
        raise FolderError(f"{file} does not say what it was made from (recipe)")
    if size is not None:
        scaled = layout.scaled(size[0])
        if size[1] is not None and abs(size[1] - scaled.size[1]) > 1:
            was, right = (f"{w}×{h}" for w, h in (layout.size, scaled.size))
            raise UsageError(
                f"--size: {file} is of {was}; drawn again it keeps its shape: {right}, or a width "
                "alone"
            )
        layout = scaled
    tree = words if size is None else {**words, "size": list(layout.size)}
    name = about.get("name")
    called = name if isinstance(name, str) and can_be_called(name) else file.stem
    recipe = with_strays(collage_from_tree(tree, file.parent, called), file.parent)
    if problems := _missing(recipe, DRAWN):
        raise RecipeError(problems)
    entries, wrong = [], []
    for source in layout.sources.values():
        try:
            entries.append(entry_of(source, file.parent))
        except DreamerError as error:
            wrong.append(str(error))
    if wrong:
        more = f"\nand {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise FolderError("\n".join(wrong[:5]) + more)
    lying = replace(layout, sources={e.number: Source(e.number, e.file, e.sha256) for e in entries})
    return ReadyCollage(recipe, tuple(entries), _networks(recipe), lying)


def entry_of(source: Source, home: Path) -> Entry:
    """A piece of a collage that lies in the folder `home`, as it was or as that finds it.

    Raises:
        FolderError: it is gone, or another picture.
        MediaError: it cannot be read.
    """
    file, sha256 = source.file, source.sha256
    if not file.is_file():
        there = stray(file, home, sha256)
        if there is None:
            raise FolderError(f"no such file: {file}, a piece of the collage")
        file = there
    elif sha256_of(file) != sha256:
        raise FolderError(f"{file} is not the picture that the collage was made of")
    modified = file.stat().st_mtime
    size = read_size(file)
    name = written_name(file.name)
    return Entry(source.number, file, name, sha256, size, modified, 1.0, "", ("pictures",))


def _networks(recipe: ParsedCollage) -> tuple[Card, ...]:
    """The network that looks at pieces, and those that score the whole.

    Raises:
        RecipeError: no such network, or weights that cannot be read.
    """
    own: Path_ = (*recipe.at, "network")
    listed = recipe.words.classify and recipe.words.classify.networks
    said: list[Path_] = [("classify", "networks", k) for k in range(len(listed or ()))]
    problems, cards = [], []
    refs = (recipe.network(), *recipe.judges())
    for ref, place in zip(refs, [own, *(said or [own])], strict=False):  # maybe nobody scores it
        try:
            cards.append(card_of(ref))
        except NetworkError as error:
            problems.append(recipe.tree.problem(place, str(error)))
    if problems:
        raise RecipeError(problems)
    return tuple(cards)


def made_collage(place: Path) -> Path | None:
    """The picture of the collage that was made in the folder `place`, or of the recipe in the file
    `place`; None where that is no collage's.

    Raises:
        FolderError: it is not made yet.
    """
    if place.is_dir():
        return picture_in(place) if is_collage(place) else None
    try:
        tree = read_layers(place)
        if kind_of(tree, "render") != "collage":
            return None
    except RecipeError:
        return None  # which is said where it is read as what it is
    folder = ready_collage(parse_collage(place)).default_folder
    if not is_collage(folder):
        raise FolderError(f"{place} is not made yet; `dreamer collage {place}` makes it")
    return picture_in(folder)


def with_kept_first(ready: ReadyCollage) -> ReadyCollage:
    """`ready`, what an earlier collage has coming first, in its order (`keep`).

    Raises:
        FolderError: no such collage.
    """
    keep = ready.recipe.words.collage.keep
    if keep is None or ready.layout is not None:
        return ready
    layout, _ = read_layout(_layout_of(ready.recipe.file(("keep",), keep)))
    order = {number: k for k, number in enumerate(layout.sources)}
    first = sorted(ready.entries, key=lambda entry: order.get(entry.number, len(order)))
    return replace(ready, entries=tuple(first), first=frozenset(order))
