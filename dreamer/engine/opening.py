"""Opening what a person names as a recipe: a YAML file, or a picture or film that carries one.

A recipe out of a picture is a stranger's. It is shown before anything is done with it, and may open
only files in the picture's own folder.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from dreamer.engine.beats import heard_beats
from dreamer.engine.collage_files import listed, none_made, unpatterned
from dreamer.engine.layout import RECIPE
from dreamer.errors import MediaError, NetworkError, Problem, RecipeError, UsageError, printable
from dreamer.media.animations import read_gif_text, read_webp_text
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.metadata import RECIPE as RECIPE_TEXT
from dreamer.media.metadata import read_texts
from dreamer.media.png import SIGNATURE
from dreamer.media.probing import ENDINGS
from dreamer.networks.cards import card_at
from dreamer.recipe.beats import Beats
from dreamer.recipe.collage_recipe import ParsedCollage, collage_from_text, parse_collage
from dreamer.recipe.dreamt_collage import AT as OF_COLLAGE
from dreamer.recipe.kinds import kind_of
from dreamer.recipe.layering import read_layers
from dreamer.recipe.marks import Path_, Tree, read_yaml
from dreamer.recipe.parse import parse_recipe, recipe_from_text
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.wanted import Place

log = logging.getLogger("dreamer")
Say = Callable[[Path_, str], Problem]


def carries_recipe(path: Path) -> bool:
    """Whether `path` is a file that could carry a recipe instead of being one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"GIF8" or head[8:] == b"WEBP":  # which seldom do, and then are no less pictures
        return bool(read_gif_text(path) if head[:4] == b"GIF8" else read_webp_text(path))
    return head[:8] == SIGNATURE or path.suffix.lower() in ENDINGS


def is_of_collage(path: Path) -> bool:
    """Whether the file at `path` is a collage's recipe, or a picture or film that carries one."""
    try:
        if carries_recipe(path):
            tree = read_yaml(read_texts(path).get(RECIPE_TEXT, ""), str(path), path.parent)
        else:
            tree = read_layers(path)
    except (MediaError, RecipeError):
        return False  # which is said where it is opened
    return isinstance(tree.value, dict) and kind_of(tree, "render") == "collage"


def own_folder(path: Path) -> Path:
    """The folder a picture belongs to: the one it lies in, or that of the render whose frame it
    is.
    """
    folder = path.resolve().parent
    if folder.name == "frames" and (folder.parent / RECIPE).is_file():
        return folder.parent
    return folder


def open_recipe(path: Path, overrides: Sequence[str] = (), trust: bool = False) -> Parsed:
    """The recipe at or in `path`.

    Raises:
        RecipeError: what is wrong with it, or what a stranger's recipe may not open.
        MediaError: a PNG or film without a recipe.
        UsageError: a picture of a kind that carries none.
    """
    if not carries_recipe(path):
        if path.suffix.lower() in PICTURE_ENDINGS and path.is_file():
            raise UsageError(
                f"{path} is a picture that carries no recipe; to dream on it: "
                f"dreamer render RECIPE --set source.image={path}"
            )
        if (path / RECIPE).is_file():
            if kind_of(read_layers(path / RECIPE), "render") == "collage":
                raise UsageError(f"{path} is a collage; `dreamer collage {path}` goes on there")
            raise UsageError(f"{path} is a render's folder; `dreamer resume {path}` goes on there")
        return parse_recipe(path, overrides, hear=heard_beats)
    text, folder = _carried(path)

    def allow(recipe: Parsed) -> None:
        places = _strange(recipe.tree, recipe.files())
        if not trust:
            _confine(places, folder, recipe.problem)
        _require_sources(places, recipe.problem)

    def hear(recipe: Parsed) -> Beats:
        allow(recipe)
        return heard_beats(recipe)

    recipe = recipe_from_text(text, folder, str(path), overrides, hear=hear)
    allow(recipe)
    return recipe


def open_collage(path: Path, overrides: Sequence[str] = (), trust: bool = False) -> ParsedCollage:
    """The collage's recipe at or in `path`.

    Raises:
        RecipeError: what is wrong with it, or what a stranger's recipe may not open.
        MediaError: a PNG or film without a recipe.
        UsageError: a picture of a kind that carries none, or a folder.
    """
    if not carries_recipe(path):
        if path.suffix.lower() in PICTURE_ENDINGS and path.is_file():
            raise UsageError(
                f"{path} is a picture that carries no recipe; to put it into a collage: "
                f"dreamer collage RECIPE --set collage.pictures={path}"
            )
        if (path / RECIPE).is_file():
            raise UsageError(f"{path} is a folder; name the recipe in it, {path / RECIPE}")
        return parse_collage(path, overrides)
    text, folder = _carried(path)
    recipe = collage_from_text(text, folder, str(path), overrides)
    places = _strange(recipe.tree, recipe.files())
    if not trust:
        _confine(places, folder, recipe.tree.problem)
    _require_sources(places, recipe.tree.problem)
    return recipe


def _carried(path: Path) -> tuple[str, Path]:
    """The text of the recipe in a picture or film, which is shown, and the folder that is all it
    may open.
    """
    text, folder = read_texts(path)[RECIPE_TEXT], own_folder(path)
    read_yaml(text, str(path), folder)  # which refuses control codes
    log.info("# the recipe in %s:\n%s", path, printable(text))
    return text, folder


def _strange(tree: Tree, places: Iterable[Place]) -> list[Place]:
    """Those of `places` that nobody said here and now, by --set."""
    return [place for place in places if not tree.mark(place.path).said_now]


def _confine(places: Iterable[Place], folder: Path, problem: Say) -> None:
    """Refuse files outside `folder`."""
    problems = []
    for place in places:
        if _is_recipe(place):
            why = (
                f"{place.file} is a recipe, which one found in a picture may not follow. Name what "
                "it made with --set, or allow all with --trust"
            )
            problems.append(problem(place.path, why))
            continue
        for file in _opened_with(place, folder):
            if not _is_inside(file, folder):
                why = (
                    f"{file} is outside {folder}; a recipe found in a picture may not open it. "
                    f"Name a file with --set, or allow all with --trust"
                )
                problems.append(problem(place.path, why))
    if problems:
        raise RecipeError(problems)


def _is_recipe(place: Place) -> bool:
    """Whether a place names another recipe, which may name files anywhere."""
    made = place.path == OF_COLLAGE or (_of_pieces(place) and place.path[-1] == "render")
    return made and not Path(place.file).is_dir()


def _of_pieces(place: Place) -> bool:
    """Whether a place names pieces of a collage: a file, a folder or a pattern of names."""
    return place.path[-3:-2] == ("pictures",)


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether `file`, all links followed, is in `folder`, which is followed already."""
    return file.resolve().is_relative_to(folder)


def _opened_with(place: Place, folder: Path) -> Iterator[Path]:
    """What is opened where a recipe names a file: for weights, also the card that says what they
    are and the weights that a card names; either may be a link that leads elsewhere.
    """
    file = Path(place.file)
    if _of_pieces(place) or place.path[-1] == "keep":
        yield from _opened_pieces(file, str(place.path[-1]), folder)
        return
    yield file
    if place.path == ("source", "folder") and _is_inside(file, folder) and file.is_dir():
        yield from file.iterdir()
    if place.path[-1] != "weights" or not _is_inside(file, folder):
        return
    card = file.with_suffix(".json")
    if card != file:
        yield card
    if _is_inside(card, folder) and card.is_file():
        try:
            yield Path(card_at(card).weights.file)
        except NetworkError:
            return  # it names none; what is wrong with it is said where it is used


def _opened_pieces(place: Path, kind: str, folder: Path) -> Iterator[Path]:
    """All that is opened where a collage takes pictures from `place`: of a folder all that is in
    it, as there may be renders among it, of a pattern what fits it.
    """
    fixed = unpatterned(place)
    yield fixed
    if not _is_inside(fixed, folder):
        return
    if fixed.is_dir() and fixed == place:
        for inside, folders, files in os.walk(fixed):
            yield from (Path(inside, name) for name in (*folders, *files))
    elif fixed != place and kind == "files":
        with suppress(MediaError):  # what fits nothing is said where it is used
            yield from listed(place, "files", none_made).things


# What stays behind when the file that carries a recipe is moved: what it is, how another is named.
STAYING: dict[Path_, tuple[str, str]] = {
    ("source", "image"): ("picture", "--set source.image=PICTURE"),
    ("source", "video"): ("film", "--set source.video=VIDEO"),
    ("source", "folder"): ("folder of pictures", "--set source.folder=FOLDER"),
    ("collage", "background", "image"): ("picture", "--set collage.background.image=PICTURE"),
    ("collage", "layout", "mosaic", "target"): (
        "picture",
        "--set collage.layout.mosaic.target=PICTURE",
    ),
    ("collage", "font"): ("font", "--set collage.font=FILE"),
    ("sound", "file"): ("sound", "--set sound=FILE, or leave it out with --set sound=none"),
}


def _require_sources(places: Iterable[Place], problem: Say) -> None:
    """Refuse a recipe whose pictures or sound stayed behind when the file that carries it was
    moved.
    """
    problems = []
    pieces = [place for place in places if _of_pieces(place)]
    lost = [place for place in pieces if not unpatterned(Path(place.file)).exists()]
    if lost:
        many = f"no such file or folder: {lost[0].file}"
        more = f", nor {len(lost) - 1} more of {len(pieces)}" if len(lost) > 1 else ""
        how = "name the pictures to use with --set collage.pictures=FOLDER"
        problems.append(problem(lost[0].path, f"{many}{more}; {how}"))
    for place in places:
        if place.path not in STAYING:
            continue
        if not Path(place.file).exists():
            what, how = STAYING[place.path]
            kind = "folder" if place.path[-1] == "folder" else "file"
            why = f"no such {kind}: {place.file}; name the {what} to use with {how}"
            problems.append(problem(place.path, why))
    if problems:
        raise RecipeError(problems)
