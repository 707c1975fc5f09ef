"""Opening what a person names as a recipe: a YAML file, or a picture or film that carries one.

A recipe out of a picture is a stranger's. It is shown before anything is done with it, and may open
only files in the picture's own folder.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from dreamer.engine.beats import heard_beats
from dreamer.engine.layout import RECIPE
from dreamer.errors import NetworkError, RecipeError, UsageError, printable
from dreamer.media.animations import read_gif_text, read_webp_text
from dreamer.media.kinds import PICTURE_ENDINGS
from dreamer.media.metadata import RECIPE as RECIPE_TEXT
from dreamer.media.metadata import read_texts
from dreamer.media.png import SIGNATURE
from dreamer.media.probing import ENDINGS
from dreamer.networks.cards import card_at
from dreamer.recipe.beats import Beats
from dreamer.recipe.marks import read_yaml
from dreamer.recipe.parse import parse_recipe, recipe_from_text
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.wanted import Place

log = logging.getLogger("dreamer")


def carries_recipe(path: Path) -> bool:
    """Whether `path` is a file that could carry a recipe instead of being one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"GIF8" or head[8:] == b"WEBP":  # which seldom do, and then are no less pictures
        return bool(read_gif_text(path) if head[:4] == b"GIF8" else read_webp_text(path))
    return head[:8] == SIGNATURE or path.suffix.lower() in ENDINGS


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
            raise UsageError(f"{path} is a render's folder; `dreamer resume {path}` goes on there")
        return parse_recipe(path, overrides, hear=heard_beats)
    text = read_texts(path)[RECIPE_TEXT]
    folder = own_folder(path)

    def allow(recipe: Parsed) -> None:
        if not trust:
            _confine(recipe, folder)
        _require_sources(recipe)

    def hear(recipe: Parsed) -> Beats:
        allow(recipe)
        return heard_beats(recipe)

    read_yaml(text, str(path), folder)  # which refuses control codes
    log.info("# the recipe in %s:\n%s", path, printable(text))
    recipe = recipe_from_text(text, folder, str(path), overrides, hear=hear)
    allow(recipe)
    return recipe


def _confine(recipe: Parsed, folder: Path) -> None:
    """Refuse files outside `folder`, but for those the person names with --set."""
    problems = []
    for place in recipe.files():
        if recipe.tree.mark(place.path).said_now:
            continue
        for file in _opened_with(place, folder):
            if not _is_inside(file, folder):
                why = (
                    f"{file} is outside {folder}; a recipe found in a picture may not open it. "
                    f"Name a file with --set, or allow all with --trust"
                )
                problems.append(recipe.problem(place.path, why))
    if problems:
        raise RecipeError(problems)


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether `file`, all links followed, is in `folder`, which is followed already."""
    return file.resolve().is_relative_to(folder)


def _opened_with(place: Place, folder: Path) -> Iterator[Path]:
    """What is opened where a recipe names a file: for weights, also the card that says what they
    are and the weights that a card names; either may be a link that leads elsewhere.
    """
    file = Path(place.file)
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


# What stays behind when the file that carries a recipe is moved: what it is, how another is named.
STAYING = {
    ("source", "image"): ("picture", "--set source.image=PICTURE"),
    ("source", "video"): ("film", "--set source.video=VIDEO"),
    ("source", "folder"): ("folder of pictures", "--set source.folder=FOLDER"),
    ("sound", "file"): ("sound", "--set sound=FILE, or leave it out with --set sound=none"),
}


def _require_sources(recipe: Parsed) -> None:
    """Refuse a recipe whose picture or sound stayed behind when the file that carries it was
    moved.
    """
    problems = []
    for place in recipe.files():
        if place.path not in STAYING or recipe.tree.mark(place.path).said_now:
            continue
        if not Path(place.file).exists():
            what, how = STAYING[place.path]
            kind = "folder" if place.path[-1] == "folder" else "file"
            why = f"no such {kind}: {place.file}; name the {what} to use with {how}"
            problems.append(recipe.problem(place.path, why))
    if problems:
        raise RecipeError(problems)
