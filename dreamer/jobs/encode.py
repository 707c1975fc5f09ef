"""`encode`: films from durable frames, at any time, in another quality, kind or place."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dreamer.engine.collage_again import kept_collage
from dreamer.engine.collage_homes import is_collage
from dreamer.engine.films import (
    Filmed,
    film_of,
    film_path,
    keep_poster,
    places_of,
    require_encoders,
    texts_of,
)
from dreamer.engine.finishing import make_films
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import kept_recipe
from dreamer.engine.stopping import stopping_at_once
from dreamer.errors import FolderError, MediaError, RecipeError, UsageError, did_you_mean
from dreamer.film_formats import CONTAINERS, container_of
from dreamer.media.metadata import RECIPE, read_texts
from dreamer.media.opening import read_size
from dreamer.media.video import encode_films
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.filming import problems_of_film
from dreamer.recipe.output import Output
from dreamer.recipe.parse import recipe_from_tree

log = logging.getLogger("dreamer")


def encode(directory: Path, *, out: Path | None = None, **changes: Any) -> list[Path]:
    """Make the films of `directory` again, or another; returns where they are, stills beside them
    last.

    Args:
        directory: a render's folder, or that of a collage that moves.
        out: where another film is to be; in the folder, by the render's name, unless said.
        changes: what is other about it, by the words of a recipe's `output`: `video`, `codec`,
            `crf`, `preset`, `pixel_format`, `loop`, `plays`, `size`, `fps`, `poster`. All else is
            as the recipe's output of that kind has it. None is not said.

    Raises:
        FolderError: no film's folder, no frames yet, or a file is there that is not of this
            render.
        UsageError: changes that cannot be, or `out` where no film can be.
        MediaError: what ffmpeg complained about.
        Stopped: a signal asked for it.
    """
    folder = Folder(directory).require()
    recipe: Filmed = kept_collage(folder) if is_collage(directory) else kept_recipe(folder)
    if recipe.still:
        raise FolderError(f"{directory} is a still; there is no film to make")
    if isinstance(recipe, ParsedCollage) and recipe.words.collage.ground.transparent:
        raise FolderError(f"{directory} has frames that are see-through, which films are not")
    said = {key: value for key, value in changes.items() if value is not None}
    output = None if out is None and not said else _wanted(recipe, said, out)
    count = folder.whole_frames()
    if not count:
        raise FolderError(f"{directory} has no frames yet")
    if count < (written := len(folder.journal().entries)):
        log.warning(
            "frame %d is not as it was written: the film is made of the %d before it, of %d; "
            "`dreamer resume %s` makes it again",
            *(count, count, written, directory),
        )
    if count <= recipe.lead:
        raise FolderError(
            f"{directory} has no frame of the film yet: its first {recipe.lead} are rendered for "
            f"the end to fade into, and {count} of them are there"
        )
    with stopping_at_once("and no film is half made; the same command makes what is left"):
        return _encoded(folder, recipe, output, count, out)


def _encoded(
    folder: Folder, recipe: Filmed, output: Output | None, count: int, out: Path | None
) -> list[Path]:
    """The film of `output`, or all that `recipe` asks for."""
    if output is None:
        if not places_of(recipe, folder):
            raise UsageError("the recipe asks for no film (video: none); say --video mp4")
        with folder.locked():
            return make_films(folder, recipe, count)
    return _another(folder, recipe, output, count, out)


def _another(
    folder: Folder, recipe: Filmed, output: Output, count: int, out: Path | None
) -> list[Path]:
    """The film of `output` at `out`, or in `folder`."""
    _fits(output, recipe, folder, count)
    require_encoders([output])
    own = film_path(output, folder)
    place = own if out is None else out
    if place.resolve() == own.resolve():
        with folder.locked():
            _refuse_foreign(folder, recipe, own)
            folder.drop_partial(own.name)
            return _made(folder, recipe, output, count, own)
    if place.exists():
        raise FolderError(f"{place} is there already; name another file")
    return _made(folder, recipe, output, count, place)


def _made(folder: Folder, recipe: Filmed, output: Output, count: int, place: Path) -> list[Path]:
    beside = [] if output.poster is None else [place.with_name(f"{place.stem}-poster.png")]
    for path in beside:
        _refuse_foreign(folder, recipe, path)
    frames = [folder.frame_path(k) for k in range(recipe.lead, count)]
    encode_films(frames, {place: film_of(output, recipe, folder, count)})
    return [place, *(keep_poster(output, recipe, folder, count, place) for _ in beside)]


def _refuse_foreign(folder: Folder, recipe: Filmed, path: Path) -> None:
    """Refuse to write over a file at `path` that does not carry this render's recipe."""
    if not path.exists() or path in places_of(recipe, folder):
        return
    mine = (texts_of(recipe, folder)[RECIPE], read_texts(folder.frame_path(0))[RECIPE])
    try:
        if read_texts(path)[RECIPE] in mine:
            return
    except MediaError:
        pass
    raise FolderError(f"{path} is there already, and not of this render; name another with --out")


def _wanted(recipe: Filmed, said: Mapping[str, Any], out: Path | None) -> Output:
    """The recipe's output of the kind that is wanted, with what was said of it.

    Raises:
        UsageError: it cannot be had.
    """
    video = said.get("video")
    if out is not None:
        kind = container_of(out.suffix)
        if kind is None or video not in (None, kind):
            endings = [c.ending for c in CONTAINERS.values()]
            ending = CONTAINERS[video].ending if video in CONTAINERS else ", ".join(endings)
            near = did_you_mean(out.suffix, endings)
            raise UsageError(f"--out: expected a name ending in {ending}, not {out.name}{near}")
        if not out.parent.is_dir():
            raise UsageError(f"--out: there is no folder {out.parent}")
        video = kind
    outputs = recipe.words.output
    same = [o for o in outputs if video in (None, o.video) and o.container is not None]
    base = same[0].model_dump(exclude_unset=True) if same else {"video": video or "mp4"}
    if said.get("codec", base.get("codec")) != base.get("codec"):
        for key in ("crf", "pixel_format", "preset"):
            base.pop(key, None)  # they were said of another codec
    base.pop("poster", None)
    try:
        made = recipe_from_tree({"output": {**base, **said}}).words.output[0]
    except RecipeError as error:
        raise UsageError("\n".join(_as_option(p.key, p.message) for p in error.problems)) from error
    if made.container is None:
        raise UsageError("--video: none makes no film; expected mp4, mov, mkv, webm, gif, webp, …")
    return made


def _fits(output: Output, recipe: Filmed, folder: Folder, count: int) -> None:
    """Refuse what the frames that are there have no film for.

    Raises:
        UsageError: what it is.
    """
    size = read_size(folder.frame_path(0))
    wrong = list(problems_of_film(output, size, recipe.fps, count))
    if wrong:
        raise UsageError("\n".join(_as_option(key, message) for key, message in wrong))


def _as_option(key: str, message: str) -> str:
    name = key.rpartition(".")[2].replace("_", "-")
    return f"--{name or 'video'}: {message}"
