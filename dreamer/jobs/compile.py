"""`compile`: many films, stills and titles become one film."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from dreamer.engine.captions import Drawn, drawn
from dreamer.engine.clip_files import each_of, found_files
from dreamer.engine.compile_commands import commands
from dreamer.engine.compiled import Compiled
from dreamer.engine.compiled_films import (
    Reel,
    container_said,
    film_of,
    keep_posters,
    places_of,
    poster_frame,
    refuse_clips,
    require_free,
    written,
)
from dreamer.engine.compiled_record import is_whole, made_of, record
from dreamer.engine.compiled_sound import check_bed, heard_in, refuse_unheard
from dreamer.engine.making import Key, Making, key_of
from dreamer.engine.stopping import Stop, stopping_at_once
from dreamer.engine.told import Told, Watcher
from dreamer.errors import RecipeError, UsageError
from dreamer.film_formats import container_of
from dreamer.media.codecs import encoder_of
from dreamer.media.encoding import Encoding, encode_all
from dreamer.media.mixing import Heard, hearing, keeping, mix, sample_at
from dreamer.media.packing import commands_for
from dreamer.recipe.compilation import (
    RECIPES,
    ParsedCompilation,
    compilation_of,
    read_compilation,
)
from dreamer.recipe.cutting import Cutting, named_files
from dreamer.recipe.output import Output
from dreamer.recipe.placing import all_shots_of, cut_of
from dreamer.recipe.shots import with_cells

log = logging.getLogger("dreamer")
MIXED = "sound.wav"
STOPPED = "and no film is half made; the same command makes it"


def compile_films(
    things: Sequence[str | Path],
    *,
    out: Path | str | None = None,
    overrides: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
    columns: int | None = None,
    rows: int | None = None,
    dry_run: bool = False,
    force: bool = False,
    watch: Watcher = lambda told: None,
    stop: Stop | None = None,
) -> Compiled:
    """Make one film of many; nothing, where it lies there whole and is of the same things.

    Args:
        things: a compilation's recipe (.yaml); or films, pictures, renders' folders, folders and
            patterns of them, each of which is a clip.
        out: where the film is to be; its ending says the container. NAME.mp4 here unless said.
        overrides: keys to change, `key=value`.
        options: the recipe's keys as the command line's options say them, in YAML.
        called: what those options are called; `--` and the key unless said.
        columns: show the things at once, on a wall of so many columns …
        rows: … and so many rows; those that are left on another one.
        dry_run: only say what would be done.
        force: replace files that are there, and make again what is whole.
        watch: told of every frame.
        stop: asked after every frame, instead of listening to signals here.

    Raises:
        RecipeError: all that is wrong with the recipe and what it names.
        UsageError, FolderError: nothing can be written there.
        MediaError: what ffmpeg complained about; nothing is left then.
        Stopped: a signal asked for it; nothing is left.
    """
    out = None if out is None else Path(out)
    said = dict(options or {})
    if out is not None and not _is_recipe(things):
        said["output"] = f"{{video: {container_said(out)}}}"
    names = {key: f"--{key}" for key in said} | {"output": "--out"} | dict(called or {})
    with _by_options(names, said):
        recipe = _recipe(things, out, said, overrides, columns, rows)
        places = {}
        if not recipe.problems and all(o.container for o in recipe.words.output):
            places = places_of(recipe, out or Path(f"{recipe.name}.mp4"))
        named = {recipe.place(path, word) for path, word, _ in named_files(recipe)}
        if not dry_run:  # before all is looked through
            require_free(recipe, {p: o for p, o in places.items() if p not in named}, force)
        cutting, making = _checked(recipe, written(places))
    cut = making.cut
    refuse_clips(recipe, places, cut)
    if not dry_run:
        require_free(recipe, places, force)
    for output in places.values():
        encoder_of(output.codec_name)
    heard = heard_in(cutting, cut)
    if dry_run:
        told = _commands(recipe, making, places, heard)
        return Compiled(cut, tuple(places), False, tuple(told))
    products = tuple(written(places))
    made_from = made_of(recipe, making, heard)
    if not force and is_whole(products, made_from):
        log.info("%s is whole; --force makes it again", products[0])
        return Compiled(cut, products, False, whole=True)
    asked = Stop() if stop is None else stop
    with stopping_at_once(STOPPED) if stop is None else nullcontext():
        _made(recipe, making, places, heard, watch, asked)
        record(products, made_from)
    return Compiled(cut, products, True, whole=True)


def planned_film(recipe: Path, overrides: Sequence[str] = ()) -> Compiled:
    """The plan of a compilation's `recipe`, to the frame; nothing is made.

    Raises:
        RecipeError: all that is wrong with it and what it names.
    """
    return replace(compile_films([recipe], overrides=overrides, dry_run=True), commands=())


@contextmanager
def _by_options(called: Mapping[str, str], options: Collection[str]) -> Iterator[None]:
    """Let problems of what `options` say be told by what those are called."""
    said = {f"--set {key}": called[key] for key in options}
    try:
        yield
    except RecipeError as error:
        raise RecipeError(
            replace(p, file=said[p.file], key="") if p.file in said else p for p in error.problems
        ) from error


def _is_recipe(things: Sequence[str | Path]) -> bool:
    return len(things) == 1 and str(things[0]).lower().endswith(RECIPES)


def _recipe(
    things: Sequence[str | Path],
    out: Path | None,
    options: Mapping[str, str],
    overrides: Sequence[str],
    columns: int | None,
    rows: int | None,
) -> ParsedCompilation:
    """What is asked for, as a recipe."""
    words = [str(thing) for thing in things]
    if not words:
        raise UsageError("expected a compilation's recipe (.yaml), or films and pictures")
    changes = [f"{key}={value}" for key, value in options.items()]
    if out is not None:
        container_said(out)
    if _is_recipe(things):
        if columns is not None:
            raise UsageError("--wall is of files; a recipe says wall: [clips]")
        recipe = read_compilation(Path(words[0]), [*changes, *overrides])
    else:
        clips: list[Any] = list(words)
        if columns is not None:
            own = [] if out is None else [out.resolve()]
            if rows is not None:  # of a folder too, each wall has so many
                words = [str(path) for thing in words for path in each_of(Path(thing), own)]
            page = len(words) if rows is None else columns * rows
            clips = [
                {"wall": words[k : k + page], "columns": columns}
                for k in range(0, len(words), page)
            ]
        name = out.stem if out is not None else "compilation"
        recipe = compilation_of({"clips": clips}, name, [*changes, *overrides])
    wrong = any(problem.key.startswith("output") for problem in recipe.problems)
    if out is not None and not wrong and recipe.words.output[0].video != container_of(out.suffix):
        video = recipe.words.output[0].video
        raise UsageError(f"--out: the recipe's output says video: {video}, and not {out.suffix}")
    return recipe


def _checked(recipe: ParsedCompilation, own: Collection[Path]) -> tuple[Cutting, Making]:
    """The plan of `recipe`, whose films are `own` and in no folder that it means, and all words in
    it, drawn.

    Raises:
        RecipeError: everything that is wrong.
    """
    cutting = Cutting(recipe, found_files(recipe, own))
    check_bed(cutting)
    shots = all_shots_of(cutting)
    # What is wrong with words is told first: a film without those clips has other lengths.
    cut = None if recipe.problems else cut_of(cutting, shots)
    if cut is not None:
        refuse_unheard(cutting, cut)
    words: dict[Key, list[Drawn]] = {}
    # Letters are of a font and have room on a size, where those could be read.
    told = {problem.key for problem in recipe.problems}
    for shot in with_cells(shots) if not told & {"font", "size"} else ():
        words[key_of(shot)] = drawn(cutting, shot)
    if cutting.problems or cut is None:
        raise RecipeError(cutting.problems)
    return cutting, Making(cut, words, recipe.words.background)


def _commands(
    recipe: ParsedCompilation, making: Making, places: dict[Path, Output], heard: Sequence[Heard]
) -> Iterator[tuple[str, list[str]]]:
    """What ffmpeg is told, by what it makes."""
    yield from commands(making)
    for one in heard:
        yield f"sound of {one.file.name}", hearing(one)
    mixed = Path(MIXED) if heard else None
    if mixed is not None:
        yield "all that is heard, mixed", keeping(mixed)
    for place, output in places.items():
        film = film_of(output, recipe, making.cut, mixed)
        yield from commands_for(film, place, making.cut.size, making.cut.frames)


def _made(
    recipe: ParsedCompilation,
    making: Making,
    places: dict[Path, Output],
    heard: Sequence[Heard],
    watch: Watcher,
    stop: Stop,
) -> None:
    cut = making.cut
    begun, done = time.monotonic(), 0

    def on_frame(index: int) -> None:
        nonlocal done
        stop.check(STOPPED)
        if index < done:
            return  # a GIF's second pass
        done = index + 1
        watch(Told(done, cut.frames, time.monotonic() - begun, done))

    stills = [poster_frame(o, cut) for o in places.values() if o.poster is not None]
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder, MIXED) if heard else None
        if sound is not None:
            mix(heard, sample_at(cut.frames, cut.fps), sound)
        making_: list[Encoding] = []
        with closing(Reel(making, stills)) as reel:
            try:
                for place, output in places.items():
                    film = film_of(output, recipe, cut, sound)
                    making_.append(Encoding(film, place, cut.size))
            except BaseException as error:
                for one in making_:
                    one.abandon(error)
                raise
            encode_all(making_, cut.frames, reel.read, on_frame)
            keep_posters(places, recipe, cut, reel.still)
