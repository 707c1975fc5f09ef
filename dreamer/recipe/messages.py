"""Pydantic's errors in our words: where, what was found, what was expected, the nearest right
name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, get_args

from pydantic import ValidationError

from dreamer.errors import Problem, did_you_mean, one_of
from dreamer.recipe.marks import Path_, Tree, key_of
from dreamer.recipe.numbers import Words, shown

EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "string_type": "a word",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def problems_of(
    error: ValidationError, tree: Tree, root: type[Words], beside: Collection[str] = ()
) -> list[Problem]:
    """One problem for each place that pydantic refused; `beside` are words that a file may have
    next to the keys of `root`, and that make something else of it.
    """
    found: dict[Path_, Problem] = {}
    for detail in error.errors():
        path, message = _pointed(_path(detail), _message(detail, root, beside), tree)
        mark = tree.mark(path)
        shown_path = tree.as_written(path)
        # Members of a union each have their say; the first one said for a place is enough.
        found.setdefault(path, Problem(mark.file, mark.line, key_of(shown_path), message))
    return list(found.values())


def _pointed(path: Path_, message: str, tree: Tree) -> tuple[Path_, str]:
    """The key below `path` that a message of several keys names first, if it is written there, and
    the rest of the message.
    """
    key, _, rest = message.partition(": ")
    whole = (*tree.as_written(path), *key.split("."))
    return (whole, rest) if rest and whole in tree.marks else (path, message)


def _path(detail: Any) -> Path_:
    """Where it is, without the names pydantic gives to the members of a union."""
    *way, last = detail["loc"] or ("",)
    kept = tuple(p for p in way if not _is_tag(p))
    is_written = detail["type"] == "extra_forbidden" or not _is_tag(last)
    return (*kept, last) if is_written and last != "" else kept


def _is_tag(part: object) -> bool:
    return isinstance(part, str) and (
        part.startswith("‹") or part in ("int", "float", "str") or "[" in part
    )


def _message(detail: Any, root: type[Words], beside: Collection[str]) -> str:
    kind, value = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        path = detail["loc"]
        names = _keys_at(root, path[:-1]) | {*(beside if len(path) == 1 else ())}
        near = did_you_mean(str(path[-1]), names)
        known = "" if near else f"; there are {', '.join(sorted(names))}"
        return f"unknown key{near}{known}"
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        choices = [
            c.strip("'") for c in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")
        ]
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"expected {one_of(choices)}, not {shown(value)}{near}"
    if kind in BOUNDS:
        word, key = BOUNDS[kind]
        return f"must be {word} {detail['ctx'][key]}, not {shown(value)}"
    if kind in ("value_error", "assertion_error"):
        return str(detail["ctx"]["error"])
    if kind in EXPECTED:
        return f"expected {EXPECTED[kind]}, not {shown(value)}"
    if kind in ("string_too_long", "too_long") and isinstance(value, str):
        return f"has {len(value)} letters; at most {detail['ctx']['max_length']}"
    if kind in ("too_long", "too_short"):
        return f"expected {detail['ctx'].get('max_length', detail['ctx'].get('min_length'))} values"
    if kind == "string_too_short":
        return "expected a word, not nothing"
    return str(detail["msg"])


def _models_in(annotation: Any) -> Iterator[type[Words]]:
    if isinstance(annotation, type) and issubclass(annotation, Words):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _keys_at(root: type[Words], path: Path_) -> set[str]:
    """The keys that are known at `path` below the model `root`."""
    models: list[type[Words]] = [root]
    for part in path:
        if isinstance(part, int):
            continue
        if _is_tag(part):
            models = [m for m in models if m.tag == part or m.__name__ == part] or models
            continue
        fields = [
            info
            for model in models
            for name, info in model.model_fields.items()
            if part in (name, info.alias)
        ]
        models = [m for info in fields for m in (*_models_in(info.annotation), *_in_metadata(info))]
    return {info.alias or name for model in models for name, info in model.model_fields.items()}


def _in_metadata(info: Any) -> Iterator[type[Words]]:
    for extra in info.metadata:
        yield from _models_in(extra)
