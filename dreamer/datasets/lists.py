"""Lists of addresses as people have them: a text file a class, a table, lines of JSON, or a folder
of those.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dreamer.datasets.items import Item
from dreamer.datasets.visits import address
from dreamer.errors import UsageError, did_you_mean, one_of

TABLES, LINES = (".csv", ".tsv"), (".jsonl", ".ndjson")
TEXTS = (".txt", ".urls", ".lst", ".list")
HEADERS = {
    "url": ("url", "address", "link", "image", "uri", "href", "src"),
    "category": ("class", "label", "category", "classname", "name"),
    "licence": ("licence", "license", "rights"),
    "source": ("source", "credit", "attribution", "author", "creator", "page"),
}
NUMBERED = re.compile(r"\S+\s+(https?://\S+)", re.IGNORECASE)  # ImageNet's lists
LOOKS_LIKE_URL = re.compile(r"\s*[a-z]+://", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """What lists say: what is wanted, in their order, each once for a class, and how many lines
    said again what another had.
    """

    items: tuple[Item, ...]
    repeated: int


def read_lists(places: Sequence[Path]) -> Listed:
    """What the lists and folders of lists at `places` want.

    What is no address becomes an item that says so, so that nothing is passed over in silence.

    Raises:
        UsageError: no such list, none that can be read as one, nothing in any, or not one address.
    """
    found: dict[tuple[str, str], Item] = {}
    count = 0
    for file in _files(places):
        for item in _items(file):
            count += 1
            found.setdefault(item.key, item)
    if not found:
        raise UsageError(f"no addresses in {', '.join(map(str, places))}")
    if all(item.reason == "bad-address" for item in found.values()):
        first = next(iter(found.values()))
        where = ", ".join(map(str, places))
        raise UsageError(
            f"{first.detail}; no line of {where} is an address: expected one a line, as in "
            "https://example.org/rose.jpg, or a table with a column 'url'"
        )
    return Listed(tuple(found.values()), count - len(found))


def _files(places: Sequence[Path]) -> Iterator[Path]:
    known = (*TEXTS, *TABLES, *LINES)
    for place in places:
        if place.is_dir():
            inside = sorted(
                path
                for path in place.iterdir()
                if path.suffix.lower() in known and path.is_file() and path.name[0] != "."
            )
            if not inside:
                raise UsageError(f"{place}: no lists in it ({', '.join(known)})")
            yield from inside
        elif place.is_file():
            yield place
        else:
            raise UsageError(f"{place}: no such list or folder of lists")


def _items(file: Path) -> Iterator[Item]:
    kind = file.suffix.lower()
    lines = _lines(file)
    if kind in TABLES:
        rows = _table(file, lines)
    elif kind in LINES:
        rows = _objects(file, lines)
    else:
        rows = _plain(lines)
    for number, words in rows:
        category = words.get("category", "").strip() or file.stem.strip()
        yield _item(words, category, f"{file}:{number}")


def _item(words: Mapping[str, str], category: str, where: str) -> Item:
    text = words.get("url", "").strip()
    licence, source = (words.get(name, "").strip() for name in ("licence", "source"))
    try:
        if problem := words.get("problem"):
            raise ValueError(problem)
        if "\N{REPLACEMENT CHARACTER}" in text:
            raise ValueError("a line that is not UTF-8")
        text = str(address(text))
    except ValueError as error:
        detail = f"{where}: {error}"
        return Item(text, category, licence, source, where, reason="bad-address", detail=detail)
    return Item(text, category, licence, source, where)


def _lines(file: Path) -> list[str]:
    """The lines of a text, whatever program ended them and whether it put a mark before."""
    data = file.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors="replace")
    return re.split(r"\r\n|\n|\r", text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def _plain(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        numbered = NUMBERED.fullmatch(text)
        yield number, {"url": numbered[1] if numbered else text}


def _table(file: Path, lines: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    first = next((line for line in lines if line.strip()), "")
    mark = max("\t;,", key=first.count)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=mark)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
                continue
            if columns is None:
                columns = _columns(file, reader.line_num, cells)
                if "url" not in map(_column, cells):
                    yield reader.line_num, dict(zip(columns, cells, strict=False))
                continue
            yield reader.line_num, dict(zip(columns, cells, strict=False))
    except csv.Error as error:
        raise UsageError(f"{file}:{reader.line_num}: not a table: {error}") from error


def _columns(file: Path, line: int, cells: Sequence[str]) -> list[str]:
    """What the columns of a table are, by its first row: its header, or already an address and a
    class.
    """
    named = [_column(cell) for cell in cells]
    if "url" in named:
        return named
    addresses = [bool(LOOKS_LIKE_URL.match(cell)) for cell in cells]
    if sum(addresses) == 1 and len(cells) <= 2:
        return ["url" if is_address else "category" for is_address in addresses]
    expected = one_of(["url", "class", "licence", "source"])
    near = "".join(did_you_mean(cell.strip().lower(), HEADERS["url"]) for cell in cells[:1])
    raise UsageError(
        f"{file}:{line}: expected a header with the columns {expected}, 'url' among them, not "
        f"'{', '.join(cells)[:80]}'{near}"
    )


def _column(cell: str) -> str:
    word = re.sub(r"[\s_-]|of$", "", cell.strip().lower())
    for name, words in HEADERS.items():
        if word in words or (name == "url" and word in ("imageurl", "photourl", "fileurl")):
            return name
    return f"other {word}"


def _objects(file: Path, lines: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            if not isinstance(said, dict):
                raise ValueError("expected {…}")
        except (ValueError, RecursionError) as error:
            yield number, {"url": line.strip()[:200], "problem": f"not a line of JSON: {error}"}
            continue
        yield number, {_column(str(key)): str(value) for key, value in said.items()}
