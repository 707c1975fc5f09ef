"""Whether a card's words are what they should be. People edit cards, and strangers send them: what
is wrong is said with its key, before a picture in the wrong colours or of no numbers comes of it.

Plain checks, without torch or pydantic: every listing reads all cards.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from numbers import Real
from pathlib import PureWindowsPath
from typing import Any, NamedTuple

from dreamer.errors import did_you_mean, one_of
from dreamer.networks.label_sets import COUNTS

ORDERS = ("RGB", "BGR")
FITS = ("squash", "centre")
KINDS = ("package", "file", "cache", "torchvision")  # of weights that lie in a file
MOST_CLASSES = 100_000  # that are only counted: a number costs nothing to write
SHOWN = 60  # characters of what was found instead


class Word(NamedTuple):
    """What a key's value should be, in words and as a test; `needed` keys must be there."""

    expected: str
    right: Callable[[Any], bool]
    needed: bool = False


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys stand there once: a second `order`, added below, must not win or
    lose in silence.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"'{next(k for k in keys if keys.count(k) > 1)}' is there twice")
    return found


def _text(value: Any) -> bool:
    """Whether `value` is text that a file can hold: JSON can spell halves of letters."""
    return isinstance(value, str) and re.search("[\ud800-\udfff]", value) is None


def _name(value: Any) -> bool:
    return _text(value) and bool(value.strip())


def _names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_text, value))


def _number(value: Any) -> bool:
    """Whether `value` is a number that a float holds; a yes or no is none."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _above_nothing(value: Any) -> bool:
    return _number(value) and value > 0


def _three(value: Any, right: Callable[[Any], bool] = _number) -> bool:
    return isinstance(value, list | tuple) and len(value) == 3 and all(map(right, value))


def _whole(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _side(value: Any) -> bool:
    return _whole(value, 1)


def _hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]*", value) is not None


def _bare(value: Any) -> bool:
    """Whether `value` names a file by itself, on any system: no folder, no drive, not `..`."""
    plain = _name(value) and value.isprintable() and value not in (".", "..")
    return plain and PureWindowsPath(value).name == value


def _classes(value: Any) -> bool:
    counted = _whole(value) and value <= MOST_CLASSES
    return counted or (value in COUNTS if isinstance(value, str) else _names(value))


def _row(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 4:
        return False
    name, channels, stride, macs = value
    return _name(name) and _side(channels) and _side(stride) and _number(macs) and macs >= 0


def _rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value)


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_text, (*value, *value.values())))


def _figures(value: Any) -> bool:
    return isinstance(value, Mapping) and _text(json.dumps(value, ensure_ascii=False))


TEXT = Word("text", _text)
HASH = Word("hexadecimal digits in small letters", _hash)
NAMES = Word("names", _names)
COUNT = Word("a whole number", _whole)
SIDE = Word("a whole number from 1 on", _side)
OBJECT = Word("an object", lambda value: isinstance(value, Mapping))

RANGE: dict[str, Word] = {
    "mean": Word("three numbers", _three, True),
    "std": Word("three numbers above 0", lambda value: _three(value, _above_nothing), True),
    "scale": Word("a number above 0", _above_nothing),
    "order": Word(one_of(ORDERS), lambda value: value in ORDERS),
}
WEIGHTS: dict[str, Word] = {
    "kind": Word(one_of(KINDS), lambda value: value in KINDS, True),
    "file": Word("the bare name of a file beside the card", _bare, True),
    "sha256": HASH,
    "sha1": HASH,
    "seed": COUNT,
}
PLACE: dict[str, Word] = {
    "url": Word("an address", _name, True),
    "sha256": HASH,
    "sha1": HASH,
    "md5": HASH,
    "size": COUNT,
    "member": TEXT,
}
CARD: dict[str, Word] = {
    "name": Word("a name", _name, True),
    "title": Word("text", _text, True),
    "architecture": Word("a name", _name, True),
    "weights": OBJECT._replace(needed=True),
    **RANGE,
    "native": SIDE._replace(needed=True),
    "smallest": SIDE._replace(needed=True),
    "layers": Word("rows of layers", _rows, True),
    "classes": Word(f"names, how many, or {one_of(tuple(COUNTS))}", _classes, True),
    "synsets": Word("a list of texts", _names),
    "fit": Word(one_of(FITS), lambda value: value in FITS),
    "resize": SIDE,
    "aliases": Word("an object of names", _texts),
    "default_layer": Word("a layer's name", _name),
    "fetching": TEXT,
    "licence": TEXT,
    "sources": TEXT,
    "notes": TEXT,
    "groups": Word("a list of texts", _names),
    "measured": OBJECT._replace(right=_figures),
    "crops": Word("true or false", lambda value: isinstance(value, bool)),
    "parameters": COUNT,
    "places": Word("a list", lambda value: isinstance(value, list | tuple)),
}


def _shown(value: Any) -> str:
    try:
        said = json.dumps(value, default=repr)
    except (TypeError, ValueError, RecursionError):
        said = type(value).__name__
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"


def wrong_words(words: Any, known: Mapping[str, Word], where: str = "") -> list[str]:
    """What is wrong with each of `words`: its key, what was expected, what is there.

    Args:
        words: a mapping, or whatever is in its place.
        known: what there may be.
        where: put before the keys.
    """
    if not isinstance(words, Mapping):
        return [f"{where.rstrip('.') or 'all'}: expected an object, got {_shown(words)}"]
    found = [
        f"{where}{key}: unknown key{did_you_mean(str(key), known)}"
        for key in words
        if key not in known
    ]
    for key, word in known.items():
        if key not in words:
            found += [f"{where}{key}: missing; expected {word.expected}"] if word.needed else []
        elif not word.right(words[key]):
            found.append(f"{where}{key}: expected {word.expected}, got {_shown(words[key])}")
    return found


def wrong_card(words: Any) -> list[str]:
    """What is wrong with the words of a card, as its JSON has them; nothing if all is well."""
    found = wrong_words(words, CARD)
    if found:
        return found
    found = wrong_words(words["weights"], WEIGHTS, "weights.")
    for number, place in enumerate(words.get("places", ())):
        found += wrong_words(place, PLACE, f"places.{number}.")
    names = set()
    for number, row in enumerate(words["layers"]):
        if not _row(row):
            expected = "[name, channels, stride, multiply-adds]"
            found.append(f"layers.{number}: expected {expected}, got {_shown(row)}")
        elif row[0] in names:
            found.append(f"layers.{number}: a second layer {_shown(row[0])}")
        else:
            names.add(row[0])
    if not isinstance(words["classes"], str | int):
        count = len(words["classes"])
        if len(words.get("synsets", ())) not in (0, count):
            found.append(f"synsets: expected one for each of {count} classes")
    return found
