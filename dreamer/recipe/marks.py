"""YAML text into a plain tree that remembers where every value was written, read strictly and
within bounds.

The core schema of YAML 1.2 is what people mean: `off` is a word, `1e-3` a number, `1:30` a word,
`010` ten. A key given twice, a tag, a document that unfolds without end are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from dreamer.errors import Problem, RecipeError

Path_ = tuple[str | int, ...]

MOST_BYTES = 1 << 20
MOST_NODES = 20_000
MOST_DEPTH = 24


class Mark(NamedTuple):
    """Where a value was written, and the folder that file names in it are relative to."""

    file: str
    line: int
    folder: Path


@dataclass(frozen=True)
class Tree:
    """Plain values (dict, list, str, int, float, bool, None) and a mark for each path into them."""

    value: Any
    marks: dict[Path_, Mark]

    def mark(self, path: Path_) -> Mark:
        """The mark of `path`, or of the nearest thing that encloses it.

        A lone item may stand where a list is meant, so numbers in `path` that the text does not
        have are passed over.
        """
        here: Path_ = ()
        for part in path:
            if (*here, part) in self.marks:
                here = (*here, part)
            elif isinstance(part, str):
                break
        return self.marks[here]

    def as_written(self, path: Path_) -> Path_:
        """`path` as the text has it: no number where a lone item stands for a list, no key below
        a bare word.
        """
        kept: Path_ = ()
        value = self.value
        for part in path:
            if isinstance(part, int):
                if isinstance(value, list) and part < len(value):
                    kept, value = (*kept, part), value[part]
            elif isinstance(value, dict):
                kept, value = (*kept, part), value.get(part)
        return kept


class _Core(yaml.SafeLoader):
    """PyYAML's parser with the implicit types of YAML 1.2's core schema instead of 1.1's."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as its base has it


_Core.add_implicit_resolver("!null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Core.add_implicit_resolver(
    "!bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Core.add_implicit_resolver("!int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Core.add_implicit_resolver("!int8", re.compile(r"^0o[0-7]+$"), ["0"])
_Core.add_implicit_resolver("!int16", re.compile(r"^0x[0-9a-fA-F]+$"), ["0"])
_Core.add_implicit_resolver(
    "!float",
    re.compile(
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"
        r"|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$"
    ),
    list("-+.0123456789"),
)

_STANDARD = {f"tag:yaml.org,2002:{t}" for t in ("str", "map", "seq")}


def _scalar(node: yaml.ScalarNode) -> Any:
    text = node.value
    if node.tag == "!null":
        return None
    if node.tag == "!bool":
        return text.lower() == "true"
    if node.tag == "!int":
        return int(text) if len(text) < 40 else float(text)
    if node.tag in ("!int8", "!int16"):
        return int(text[2:], 8 if node.tag == "!int8" else 16)
    if node.tag == "!float":
        return float(
            text.replace(".inf", "inf").replace(".nan", "nan").lower().lstrip(".")
            if "n" in text.lower()
            else text
        )
    return text


class _Reader:
    def __init__(self, file: str, folder: Path) -> None:
        self.file, self.folder = file, folder
        self.marks: dict[Path_, Mark] = {}
        self.problems: list[Problem] = []
        self.nodes = 0

    def problem(self, node: yaml.Node, path: Path_, message: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, key_of(path), message))

    def read(self, node: yaml.Node, path: Path_, line: int) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES or len(path) > MOST_DEPTH:
            what = (
                f"more than {MOST_NODES} values" if self.nodes > MOST_NODES else "nested too deep"
            )
            raise RecipeError(
                [Problem(self.file, line, "", f"{what} once its anchors are unfolded")]
            )
        self.marks[path] = Mark(self.file, line, self.folder)
        plain = node.tag in _STANDARD or (
            node.tag.startswith("!")
            and node.tag[1:]
            in (
                "null",
                "bool",
                "int",
                "int8",
                "int16",
                "float",
            )
        )
        if not plain:
            self.problem(node, path, f"the tag {node.tag} is not allowed; a recipe is plain data")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.read(item, (*path, k), item.start_mark.line + 1)
                for k, item in enumerate(node.value)
            ]
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(key_node, path, "a key must be a word")
                continue
            key = str(key_node.value)
            if key == "<<":
                self.problem(key_node, path, "merge keys (<<) are not YAML 1.2; use extends")
                continue
            if key in lines:
                message = f"given twice, in lines {lines[key]} and {line}"
                self.problem(key_node, (*path, key), message)
                continue
            lines[key] = line
            found[key] = self.read(value_node, (*path, key), line)
        return found


def key_of(path: Path_) -> str:
    """`target.0.weight`."""
    return ".".join(map(str, path))


def read_yaml(text: str, file: str, folder: Path) -> Tree:
    """The tree of one YAML document.

    Args:
        text: the document.
        file: what it is called in messages.
        folder: what file names in it are relative to.

    Raises:
        RecipeError: what is wrong with the text, with its line.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise RecipeError(
            [Problem(file, 0, "", f"longer than {MOST_BYTES >> 20} MB: not a recipe")]
        )
    reader = _Reader(file, folder)
    loader = None
    try:
        loader = _Core(text)
        node = loader.get_single_node()
        if node is None:
            return Tree({}, {(): Mark(file, 1, folder)})
        value = reader.read(node, (), node.start_mark.line + 1)
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        words = " ".join(filter(None, (error.context, error.problem)))
        raise RecipeError(
            [Problem(file, where.line + 1 if where else 0, "", f"not YAML: {words}")]
        ) from error
    except yaml.YAMLError as error:
        raise RecipeError([Problem(file, 0, "", f"not YAML: {error}")]) from error
    except RecursionError as error:
        raise RecipeError([Problem(file, 0, "", "nested too deep")]) from error
    finally:
        if loader is not None:
            loader.dispose()
    if reader.problems:
        raise RecipeError(reader.problems)
    return Tree(value, reader.marks)
