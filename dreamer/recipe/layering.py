"""One recipe from several texts: what it extends below, its own text above, `--set` on top."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dreamer.errors import Problem, RecipeError, did_you_mean
from dreamer.recipe.laying import LayoutWords
from dreamer.recipe.marks import MOST_BYTES, Mark, Path_, Tree, key_of, read_yaml

MOST_EXTENDS = 8
# Of these only one may be meant: naming another replaces it instead of standing beside it.
CHOICES: dict[Path_, set[str]] = {
    ("source",): {"noise", "color", "image", "procedural", "video", "folder", "collage"},
    ("target",): {"layer", "class"},
    **{
        (*above, "collage", *choice): names
        for above in ((), ("source",))
        for choice, names in {
            ("layout",): set(LayoutWords.model_fields),
            ("background",): {"color", "image", "transparent"},
        }.items()
    },
}
# These are one value, replaced as a whole: parts of an old one would mean nothing beside the new.
WHOLE = {"network", "keys", "expr"}
# What says more of one choice, or of each of some, means nothing beside another.
OF_LAYERS = ("channels", "apart", "objective", "reference", "vector", "exponent", "place", "other")
OF_FILMS = dict.fromkeys(("start", "end", "fps"), frozenset({"video", "folder"}))
OF_CHOICE: dict[Path_, dict[str, frozenset[str]]] = {
    ("source",): {"class": frozenset({"procedural"}), "contrast": frozenset({"noise"}), **OF_FILMS},
    ("target",): dict.fromkeys(OF_LAYERS, frozenset({"layer"})),
}
# What a lone word stands for, where a mapping is meant.
SHORT: dict[Path_, str] = {("sound",): "file", ("target",): "layer"}
IN_COLLAGES = {"blend": "mode", "mask": "shape", "sort": "by"}
# Where a lone mapping may stand for a list of one.
LISTS: set[Path_] = {("target",), ("output",)}


def read_text(path: Path) -> str:
    """A recipe's text.

    Raises:
        RecipeError: no such file, or no text.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RecipeError([Problem(str(path), 0, "", "too long to be a recipe")])
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = [p.name for p in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
        raise RecipeError(
            [Problem(str(path), 0, "", f"no such file{did_you_mean(path.name, near)}")]
        ) from None
    except IsADirectoryError:
        problem = Problem(str(path), 0, "", "is a folder; expected a recipe")
        raise RecipeError([problem]) from None
    except UnicodeDecodeError as error:
        raise RecipeError([Problem(str(path), 0, "", "is not text in UTF-8")]) from error
    except OSError as error:
        raise RecipeError([Problem(str(path), 0, "", error.strerror or str(error))]) from error


def read_layers(path: Path, above: tuple[Path, ...] = ()) -> Tree:
    """The tree of the recipe at `path`, laid over what it extends."""
    return extended(read_yaml(read_text(path), str(path), path.parent), (*above, path.resolve()))


def mapping(tree: Tree) -> Tree:
    """`tree` as the mapping a recipe is; an empty text is an empty mapping."""
    if tree.value is None:
        return Tree({}, tree.marks)
    if not isinstance(tree.value, dict):
        mark = tree.mark(())
        raise RecipeError([Problem(mark.file, mark.line, "", "a recipe is a mapping of keys")])
    return tree


def alone(tree: Tree) -> Tree:
    """`tree`, unless it would extend another: a recipe out of a picture may not open files."""
    mark = tree.mark(("extends",))
    if "extends" in mapping(tree).value:
        message = "only a recipe in a file of its own can extend another"
        raise RecipeError([Problem(mark.file, mark.line, "extends", message)])
    return mapping(tree)


def extended(tree: Tree, above: tuple[Path, ...]) -> Tree:
    """`tree` laid over what its `extends` names."""
    tree = mapping(tree)
    if tree.value.get("extends") is None:
        return tree
    mark = tree.mark(("extends",))

    def refuse(message: str) -> RecipeError:
        return RecipeError([Problem(mark.file, mark.line, "extends", message)])

    name = tree.value["extends"]
    if not isinstance(name, str):
        raise refuse(f"expected a file name, not {name!r}")
    below = mark.folder / name
    if below.resolve() in above:
        raise refuse(f"{name} extends itself")
    if len(above) > MOST_EXTENDS:
        raise refuse(f"more than {MOST_EXTENDS} recipes deep")
    if not _is_file(below):
        raise refuse(f"no such file: {below}")
    value = {k: v for k, v in tree.value.items() if k != "extends"}
    return overlaid(read_layers(below, above), Tree(value, tree.marks))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for the file system
        return False


def overlaid(below: Tree, above: Tree, said: Path_ = ()) -> Tree:
    """`above` laid over `below`: mappings are merged key by key, everything else is replaced.

    `said` is a key that somebody wrote out in full: it replaces nothing on its way.
    """
    marks = dict(below.marks)
    value = _merged(below.value, above.value, (), marks, said)
    return Tree(value, marks | above.marks)


def _forget(marks: dict[Path_, Mark], path: Path_) -> None:
    for old in [p for p in marks if p[: len(path)] == path]:
        del marks[old]


def _merged(below: Any, above: Any, path: Path_, marks: dict[Path_, Mark], said: Path_ = ()) -> Any:
    on_its_way = len(path) < len(said) and path == said[: len(path)]
    whole = ((path and path[-1] in WHOLE) or _is_schedule(above)) and not on_its_way
    if not isinstance(below, dict) or not isinstance(above, dict) or whole:
        _forget(marks, path)
        return above
    words = tuple(p for p in path if isinstance(p, str))
    kinds = CHOICES.get(words, set())
    replaced = (
        {k for k in kinds if k in below and k not in above} if kinds & above.keys() else set()
    )
    replaced |= {
        k for k, of in OF_CHOICE.get(words, {}).items() if of & replaced and not of & above.keys()
    }
    kept = {k: v for k, v in below.items() if k not in replaced or k in above}
    for gone in below.keys() - kept.keys():
        _forget(marks, (*path, gone))
    for key, value in above.items():
        kept[key] = _merged(below[key], value, (*path, key), marks, said) if key in kept else value
    return kept


def _is_schedule(value: Any) -> bool:
    return isinstance(value, dict) and ("keys" in value or "expr" in value)


def with_overrides(tree: Tree, overrides: Sequence[str], folder: Path) -> Tree:
    """`tree` with each of `overrides`, `a.b.0=VALUE` in YAML, set on top; files are relative to
    `folder`.
    """
    for text in overrides:
        key, found, value = text.partition("=")
        file = f"--set {key}"
        if not found or not key.strip():
            raise RecipeError([Problem(f"--set {text}", 0, "", "expected KEY=VALUE")])
        if value.lstrip()[:1] in ("#", "*"):  # a colour or a pattern, which YAML would have quoted
            value = json.dumps(value.strip())
        inner = read_yaml(value, file, folder)
        marks = {p: Mark(file, 0, folder, said_now=True) for p in inner.marks}
        tree = with_value(tree, key.strip(), Tree(inner.value, marks))
    return tree


def with_value(tree: Tree, key: str, value: Tree) -> Tree:
    """`tree` with `value` laid over what is at `key` (`a.b.0`) there.

    Raises:
        RecipeError: an item of a list that is not there.
    """
    parts = key.split(".")
    if parts[0] == "target" and len(parts) > 1:
        tree = _spelt_out(tree, ("target", "layer"))
    path = _as_there(tree.value, parts)
    marks = {(*path, *p): mark for p, mark in value.marks.items()}
    return _placed(_spelt_out(tree, path), path, value.value, marks)


def _spelt_out(tree: Tree, path: Path_) -> Tree:
    """`tree` with a word that stands for a mapping written as one, where `path` goes into it."""
    for above in (path[:k] for k in range(1, len(path))):
        short = SHORT.get(above)
        if "collage" in above[:-1]:
            short = IN_COLLAGES.get(str(above[-1]))
        word = _at(tree.value, above)
        if short is not None and isinstance(word, str):
            said = tree.mark(above)
            return _placed(tree, above, {short: word}, {above: said, (*above, short): said})
    return tree


def _as_there(value: Any, parts: Sequence[str]) -> Path_:
    """The path that a key's `parts` mean: `target.0` is `target` where a lone mapping stands for
    the list, and `matrix.ascent.steps` goes to `ascent.steps` in `matrix` where that is one key.
    """
    path: Path_ = ()
    at = 0
    while at < len(parts):
        here = _at(value, path)
        alone = isinstance(here, dict)
        if parts[at] == "0" and path in LISTS and alone:
            at += 1
            continue
        longer = (
            n for n in range(len(parts), at + 1, -1) if alone and ".".join(parts[at:n]) in here
        )
        end = next(longer, at + 1)
        part = ".".join(parts[at:end])
        path = (*path, int(part) if part.isascii() and part.isdigit() else part)
        at = end
    return path


def _placed(tree: Tree, path: Path_, value: Any, marks: dict[Path_, Mark]) -> Tree:
    """`tree` with `value` at `path`; mappings on the way are made, list items must be there."""
    file = next(iter(marks.values()))
    nested = value
    for depth in range(len(path) - 1, -1, -1):
        part = path[depth]
        if isinstance(part, str):
            nested = {part: nested}
            continue
        listed = _at(tree.value, path[:depth])
        if not isinstance(listed, list) or not 0 <= part < len(listed):
            alone = path[:depth] in LISTS and listed is not None
            count = len(listed) if isinstance(listed, list) else int(alone)
            message = f"no item {part} in {key_of(path[:depth])} ({count} there, counted from 0)"
            raise RecipeError([Problem(file.file, file.line, "", message)])
        item = _merged(listed[part], nested, path[: depth + 1], {})
        nested = [*listed[:part], item, *listed[part + 1 :]]
        marks = {p: m for p, m in tree.marks.items() if p[:depth] == path[:depth]} | marks
    root = {p: file for p in (path[:k] for k in range(1, len(path))) if p not in tree.marks}
    return overlaid(tree, Tree(nested, root | marks), path)


def _at(value: Any, path: Path_) -> Any:
    for part in path:
        if isinstance(part, str):
            value = value.get(part) if isinstance(value, dict) else None
        else:
            value = value[part] if isinstance(value, list) and part < len(value) else None
    return value
