"""What a sweep varies, by whole keys, however they were written: a mapping of mappings, as a recipe
has it, or keys with points, as `--set` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from dreamer.errors import RecipeError
from dreamer.recipe.marks import Tree

RESERVED = ("include", "exclude")
Leaf = Callable[[Any], bool]


def flattened(tree: Tree, rules: Collection[str]) -> Tree:
    """`tree` with what a sweep varies by whole keys: `ascent: {steps: […]}` is `ascent.steps: […]`.
    `rules` are the words by which a mapping is known to say how a key is drawn.

    Raises:
        RecipeError: a key that is said in both ways.
    """

    def is_rule(value: Any) -> bool:
        return not isinstance(value, dict) or any(word in value for word in rules)

    tree = _flattened(tree, ("matrix",), _is_no_mapping)
    tree = _flattened(tree, ("zip",), _is_no_mapping)
    return _flattened(tree, ("random", "keys"), is_rule)


def _flattened(tree: Tree, place: tuple[str, ...], leaf: Leaf) -> Tree:
    nested = tree.value
    for part in place:
        nested = nested.get(part) if isinstance(nested, dict) else None
    if not isinstance(nested, dict):
        return tree
    found: dict[str, Any] = {}
    marks = dict(tree.marks)
    problems = []
    for path, value in _leaves(nested, leaf):
        key = path[0] if path[0] in RESERVED else ".".join(path)
        if key in found:
            problems.append(tree.problem((*place, *path), "is given twice"))
        found[key] = value
        if len(path) > 1:
            old = (*place, *path)
            below = {p: mark for p, mark in tree.marks.items() if p[: len(old)] == old}
            marks |= {(*place, key, *p[len(old) :]): mark for p, mark in below.items()}
    if problems:
        raise RecipeError(problems)
    return Tree(_with(tree.value, place, found), marks)


def _with(holder: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """`holder` with `value` at `place`."""
    first, *rest = place
    return {**holder, first: _with(holder[first], tuple(rest), value) if rest else value}


def _leaves(
    value: dict[str, Any], leaf: Leaf, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, inner in value.items():
        here = (*path, key)
        if leaf(inner) or not inner or here[0] in RESERVED:
            yield here, inner
        else:
            yield from _leaves(inner, leaf, here)


def _is_no_mapping(value: Any) -> bool:
    return not isinstance(value, dict)
