"""`compile`: many films, stills and titles become one film."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dreamer.engine.captions import Drawn, drawn
from dreamer.engine.clip_files import found_files
from dreamer.engine.compile_commands import commands
from dreamer.engine.compiled_films import (
    Reel,
    container_said,
    film_of,
    keep_posters,
    places_of,
    poster_frame,
    refuse_clips,
    require_free,
)
from dreamer.engine.compiled_sound import check_bed, heard_in, refuse_unheard
from dreamer.engine.making import Key, Making, key_of
from dreamer.engine.stopping import Stop, stopping_at_once
from dreamer.engine.told import Told, Watcher
from dreamer.errors import RecipeError, UsageError
from dreamer.film_formats import container_of
from dreamer.media.codecs import encoder_of
from dreamer.media.encoding import Encoding, encode_all
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.mixing import Heard, hearing, keeping, mix, sample_at
from dreamer.recipe.compilation import (
    ParsedCompilation,
    compilation_of,
    read_compilation,
)
from dreamer.recipe.cutting import Cutting
from dreamer.recipe.output import Output
from dreamer.recipe.placing import all_shots_of, cut_of
from dreamer.recipe.shots import Cut, Placed, with_cells

RECIPES = (".yaml", ".yml")
MIXED = "sound.wav"
STOPPED = "and no film is half made; the same command makes it"
BETWEEN = (
    "# Raw pictures and samples go from one to the next through pipes; words are drawn and sounds\n"
    "# mixed, on the way. What is only used on the way, .texts (recipe and chapters), .silent and\n"
    "# sound.wav, lies in a folder that is removed."
)


@dataclass(frozen=True)
class Compiled:
    """What was made, or would be: the plan, the films and stills, and what ffmpeg is told."""

    cut: Cut
    products: tuple[Path, ...]
    made: bool
    commands: tuple[tuple[str, list[str]], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        names = [str(path) for path in self.products]
        found: dict[str, Any] = {
            "product": names[0],
            "products": names,
            "made": self.made,
            "frames": self.cut.frames,
            "fps": str(self.cut.fps),
            "seconds": round(float(self.cut.seconds), 6),
            "size": list(self.cut.size),
            "clips": [_row(placed) for placed in self.cut.shots],
        }
        if not self.made:
            found["commands"] = [{"what": what, "command": said} for what, said in self._told()]
        return found

    def as_text(self) -> str:
        """As lines."""
        if self.made:
            return "\n".join(map(str, self.products))
        cut = self.cut
        rate = f"{cut.frames} frames at {cut.fps} a second, {float(cut.seconds):.6g} s"
        lines = [f"{self.products[0]}: {cut.size[0]}×{cut.size[1]}, {rate}"]
        for placed in cut.shots:
            row = _row(placed)
            way = f", {row['transition']} over {placed.over}" if placed.over else ""
            size = f", {row['size'][0]}×{row['size'][1]}" if row["size"] else ""
            what = f"{row['kind']} {row['name']!r}"
            lines.append(f"  {placed.first:6d}  {placed.shot.frames:6d} frames  {what}{size}{way}")
        lines += ["", BETWEEN]
        for what, said in self._told():
            lines += [f"# {what}", shlex.join(said)]
        return "\n".join(lines)

    def _told(self) -> Iterator[tuple[str, list[str]]]:
        for what, arguments in self.commands:
            yield what, [ffmpeg_binary(), "-hide_banner", "-nostdin", *arguments]


def _row(placed: Placed) -> dict[str, Any]:
    shot = placed.shot
    return {
        "kind": shot.kind,
        "name": " ".join(shot.name.split()),
        "first": placed.first,
        "frames": shot.frames,
        "transition": placed.xfade or "cut",
        "over": placed.over,
        "size": list(shot.file.size) if shot.file is not None else None,
        "clips": len(shot.cells) or None,
    }


def compile_films(
    things: Sequence[str | Path],
    *,
    out: Path | str | None = None,
    overrides: Sequence[str] = (),
    options: dict[str, Any] | None = None,
    columns: int | None = None,
    rows: int | None = None,
    dry_run: bool = False,
    force: bool = False,
    watch: Watcher = lambda told: None,
    stop: Stop | None = None,
) -> Compiled:
    """Make one film of many.

    Args:
        things: a compilation's recipe (.yaml); or films, pictures, renders' folders, folders and
            patterns of them, each of which is a clip.
        out: where the film is to be; its ending says the container. NAME.mp4 here unless said.
        overrides: keys to change, `key=value`.
        options: the recipe's keys as the command line's options say them.
        columns: show the things at once, on a wall of so many columns …
        rows: … and so many rows; those that are left on another one.
        dry_run: only say what would be done.
        force: replace files that are there.
        watch: told of every frame.
        stop: asked after every frame, instead of listening to signals here.

    Raises:
        RecipeError: all that is wrong with the recipe and what it names.
        UsageError, FolderError: nothing can be written there.
        MediaError: what ffmpeg complained about; nothing is left then.
        Stopped: a signal asked for it; nothing is left.
    """
    out = None if out is None else Path(out)
    try:
        recipe = _recipe(things, out, options or {}, overrides, columns, rows)
        cutting, making = _checked(recipe)
    except RecipeError as error:
        said = {f"--set {key}": f"--{key.replace('_', '-')}" for key in options or {}}
        raise RecipeError(
            replace(p, file=said[p.file], key="") if p.file in said else p for p in error.problems
        ) from error
    cut = making.cut
    places = places_of(recipe, out or Path(f"{recipe.name}.mp4"))
    refuse_clips(recipe, places, cut)
    for output in places.values():
        encoder_of(output.codec_name)
    heard = heard_in(cutting, cut)
    if dry_run:
        told = _commands(recipe, making, places, heard)
        return Compiled(cut, tuple(places), False, tuple(told))
    require_free(recipe, places, force)
    asked = Stop() if stop is None else stop
    with stopping_at_once(STOPPED) if stop is None else nullcontext():
        products = _made(recipe, making, places, heard, watch, asked)
    return Compiled(cut, tuple(products), True)


def _recipe(
    things: Sequence[str | Path],
    out: Path | None,
    options: dict[str, Any],
    overrides: Sequence[str],
    columns: int | None,
    rows: int | None,
) -> ParsedCompilation:
    """What is asked for, as a recipe."""
    words = [str(thing) for thing in things]
    if not words:
        raise UsageError("expected a compilation's recipe (.yaml), or films and pictures")
    is_recipe = len(words) == 1 and words[0].lower().endswith(RECIPES)
    changes = [f"{key}={value}" for key, value in options.items()]
    if out is not None:
        kind = container_said(out)
        if not is_recipe:
            changes.append(f"output={{video: {kind}}}")
    if is_recipe:
        if columns is not None:
            raise UsageError("--wall is of files; a recipe says wall: [clips]")
        recipe = read_compilation(Path(words[0]), [*changes, *overrides])
    else:
        clips: list[Any] = list(words)
        if columns is not None:
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


def _checked(recipe: ParsedCompilation) -> tuple[Cutting, Making]:
    """The plan of `recipe` and all words in it, drawn.

    Raises:
        RecipeError: everything that is wrong.
    """
    cutting = Cutting(recipe, found_files(recipe))
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
        yield from Encoding.told(film, place, making.cut.size, making.cut.frames)


def _made(
    recipe: ParsedCompilation,
    making: Making,
    places: dict[Path, Output],
    heard: Sequence[Heard],
    watch: Watcher,
    stop: Stop,
) -> list[Path]:
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
            return [*places, *keep_posters(places, recipe, cut, reel.still)]
