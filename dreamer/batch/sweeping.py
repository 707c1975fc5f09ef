"""From a sweep to jobs: every combination read, checked and planned, and all that is wrong with all
of them told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dreamer.batch.adding import FOLDERS, job_of_render
from dreamer.batch.job import Job
from dreamer.batch.sweep_mistakes import Hidden
from dreamer.engine.beats import heard_beats
from dreamer.engine.opening import carries_recipe, open_recipe
from dreamer.errors import DreamerError, Problem, RecipeError
from dreamer.recipe.kinds import kind_of
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sweep import ParsedSweep, parse_sweep, sweep_of
from dreamer.recipe.sweep_expansion import (
    Combination,
    Expansion,
    equal,
    expanded,
    recipe_of,
    told_together,
)
from dreamer.recipe.sweep_words import SWEPT

Made = TypeVar("Made")
SHOWN_HASH = 8


@dataclass(frozen=True)
class Swept:
    """The jobs of a sweep, what is wrong with its other combinations, and what a person should know
    of it.
    """

    jobs: tuple[Job, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def sweep_at(path: Path, overrides: Sequence[str] = (), trust: bool = False) -> ParsedSweep | None:
    """The sweep in the file at `path`, or of a picture there where `overrides` vary what it
    carries; None where it is another recipe, or none.

    Raises:
        RecipeError: all that is wrong with what it varies.
    """
    if path.is_dir():
        return None
    if carries_recipe(path):
        varied = any(_varies(text) for text in overrides)
        return sweep_in(path, overrides, trust) if varied else None
    if kind_of(read_layers(path), "render") != "sweep":
        return None
    return parse_sweep(path, overrides)


def open_sweep(path: Path, overrides: Sequence[str] = (), trust: bool = False) -> ParsedSweep:
    """The sweep in the file at `path`, or that `overrides` make of what a picture there carries.

    Raises:
        RecipeError: all that is wrong with what it varies, and what a stranger's may not open.
        MediaError: a picture or film without a recipe.
    """
    if carries_recipe(path):
        return sweep_in(path, overrides, trust)
    return parse_sweep(path, overrides)


def sweep_in(path: Path, overrides: Sequence[str], trust: bool = False) -> ParsedSweep:
    """The recipe in a picture or film, varied by those of `overrides` that say a sweep's words: it
    is opened as others of strangers are, and what varies it is said here and now.
    """
    recipe = open_recipe(path, [text for text in overrides if not _varies(text)], trust)
    said = [text for text in overrides if _varies(text)]
    return sweep_of(with_overrides(recipe.tree, said, Path.cwd()), path.stem)


def _varies(override: str) -> bool:
    return override.partition("=")[0].split(".")[0].strip() in SWEPT


def jobs_of_sweep(
    sweep: ParsedSweep, *, out: Path | None = None, threads: int | None = None
) -> Swept:
    """A job for each combination of `sweep` that is right.

    Args:
        sweep: the sweep.
        out: the folder that theirs are made in; renders/<its name> unless said.
        threads: how many each computes with, as `adding.job_of_render` has it.

    Raises:
        RecipeError: nothing is left of it.
    """
    expansion = expanded(sweep)
    home = (out or Path(FOLDERS["render"], sweep.name)).absolute()
    said = {"name": sweep.name, "sha256": sweep.sha256}

    def job_of(one: Combination, recipe: Parsed) -> Job:
        of = {**said, "index": one.index}
        job = job_of_render(recipe, threads=threads, sweep=of, coordinates=one.coordinates)
        words = filter(None, (expansion.number(one), one.slug, job.identity[:SHOWN_HASH]))
        return replace(job, out=home / "-".join(words))

    found, problems = each(sweep, expansion, job_of)
    kept, again = distinct(found, lambda job: job.id)
    notes = (*expansion.notes, *([equal(again)] if again else []))
    return Swept(tuple(job for _, job in kept), tuple(problems), notes)


def each(
    sweep: ParsedSweep, expansion: Expansion, act: Callable[[Combination, Parsed], Made]
) -> tuple[list[tuple[Combination, Made]], list[Problem]]:
    """What `act` makes of each combination that is right, and all that is wrong with the others."""
    found: list[tuple[Combination, Made]] = []
    problems: dict[int, Sequence[Problem]] = {}
    file = sweep.tree.mark(()).file
    for one in expansion.combinations:
        try:
            found.append((one, act(one, recipe_of(sweep, expansion, one, heard_beats))))
        except RecipeError as error:
            problems[one.index] = error.problems
        except (DreamerError, OSError) as error:
            problems[one.index] = [Problem(file, 0, "", str(error))]

    def check(one: Combination) -> Sequence[Problem]:
        try:
            act(one, recipe_of(sweep, expansion, one, heard_beats))
        except RecipeError as error:
            return error.problems
        except (DreamerError, OSError):
            pass  # of the whole, which is told where it is whole
        return ()

    hidden = Hidden(check, (one for one, _ in found))
    wrong = (one for one in expansion.combinations if one.index in problems)
    told = {one.index: hidden.behind(one, problems[one.index]) for one in wrong}
    return found, told_together(told, expansion)


def distinct(
    found: Sequence[tuple[Combination, Made]], key: Callable[[Made], str]
) -> tuple[list[tuple[Combination, Made]], list[tuple[int, int]]]:
    """Those that are like none before them, and the numbers of the others with whose they are:
    different words may say one picture.
    """
    first: dict[str, int] = {}
    kept, again = [], []
    for one, made in found:
        if (before := first.setdefault(key(made), one.index)) == one.index:
            kept.append((one, made))
        else:
            again.append((one.index, before))
    return kept, again
