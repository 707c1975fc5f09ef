"""The names of a network's classes, out of a file as its publisher wrote it.

Every publisher writes labels differently, and a file read wrongly still gives the right number of
names. So a file is known by what is in it, never by what it is called, and one that is nearly of
a kind is refused where it is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from dreamer.errors import NetworkError

MOST_LABELS = 100_000
MOST_BYTES = 8_000_000
LONGEST = 500
ALONE = re.compile("n[0-9]{8}")
SYNSET = re.compile(r"(n[0-9]{8})(?:[\s,:]+(.+))?")
PLACE = re.compile(r"/[a-z]/(.*[^\s,])[\s,]+([0-9]{1,6})")
NUMBERED = re.compile(r"([0-9]{1,6})(?:\s*[:,]\s*|\s+(?:-\s+)?)(.+)")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

T = TypeVar("T")


@dataclass(frozen=True)
class Labels:
    """Names of classes in a network's order, with their wordnet ids (`n01440764`) where the file
    had them.

    Names may come twice, as ImageNet's do. Ids that came alone are also the names. `places` says
    that the file was written as Places writes its own.
    """

    names: tuple[str, ...]
    synsets: tuple[str, ...] = ()
    places: bool = field(default=False, compare=False)


class _Object(list[tuple[str, Any]]):
    """An object of JSON as its pairs, so that a key given twice is seen."""


class _Wrong(Exception):
    """What is wrong with a file, and in which line (0: no line)."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line


def read_labels(path: Path) -> Labels:
    """The labels in a file: names, one a line; Places' categories (`/a/airfield 0`); Caffe's
    `synset_words.txt`; wordnet ids alone; numbered lines; JSON lists, or objects by number.

    Raises:
        NetworkError: no such file, or not labels; the message says in which line and what was
            expected.
    """
    return labels_in(bytes_of(path), path)


def bytes_of(path: Path) -> bytes:
    """What is in a file of labels, if it is not too large to be one.

    Raises:
        NetworkError: it is, or cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise NetworkError(f"labels: {path} is no file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise NetworkError(f"labels: {path}: {error}") from error
    if len(data) > MOST_BYTES:
        raise NetworkError(f"labels: {path} is larger than {MOST_BYTES:,} bytes, too large")
    return data


def labels_in(data: bytes, path: Path) -> Labels:
    """The labels in the bytes of a file; `path` is for what is said of them.

    Raises:
        NetworkError: see `read_labels`.
    """
    try:
        text = _text(data)
        found = _json(text) if text.lstrip()[:1] in ("[", "{") else _lines(text)
        if not 0 < len(found.names) <= MOST_LABELS:
            raise _Wrong(f"holds {len(found.names)} names; expected 1 to {MOST_LABELS}")
    except _Wrong as wrong:
        where = f"{path}:{wrong.line}" if wrong.line else f"{path}"
        raise NetworkError(f"labels: {where}: {wrong}") from wrong
    return found


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _Wrong("is no text in UTF-8", line) from error
    if text.lstrip()[:5].lower() in ("<!doc", "<html"):
        raise _Wrong("is a page of the web, not labels")
    return text


def _name(text: str, line: int = 0) -> str:
    name = text.strip().replace("\t", " ")
    if not name:
        raise _Wrong("expected a name, not nothing", line)
    if len(name) > LONGEST:
        raise _Wrong(f"expected a name, not {len(name)} characters", line)
    if wrong := CONTROL.search(name):
        raise _Wrong(f"holds U+{ord(wrong[0]):04X}, which is in no name", line)
    return name


def plain_names(names: Sequence[str], where: object) -> tuple[str, ...]:
    """`names` as those of a file of labels are taken; `where` is for what is said of them.

    Raises:
        NetworkError: one that is empty, too long, or holds what a terminal would obey; or too many.
    """
    if len(names) > MOST_LABELS:
        raise NetworkError(f"{where}: {len(names)} names; expected at most {MOST_LABELS}")
    found = []
    for number, name in enumerate(names):
        try:
            found.append(_name(name))
        except _Wrong as wrong:
            raise NetworkError(f"{where}: class {number}: {wrong}") from wrong
    return tuple(found)


def _lines(text: str) -> Labels:
    rows = enumerate(re.split(r"\r\n?|\n", text), 1)
    lines = [(row, _name(words, row)) for row, words in rows if words.strip()]
    places = [(row, PLACE.fullmatch(words)) for row, words in lines]
    if _most(places):
        wanted = "a place and its number, as in '/a/airfield 0'"
        numbers = [(row, int(m[2]), m[1]) for row, m in _all(places, wanted)]
        return Labels(tuple(_in_order(numbers)), places=True)
    synsets = [(row, SYNSET.fullmatch(words)) for row, words in lines]
    if _most(synsets):
        return _synsets([(row, m[1], m[2]) for row, m in _all(synsets, "a wordnet id")])
    matches = [(row, NUMBERED.fullmatch(words)) for row, words in lines]
    numbered = [(row, int(m[1]), m[2]) for row, m in matches if m]
    # Names too may begin with numbers, but hardly all of them, counting from 0 or 1.
    if lines and len(numbered) == len(lines) and min(n for _, n, _ in numbered) < 2:
        return Labels(tuple(_in_order(numbered, "; names with numbers can be a JSON list")))
    return Labels(tuple(words for _, words in lines))


def _most(matches: Sequence[tuple[int, re.Match[str] | None]]) -> bool:
    """Whether a file is meant to be of a kind: more than half of its lines are."""
    return 2 * sum(m is not None for _, m in matches) > len(matches)


def _all(
    matches: Sequence[tuple[int, re.Match[str] | None]], wanted: str
) -> list[tuple[int, re.Match[str]]]:
    """The matches, if all lines match."""
    for row, match in matches:
        if match is None:
            raise _Wrong(f"expected {wanted}, as in the other lines", row)
    return [(row, m) for row, m in matches if m]


def _synsets(found: Sequence[tuple[int, str, str | None]]) -> Labels:
    """Labels of lines, wordnet ids and names: all have a name, or none has."""
    ids = tuple(synset for _, synset, _ in found)
    names = tuple(name for _, _, name in found if name)
    if not names:
        return Labels(ids, ids)
    for row, synset, name in found:
        if not name:
            raise _Wrong(f"expected a name after {synset}, as in other lines", row)
    return Labels(names, ids)


def _in_order(found: Sequence[tuple[int, int, T]], hint: str = "") -> list[T]:
    """What is numbered, in order: lines, numbers 0 to n - 1, and what they number."""
    seen: dict[int, T] = {}
    for row, number, what in found:
        if number >= len(found) or number in seen:
            again = " again" if number in seen else ""
            wanted = f"expected 0 to {len(found) - 1}, each once"
            raise _Wrong(f"number {number}{again}; {wanted}{hint}", row)
        seen[number] = what
    return [seen[number] for number in range(len(seen))]


def _json(text: str) -> Labels:
    """Labels of `["tench", …]`, `{"0": "tench", …}`, or either with `["n01440764", "tench"]` for a
    name.
    """
    try:
        read = json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        raise _Wrong(f"is no JSON: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"is no JSON: {error}") from error
    if not isinstance(read, _Object):
        return _items(read)
    for key, _ in read:
        if not re.fullmatch("[0-9]{1,6}", key):
            raise _Wrong(f"key {key[:40]!r}; expected the number of a class")
    return _items(_in_order([(0, int(key), value) for key, value in read]))


def _items(items: Sequence[Any]) -> Labels:
    rows: list[tuple[str | None, str]] = []
    for number, item in enumerate(items):
        match item:
            case str():
                rows.append((None, _name(item)))
            case [str() as synset, str() as name] if ALONE.fullmatch(synset):
                rows.append((synset, _name(name)))
            case _:
                raise _Wrong(f"class {number}: expected a name, or a wordnet id and a name")
    names = tuple(name for _, name in rows)
    synsets = tuple(synset for synset, _ in rows if synset)
    if synsets and len(synsets) < len(rows):
        raise _Wrong("expected wordnet ids for all names or for none")
    alone = all(ALONE.fullmatch(name) for name in names)
    return Labels(names, names if alone else synsets)
