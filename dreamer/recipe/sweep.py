"""A sweep: a recipe, and what of it is varied: by every combination (`matrix`), by rows side by
side (`zip`), by chance (`random`).

Read as strictly as the recipe. What comes of it is in `sweep_expansion`.
"""

from __future__ import annotations

import hashlib
import json
import math
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from operator import contains
from pathlib import Path
from typing import Any

from pydantic import (
    ValidationError,
)

from dreamer.errors import Problem, RecipeError, did_you_mean
from dreamer.recipe.kinds import KINDS, kind_of, misplaced
from dreamer.recipe.layering import read_layers, with_overrides
from dreamer.recipe.marks import Path_, Tree
from dreamer.recipe.messages import problems_of
from dreamer.recipe.schema import Recipe
from dreamer.recipe.sweep_keys import flattened
from dreamer.recipe.sweep_words import MOST, SWEPT, Draw, Sweep

# Schedules may say these in parts, which are rounded: fractions of them would be one picture.
WHOLE = ("ascent.steps", "ascent.octaves", "ascent.jitter")
MOST_WALKED = 40 * MOST  # of a matrix, to see which are left out


@dataclass(frozen=True)
class ParsedSweep:
    """A sweep's words, the tree they were read from, and the recipe that it varies; `name` is what
    its folder is called after.
    """

    words: Sweep
    tree: Tree
    base: Tree
    name: str

    @property
    def axes(self) -> dict[str, list[Any]]:
        """The keys of the matrix, with their values."""
        matrix = self.words.matrix
        return dict((matrix.__pydantic_extra__ if matrix is not None else None) or {})

    def said(self) -> Iterator[tuple[str, Path_]]:
        """Every key that is varied but those of include, and where it is said."""
        yield from ((key, ("matrix", key)) for key in self.axes)
        yield from ((key, ("zip", key)) for key in self.words.zip or {})
        if self.words.random is not None:
            yield from ((key, ("random", "keys", key)) for key in self.words.random.keys)

    @property
    def sha256(self) -> str:
        """What it is known by: the recipe that it varies, and which keys of it. More values or more
        draws make no other sweep.
        """
        keys = sorted({key for key, _ in self.said()})
        text = json.dumps([self.base.value, keys], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def parse_sweep(path: Path, overrides: Sequence[str] = (), cwd: Path | None = None) -> ParsedSweep:
    """The sweep in the file at `path`, with what it extends below it and `overrides` (`key=value`)
    on top. The recipe that it varies is not checked.

    Raises:
        RecipeError: all that is wrong with what it varies.
    """
    return sweep_of(with_overrides(read_layers(path), overrides, cwd or Path.cwd()), path.stem)


def sweep_of(tree: Tree, name: str) -> ParsedSweep:
    """The sweep that `tree` is.

    Raises:
        RecipeError: all that is wrong with what it varies.
    """
    if not any(tree.value.get(key) is not None for key in SWEPT):
        raise RecipeError(_varies_nothing(tree))
    bare = {key: value for key, value in tree.value.items() if key not in SWEPT}
    base = Tree(bare, {p: mark for p, mark in tree.marks.items() if not p or p[0] not in SWEPT})
    kind = kind_of(base, "render")
    if kind != "render":
        message = f"a sweep varies a recipe for pictures or films, and this is {KINDS[kind].called}"
        raise RecipeError([tree.problem((), message)])
    flat = flattened(tree, Draw.model_fields)
    try:
        words = Sweep.model_validate({key: flat.value[key] for key in SWEPT if key in flat.value})
    except ValidationError as error:
        raise RecipeError(problems_of(error, flat, Sweep)) from error
    found = ParsedSweep(words, flat, base, name)
    if problems := [*_wrong(found)]:
        raise RecipeError(problems)
    return found


def _varies_nothing(tree: Tree) -> list[Problem]:
    """What is to be said of a tree without matrix, zip and random: that one of these is misspelt,
    that it is another verb's, or how a plain recipe is varied.
    """
    known = {*SWEPT, *Recipe.model_fields}
    near = {key: did_you_mean(key, known) for key in tree.value if key not in known}
    misspelt = {key: words for key, words in near.items() if any(f"'{w}'" in words for w in SWEPT)}
    if misspelt:
        return [tree.problem((key,), f"unknown key{words}") for key, words in misspelt.items()]
    if kind_of(tree, "render") != "render":
        return misplaced(tree, "render")
    file = shlex.quote(tree.mark(()).file)
    how = f'`dreamer sweep {file} --set "matrix.seed=[1, 2, 3]"` varies it (docs/sweeps.md)'
    return [
        Problem(one.file, one.line, one.key, f"{one.message}; {how}")
        for one in misplaced(tree, "sweep") or [tree.problem((), "varies nothing")]
    ]


def _wrong(sweep: ParsedSweep) -> Iterator[Problem]:
    """What no key alone is wrong with."""
    problem, words = sweep.tree.problem, sweep.words
    first: dict[str, Path_] = {}
    for key, path in sweep.said():
        yield from _of_key(sweep, key, path)
        if key in first:
            yield problem(path, f"is varied by {first[key][0]} too; only one can decide it")
        first.setdefault(key, path)
    for key, rule in (words.random.keys if words.random is not None else {}).items():
        if rule.between is not None and any(f".{key}".endswith(f".{whole}") for whole in WHOLE):
            least, most = math.ceil(rule.between[0]), math.floor(rule.between[1])
            such = f"; say integers: [{least}, {most}]" if least < most else ""
            yield problem(("random", "keys", key, "between"), f"expected whole numbers{such}")
    rows = words.zip or {}
    lengths = {key: len(values) for key, values in rows.items()}
    for key, length in lengths.items():
        other = next(iter(lengths))
        if length != lengths[other]:
            message = f"has {_many(length)}, and {other} {lengths[other]}: rows lie side by side"
            yield problem(("zip", key), message)
    if not first and not (words.matrix and words.matrix.include):
        yield problem((), "varies nothing: matrix, zip and random have no keys")
    yield from _of_combinations(sweep, first)
    if (count := counted(sweep)) > MOST:
        all_of_them = " before any is excluded" if _whole(sweep) > MOST_WALKED else ""
        yield problem((), f"makes {count} combinations{all_of_them}; at most {MOST}")


def _of_combinations(sweep: ParsedSweep, first: dict[str, Path_]) -> Iterator[Problem]:
    """What is wrong with include and exclude."""
    problem, matrix = sweep.tree.problem, sweep.words.matrix
    if matrix is None:
        return
    for number, left_out in enumerate(matrix.exclude):
        path: Path_ = ("matrix", "exclude", number)
        if not left_out:
            yield problem(path, "is empty, and would leave all of them out")
        for key in left_out.keys() - sweep.axes.keys():
            near = did_you_mean(key, sweep.axes)
            yield problem((*path, key), f"is no key of the matrix{near}")
    for number, added in enumerate(matrix.include):
        path = ("matrix", "include", number)
        if not added:
            yield problem(path, "is empty")
        for key in added:
            yield from _of_key(sweep, key, (*path, key))
            if first.get(key, path)[0] != "matrix":
                yield problem((*path, key), f"is varied by {first[key][0]} too")


def _of_key(sweep: ParsedSweep, key: str, path: Path_) -> Iterator[Problem]:
    if not all(key.split(".")):
        yield sweep.tree.problem(
            path, f"expected a key of the recipe, like ascent.steps, not '{key}'"
        )
    elif key.split(".")[0] in (*SWEPT, "extends"):
        yield sweep.tree.problem(path, "cannot be varied; only keys of the recipe can")


def _many(count: int) -> str:
    return f"{count} value" if count == 1 else f"{count} values"


def counted(sweep: ParsedSweep) -> int:
    """How many combinations there are at most, before any is made."""
    words = sweep.words
    count = _whole(sweep)
    if words.matrix is not None and words.matrix.exclude and count <= MOST_WALKED:
        count -= _excluded(sweep)
    if words.matrix is not None:
        count += len(words.matrix.include)
    rows = len(next(iter(words.zip.values()))) if words.zip else 1
    drawn = words.random.n if words.random is not None else 1
    return (count if words.matrix is not None else 1) * rows * drawn


def _whole(sweep: ParsedSweep) -> int:
    """How many combinations the lists of the matrix have."""
    return math.prod(len(values) for values in sweep.axes.values()) if sweep.axes else 0


def _excluded(sweep: ParsedSweep) -> int:
    """How many of these are left out."""
    matrix, axes = sweep.words.matrix, sweep.axes
    assert matrix is not None
    fits = [  # of each exclude the values of each axis that it fits, by number
        [
            {k for k, value in enumerate(values) if key not in out or same(value, out[key])}
            for key, values in axes.items()
        ]
        for out in matrix.exclude
    ]
    rows = product(*(range(len(values)) for values in axes.values()))
    return sum(any(all(map(contains, fit, row)) for fit in fits) for row in rows)


def same(one: Any, other: Any) -> bool:
    """Whether two values are one: 3 is 3.0, and true is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
