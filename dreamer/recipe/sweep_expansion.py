"""From a sweep to its combinations, and from each to a recipe.

What `matrix`, `zip` and `random` give is multiplied, the last varying fastest. `include` and
`exclude` mean what they do in GitHub's workflows.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from dreamer.errors import Problem, RecipeError, printable
from dreamer.recipe.layering import with_value
from dreamer.recipe.marks import Path_, Tree
from dreamer.recipe.parse import Hear, recipe_from_tree
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.sweep import ParsedSweep, same
from dreamer.recipe.sweep_chance import drawn

Row = Mapping[str, Tree]  # values by key, each with the marks of where it was written
DIGITS = 3  # of a number in a name, at least, so that a sweep may grow under its names
MOST_LETTERS = 60


@dataclass(frozen=True)
class Combination:
    """One of a sweep's pictures or films: the how manieth it is, from 1, and its values by key."""

    index: int
    values: Row

    @property
    def coordinates(self) -> dict[str, Any]:
        """Plain values by key."""
        return {key: value.value for key, value in self.values.items()}

    @property
    def told(self) -> str:
        """Its coordinates in words: `octaves 3, target daisy`."""
        return ", ".join(f"{_short(k)} {brief(v)}" for k, v in self.coordinates.items())

    @property
    def slug(self) -> str:
        """The same as a part of a folder's name, which may be nothing."""
        plain = unicodedata.normalize("NFKD", self.told).encode("ascii", "ignore").decode()
        whole = "-".join(re.findall(r"\w(?:[\w.]*\w)?", plain))
        if len(whole) <= MOST_LETTERS:
            return whole
        return whole[: MOST_LETTERS + 1].rpartition("-")[0].strip("-._")


@dataclass(frozen=True)
class Expansion:
    """All combinations of a sweep, and what a person should know of them."""

    combinations: tuple[Combination, ...]
    notes: tuple[str, ...] = ()

    def named(self, sweep: ParsedSweep, one: Combination) -> str:
        """What its files are called after."""
        return f"{sweep.name}-{self.number(one)}"

    def number(self, one: Combination) -> str:
        """Its index in digits that sort."""
        digits = max(DIGITS, len(str(self.combinations[-1].index)))
        return f"{one.index:0{digits}}"


def expanded(sweep: ParsedSweep) -> Expansion:
    """The combinations of `sweep`; of equal ones the first.

    Raises:
        RecipeError: nothing is left of them.
    """
    notes: list[str] = []
    kept: dict[str, Combination] = {}
    again: list[tuple[int, int]] = []
    rows = product(_matrix(sweep, notes), _zip(sweep), _random(sweep))
    for index, parts in enumerate(rows, 1):
        found = Combination(index, {key: value for part in parts for key, value in part.items()})
        text = json.dumps(found.coordinates, sort_keys=True)
        if text in kept:
            again.append((index, kept[text].index))
        else:
            kept[text] = found
    if not kept:
        raise RecipeError([sweep.tree.problem(("matrix", "exclude"), "leaves nothing to make")])
    if again:
        notes.append(equal(again))
    return Expansion(tuple(kept.values()), tuple(notes))


def equal(again: Iterable[tuple[int, int]]) -> str:
    """That some combinations are others again, which are made once."""
    pairs = [*again]
    first = ", ".join(f"{one} is {other} again" for one, other in pairs[:3])
    more = f", and {len(pairs) - 3} more" if len(pairs) > 3 else ""
    return f"equal combinations are made once: {first}{more}"


def recipe_of(
    sweep: ParsedSweep, expansion: Expansion, one: Combination, hear: Hear | None = None
) -> Parsed:
    """The recipe of one combination: each value laid over the sweep's recipe as `--set` does, whole
    things before what is in them.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    tree, problems = sweep.base, list[Problem]()
    for key in sorted(one.values, key=lambda key: key.count(".")):
        try:
            tree = with_value(tree, key, one.values[key])
        except RecipeError as error:  # the others are looked at without it
            problems += [replace(problem, key=key) for problem in error.problems]
    folder, name = tree.mark(()).folder, expansion.named(sweep, one)
    try:
        recipe = recipe_from_tree(tree.value, folder, name, tree.marks, hear)
    except RecipeError as error:
        raise RecipeError([*problems, *error.problems]) from error
    if problems:
        raise RecipeError(problems)
    return recipe


def told_together(found: Mapping[int, Iterable[Problem]], expansion: Expansion) -> list[Problem]:
    """Problems by a combination's index as one list: what many share once, with how many."""
    of: dict[Problem, list[int]] = {}
    for index, problems in found.items():
        for problem in dict.fromkeys(problems):
            of.setdefault(problem, []).append(index)
    count, by_index = len(expansion.combinations), {c.index: c for c in expansion.combinations}
    told = []
    for problem, where in of.items():
        first = f"{where[0]}: {by_index[where[0]].told}"
        if len(where) == count:
            suffix = ""
        elif len(where) == 1:
            suffix = f" (in number {first})"
        else:
            suffix = f" (in {len(where)} of {count}; the first is {first})"
        told.append(Problem(problem.file, problem.line, problem.key, f"{problem.message}{suffix}"))
    return sorted(told)


def _matrix(sweep: ParsedSweep, notes: list[str]) -> list[Row]:
    matrix = sweep.words.matrix
    if matrix is None:
        return [{}]
    axes = {
        key: [subtree(sweep.tree, ("matrix", key, k)) for k in range(len(values))]
        for key, values in sweep.axes.items()
    }
    left_out = [0] * len(matrix.exclude)

    def kept(row: Row) -> bool:
        for number, out in enumerate(matrix.exclude):
            if all(same(row[key].value, value) for key, value in out.items()):
                left_out[number] += 1
                return False
        return True

    every = (dict(zip(axes, values, strict=True)) for values in product(*axes.values()))
    rows = [row for row in every if kept(row)] if axes else []
    for number, count in enumerate(left_out):
        if not count:
            notes.append(
                str(sweep.tree.problem(("matrix", "exclude", number), "leaves out nothing"))
            )
    original = [dict(row) for row in rows]
    own: list[dict[str, Tree]] = []
    for number, added in enumerate(matrix.include):
        path: Path_ = ("matrix", "include", number)
        values = {key: subtree(sweep.tree, (*path, key)) for key in added}
        fits = [
            row
            for row, was in zip(rows, original, strict=True)
            if all(same(was[key].value, value) for key, value in added.items() if key in was)
        ]
        for row in fits:
            row.update(values)
        if not fits:
            own.append(values)
    return [*rows, *own]


def _zip(sweep: ParsedSweep) -> Iterator[Row]:
    rows = sweep.words.zip
    if not rows:
        yield {}
        return
    for number in range(len(next(iter(rows.values())))):
        yield {key: subtree(sweep.tree, ("zip", key, number)) for key in rows}


def _random(sweep: ParsedSweep) -> Iterator[Row]:
    words = sweep.words.random
    if words is None:
        yield {}
        return
    for number in range(words.n):
        row: dict[str, Tree] = {}
        for key, rule in words.keys.items():
            value, path = drawn(rule, words.seed, number, key), ("random", "keys", key)
            if rule.choice is not None:
                row[key] = subtree(sweep.tree, (*path, "choice", int(value)))
            else:
                row[key] = Tree(value, {(): sweep.tree.mark(path)})
        yield row


def subtree(tree: Tree, path: Path_) -> Tree:
    """What stands at `path` of `tree`, marks and all."""
    value = tree.value
    for part in tree.as_written(path):
        value = value[part]
    whole = tree.as_written(path)
    found = ((inner, tree.marks.get((*whole, *inner))) for inner in _paths(value))
    return Tree(value, {(): tree.mark(path)} | {p: mark for p, mark in found if mark is not None})


def _paths(value: Any) -> Iterator[Path_]:
    """The paths to all that is in a value, and to itself."""
    yield ()
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for part, inner in inside:
        yield from ((part, *path) for path in _paths(inner))


def _short(key: str) -> str:
    """The last word of a key."""
    words = [part for part in key.split(".") if not part.isdigit()]
    return words[-1] if words else key


def brief(value: Any) -> str:
    """A value in few words."""
    if isinstance(value, dict):
        return " ".join(f"{key} {brief(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return " ".join(map(brief, value))
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:g}"
    return printable(" ".join(str(value).split()))  # in one line
