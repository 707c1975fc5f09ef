"""YAML text into a plain tree that remembers where every value was written, read strictly and
within bounds.

The core schema of YAML 1.2 is what people mean: `off` is a word, `1e-3` a number, `1:30` a word,
`010` ten. A key given twice, a tag, a document that unfolds without end are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from dreamer.errors import Problem, RecipeError

Path_ = tuple[str | int, ...]

MOST_BYTES = 1 << 20
MOST_NODES = 20_000
MOST_DEPTH = 24
MOST_DIGITS = 40


class Mark(NamedTuple):
    """Where a value was written, the folder that file names in it are relative to, and whether a
    person said it here and now, by --set.
    """

    file: str
    line: int
    folder: Path
    said_now: bool = False


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
        return self.marks[self.nearest(path)]

    def nearest(self, path: Path_) -> Path_:
        """`path`, or what is marked of all that encloses it."""
        here: Path_ = ()
        for part in path:
            if (*here, part) in self.marks:
                here = (*here, part)
            elif isinstance(part, str):
                break
        return here

    def problem(self, path: Path_, message: str) -> Problem:
        """A problem with what was written at `path`."""
        mark = self.mark(path)
        return Problem(mark.file, mark.line, key_of(self.as_written(path)), message)

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


class _Beyond(yaml.MarkedYAMLError):
    """More than a recipe may be, though it is YAML."""


class _Core(yaml.SafeLoader):
    """PyYAML's parser with the implicit types of YAML 1.2's core schema instead of 1.1's.

    It counts while it composes, so that a long text is refused before it has cost anything, and
    remembers which nodes were given a tag, so that none can pass for one of ours.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as its base has it

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.tags: dict[yaml.Node, str] = {}
        self._composed = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._composed += 1
        self._depth += 1
        if self._composed > MOST_NODES:
            raise _Beyond(None, None, f"more than {MOST_NODES} values", event.start_mark)
        if self._depth > MOST_DEPTH:
            raise _Beyond(None, None, "nested too deep", event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and getattr(event, "tag", None) is not None:
            self.tags[node] = event.tag
        return node


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


def _scalar(node: yaml.ScalarNode) -> Any:
    text = node.value
    if node.tag == "!null":
        return None
    if node.tag == "!bool":
        return text.lower() == "true"
    # A whole number that fills pages is a float, infinite in the end: integers of that size cannot
    # even be shown in a message.
    if node.tag == "!int":
        return int(text) if len(text) < MOST_DIGITS else float(text)
    if node.tag in ("!int8", "!int16"):
        base = 8 if node.tag == "!int8" else 16
        return int(text[2:], base) if len(text) < MOST_DIGITS else math.inf
    if node.tag == "!float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


class _Reader:
    def __init__(self, file: str, folder: Path, tags: Mapping[yaml.Node, str]) -> None:
        self.file, self.folder, self.tags = file, folder, tags
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
        if tag := self.tags.get(node):
            self.problem(node, path, f"the tag {tag} is not allowed; a recipe is plain data")
            return None
        if "\0" in node.value:
            self.problem(node, path, "a word cannot hold the character U+0000")
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
    """The tree of one YAML document; its value is None where the text holds none.

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
    loader = None
    try:
        loader = _Core(text)
        node = loader.get_single_node()
        if node is None:
            return Tree(None, {(): Mark(file, 1, folder)})
        reader = _Reader(file, folder, loader.tags)
        value = reader.read(node, (), node.start_mark.line + 1)
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        words = " ".join(filter(None, (error.context, error.problem)))
        message = words if isinstance(error, _Beyond) else f"not YAML: {words}"
        raise RecipeError([Problem(file, where.line + 1 if where else 0, "", message)]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"not YAML: the character U+{ord(text[error.position]):04X} is not allowed"
        raise RecipeError([Problem(file, line, "", message)]) from error
    finally:
        if loader is not None:
            loader.dispose()
    if reader.problems:
        raise RecipeError(reader.problems)
    return Tree(value, reader.marks)
