"""From recipes to jobs: each read, checked and resolved here and now, so that what is queued needs
its file no more and what is wrong is told at once.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamer import __version__
from dreamer.batch.job import Job, Kind
from dreamer.errors import DreamerError, Problem, RecipeError, UsageError
from dreamer.recipe.compilation import parse_compilation
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.kinds import Verb, kind_of, misplaced
from dreamer.recipe.layering import read_layers
from dreamer.recipe.marks import Path_, Tree, read_yaml
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.shots import with_cells

if TYPE_CHECKING:  # which needs torch
    from dreamer.engine.ready import Ready

FOLDERS: Mapping[Kind, str] = {
    "render": "renders",
    "collage": "collages",
    "compile": "compilations",
    "atlas": "atlas",
}
THREADS_OF_FILMS = 4
NOT_FILES = ("none", "off")
log = logging.getLogger("dreamer")


def jobs_of_files(
    recipes: Sequence[Path],
    *,
    overrides: Sequence[str] = (),
    out: Path | None = None,
    threads: int | None = None,
    trust: bool = False,
) -> tuple[list[Job], list[Problem]]:
    """A job for each of the recipes that is right, one for each combination of a sweep, and all
    that is wrong with the others.

    Args:
        recipes: files, or pictures and films with a recipe inside.
        overrides: `key=value` changes, of all of them.
        out: where their folders are made, those of a sweep in one of its own; renders, collages
            and compilations here unless said.
        threads: how many each computes with; 1 for stills, and for films and collages 4, or as
            many cores as there are here.
        trust: let recipes found in pictures open files outside their folders.
    """
    from dreamer.batch.sweeping import jobs_of_sweep, sweep_at

    jobs: list[Job] = []
    problems: list[Problem] = []
    for path in recipes:
        try:
            if (sweep := sweep_at(path, overrides, trust)) is None:
                jobs.append(job_of_file(path, overrides, out, threads, trust))
                continue
            home = None if out is None else out / sweep.name
            swept = jobs_of_sweep(sweep, out=home, threads=threads)
        except RecipeError as error:
            problems += error.problems
        except (DreamerError, OSError) as error:
            words = str(error).removeprefix(f"{path}: ")
            problems.append(Problem(str(path), 0, "", words))
        else:
            jobs += swept.jobs
            problems += swept.problems
            for note in swept.notes:
                log.warning("%s", note)
    return jobs, problems


def job_of_file(
    path: Path,
    overrides: Sequence[str] = (),
    out: Path | None = None,
    threads: int | None = None,
    trust: bool = False,
) -> Job:
    """The job that the recipe at or in `path` asks for.

    Raises:
        RecipeError: all that is wrong with it.
        DreamerError: what it needs and cannot be had.
    """
    from dreamer.engine.opening import open_collage, open_recipe

    kind = _kind_at(path)
    if kind == "compile":
        return _of_compilation(path, overrides, out, threads)
    if kind == "collage":
        from dreamer.engine.collage_ready import ready_collage

        ready = ready_collage(open_collage(path, overrides, trust))
        hashes = {str(entry.file): entry.sha256 for entry in ready.entries}
        words = ready.recipe.with_files(lambda file: str(Path(file).absolute()))
        made = _job("collage", ready.recipe.name, as_yaml(words), ready.identity, hashes, out)
        device = ready.recipe.words.device
        return replace(made, threads=threads or _threads(still=False), device=device)
    return job_of_render(open_recipe(path, overrides, trust), out=out, threads=threads)


def job_of_render(
    recipe: Parsed,
    *,
    out: Path | None = None,
    threads: int | None = None,
    folder: Path | None = None,
    sweep: Mapping[str, Any] | None = None,
    coordinates: Mapping[str, Any] | None = None,
) -> Job:
    """The job of a parsed recipe for a render, checked and planned.

    Args:
        recipe: the recipe.
        out: the folder that its own is made in; renders here unless said.
        threads: how many it computes with.
        folder: its own folder, instead.
        sweep: the sweep it is of, as provenance.json has it (name, sha256, index).
        coordinates: and where in it: values by key.

    Raises:
        RecipeError: all that cannot be rendered.
    """
    from dreamer.engine.likeness import likeness, most_together

    of, ready = reckoned(recipe)
    alike = likeness(ready)
    text = as_yaml(recipe.with_files(lambda file: file))
    made = _job("render", recipe.name, text, of, ready.gathered.sha256, out)
    return replace(
        made,
        out=made.out if folder is None else folder.absolute(),
        threads=threads or threads_of(recipe),
        device=recipe.words.device,
        cost=round(ready.plan.megapixel_steps(), 6),
        likeness=alike,
        most=most_together(ready) if alike else 1,
        sweep=sweep,
        coordinates=coordinates,
    )


def reckoned(recipe: Parsed) -> tuple[str, Ready]:
    """The hash of what the render is made of, and the recipe checked and planned.

    Raises:
        RecipeError: all that cannot be rendered, and a film that would never be done.
    """
    from dreamer.batch.made_of import made_of

    of, ready = made_of(recipe)
    if ready.plan.frames is None:
        message = "a film without an end would never be done; say how long it is, as 20s"
        raise RecipeError([recipe.problem(("length",), message)])
    return of, ready


def _of_compilation(
    path: Path, overrides: Sequence[str], out: Path | None, threads: int | None
) -> Job:
    from dreamer.batch.made_of import hashed
    from dreamer.jobs.compile import compile_films
    from dreamer.networks.locate import sha256_of

    planned = compile_films([path], overrides=overrides, dry_run=True)
    recipe = parse_compilation(path, overrides)
    shots = with_cells(placed.shot for placed in planned.cut.shots)
    named = [shot.file.file for shot in shots if shot.file is not None]
    tree = whole_words(recipe.tree)
    files = dict.fromkeys([*map(str, named), *_other_files(tree)])
    hashes = {file: sha256_of(Path(file)) for file in files}
    bare = [recipe.carried(), list(hashes.values())]
    made = _job("compile", recipe.name, as_yaml(tree), hashed(bare), hashes, out)
    return replace(made, threads=threads or _threads(still=False), device="cpu")


def whole_words(tree: Tree, rename: Callable[[str], str] = str) -> dict[str, Any]:
    """The words of a compilation with every file by its whole path, or as `rename` calls that."""

    def whole(value: Any, path: Path_) -> Any:
        if isinstance(value, dict):
            return {key: whole(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [whole(one, (*path, number)) for number, one in enumerate(value)]
        if not isinstance(value, str) or not _is_file(path, value):
            return value
        return rename(str((tree.mark(path).folder / value).absolute()))

    found: dict[str, Any] = whole(tree.value, ())
    return found


def _is_file(path: Path_, word: str) -> bool:
    """Whether the word at `path` of a compilation's text names a file."""
    if path == ("sound",):
        return word not in NOT_FILES
    if len(path) > 1 and path[-2] in ("clips", "wall"):
        return True  # a clip that is a lone word
    return path[-1] in ("file", "sheet", "font")


def _other_files(tree: Mapping[str, Any]) -> Iterable[str]:
    """Sounds and fonts of a compilation, which are no clips."""
    sound = tree.get("sound")
    named = sound.get("file") if isinstance(sound, dict) else sound
    if isinstance(named, str) and named not in NOT_FILES:
        yield named

    def fonts(value: Any) -> Iterable[str]:
        if isinstance(value, dict):
            if isinstance(value.get("font"), str):
                yield value["font"]
            value = list(value.values())
        for one in value if isinstance(value, list) else ():
            yield from fonts(one)

    yield from fonts(dict(tree))


def _job(
    kind: Kind,
    name: str,
    recipe: str,
    identity: str,
    inputs: Mapping[str, str],
    out: Path | None,
) -> Job:
    from dreamer.batch.made_of import hashed

    home = (out or Path(FOLDERS[kind])).absolute()
    return Job(
        id=hashed([identity, __version__, kind]),
        kind=kind,
        name=name,
        recipe=recipe,
        base=Path.cwd(),
        out=home / f"{name}-{identity[:8]}",
        identity=identity,
        inputs={str(Path(file).absolute()): sha256 for file, sha256 in inputs.items()},
        version=__version__,
    )


def threads_of(recipe: Parsed) -> int:
    """How many threads a render's job computes with, unless somebody says."""
    return _threads(recipe.still)


def _threads(still: bool) -> int:
    """Bytes depend on the number of threads, and may not depend on how many workers happen to run:
    so it is decided here, once.
    """
    return 1 if still else min(THREADS_OF_FILMS, os.cpu_count() or 1)


def _kind_at(path: Path) -> Kind:
    """What kind of recipe is at or in `path`.

    Raises:
        RecipeError: one that is no picture's and no film's.
        UsageError: a folder, or a picture without a recipe.
    """
    from dreamer.engine.opening import carries_recipe
    from dreamer.media.metadata import RECIPE, read_texts

    if path.is_dir():
        raise UsageError("is a folder; expected a recipe")
    if carries_recipe(path):
        text = read_texts(path)[RECIPE]
        tree = read_yaml(text, str(path), path.parent)
        return "collage" if _verb(tree) == "collage" else "render"
    tree = read_layers(path)
    found = _verb(tree)
    if found == "train" or found == "retrain" or found == "sweep":
        raise RecipeError(misplaced(tree, "render"))
    return found


def _verb(tree: Tree) -> Verb:
    return kind_of(tree, "render") if isinstance(tree.value, dict) else "render"
