"""A collage as numbers: every piece with its file and hash, where it lies and how it is drawn. What
layout.json holds, from which the same collage is drawn again, at any size.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dreamer.draw.layouts.placement import WHOLE, Placement
from dreamer.engine import layout_values
from dreamer.engine.layout_values import (
    DPI,
    LEAST_LONG,
    LEAST_PART,
    MOST_TINT,
    MOST_WHOLE,
    RANGES,
)
from dreamer.errors import FolderError, did_you_mean
from dreamer.file_names import read_name, written_name
from dreamer.recipe.dressing import Dressed
from dreamer.recipe.numbers import shown

LAYOUT = "layout.json"
FORMAT = 1
PLACES = 4  # digits behind the point of pixels and degrees, far below what can be seen
PARTS = 6  # of all other numbers
SIDES = ("x", "y", "width", "height")
MOST_BYTES = 250_000_000  # of a layout.json: more than any collage's takes
MOST_PLACED = 240_000  # as many as a collage's pieces, in as many passes as there may be
MOST_NAME = 4096  # letters of a file's whole name
OWN = ("size", "dpi", "pieces", "placements")


@dataclass(frozen=True)
class Source:
    """The file of a piece by its whole path, and the SHA-256 of what is in it."""

    number: int
    file: Path
    sha256: str


@dataclass(frozen=True)
class Placed:
    """A piece where it lies, and how it is drawn."""

    place: Placement
    dress: Dressed


@dataclass(frozen=True)
class Layout:
    """A whole collage: its (width, height) in pixels, the files of its pieces by their numbers,
    where they lie, lowest first, how many pixels an inch of a print has, and what there is to say
    of where pieces lie when that is new.
    """

    size: tuple[int, int]
    sources: Mapping[int, Source]
    placed: tuple[Placed, ...]
    dpi: float | None = None
    said: tuple[str, ...] = ()

    def scaled(self, width: int) -> Layout:
        """It at another width, as high as its shape asks for, in the digits that layout.json
        keeps.
        """
        by = width / self.size[0]
        height = max(1, round(self.size[1] * by))
        placed = tuple(replace(one, place=kept_place(one.place.scaled(by))) for one in self.placed)
        return replace(self, size=(width, height), placed=placed)


def kept_place(place: Placement) -> Placement:
    """`place` in the digits that layout.json keeps, so that what is drawn from it is the same."""
    left, top, right, bottom = (round(n, PARTS) for n in place.crop)
    if not right > left:  # of a picture that is a million times as long as high
        left, right = _apart(left)
    if not bottom > top:
        top, bottom = _apart(top)
    found: dict[str, Any] = {key: round(getattr(place, key), PLACES) for key in (*SIDES, "turn")}
    found |= {key: max(found[key], LEAST_LONG) for key in ("width", "height")}
    found |= {"alpha": round(place.alpha, PARTS), "crop": (left, top, right, bottom)}
    if place.tint is not None:
        found["tint"] = tuple(round(n, PARTS) for n in place.tint)
    return replace(place, **found)


def _apart(part: float) -> tuple[float, float]:
    low = min(part, round(1 - LEAST_PART, PARTS))
    return low, round(low + LEAST_PART, PARTS)


def as_text(layout: Layout, home: Path, about: Mapping[str, Any]) -> str:
    """`layout` as layout.json holds it, files named as they are reached from the folder `home`;
    `about` is what it says besides: what the collage is made of that is no piece.
    """
    order = {number: k for k, number in enumerate(layout.sources)}
    pieces = [
        {"number": s.number, "file": reached(s.file, home), "sha256": s.sha256}
        for s in layout.sources.values()
    ]
    placements = [{"piece": order[one.place.number], **_as_json(one)} for one in layout.placed]
    print_ = {} if layout.dpi is None else {"dpi": layout.dpi}
    head = {"dreamer_layout": FORMAT, "size": list(layout.size), **print_, **about}
    lines = [f' "{key}": {json.dumps(value, ensure_ascii=False)},' for key, value in head.items()]
    return "\n".join(
        [
            "{",
            *lines,
            ' "pieces": [',
            ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in pieces),
            " ],",
            ' "placements": [',
            ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in placements),
            " ]",
            "}\n",
        ]
    )


def reached(file: Path, home: Path) -> str:
    """`file` as it is reached from the folder `home`, and UTF-8 can hold it: by no path of this
    machine, where both lie on one disk.
    """
    whole = file.resolve() if file.exists() else file.parent.resolve() / file.name  # a dead link
    try:
        found = Path(os.path.relpath(whole, home.resolve()))
    except ValueError:  # another drive
        found = whole
    return written_name(found.as_posix())


def _as_json(one: Placed) -> dict[str, Any]:
    place, plain = kept_place(one.place), Placement(0, 0, 0, 0, 0)
    found: dict[str, Any] = {key: getattr(place, key) for key in (*SIDES, "turn", "z")}
    for key in ("alpha", "crop", "caption", "tint", "layer"):
        value = getattr(place, key)
        if value != getattr(plain, key):
            found[key] = value
    if place.frame is not None:
        found["frame"] = asdict(place.frame)
    dress = one.dress.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    found["blend"] = dress.pop("blend", {"mode": "normal"})
    return found | dress


def read_layout(path: Path) -> tuple[Layout, dict[str, Any]]:
    """The layout in the file at `path`, and what it says besides.

    Raises:
        FolderError: it cannot be read, or is no layout; with the place in it that is wrong.
    """
    found = _read(path)
    if not isinstance(found, dict) or found.get("dreamer_layout") != FORMAT:
        raise FolderError(f"{path} is no layout of a collage that can be read here")
    where = "size"
    try:
        size, dpi = layout_values.size(found["size"]), found.get("dpi")
        where = "dpi"
        dpi = None if dpi is None else layout_values.number("dpi", dpi, *DPI)
        where = "pieces"
        sources: dict[int, Source] = {}
        for k, one in enumerate(_list(found["pieces"], MOST_PLACED)):
            where = f"pieces.{k}"
            source = _source(one, path.parent)
            if source.number in sources:
                raise ValueError(f"number: {source.number} is another piece's already")
            sources[source.number] = source
        where, numbers = "placements", list(sources)
        placed: list[Placed] = []
        for k, one in enumerate(_list(found["placements"], MOST_PLACED)):
            where = f"placements.{k}"
            placed.append(_placed(_mapping(one), numbers))
    except (KeyError, ValueError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else _first(error)
        raise FolderError(f"{path}: {where}: {missing}") from error
    about = {k: v for k, v in found.items() if k not in OWN}
    placed.sort(key=lambda one: one.place.z)  # which somebody may have changed
    return Layout(size, sources, tuple(placed), dpi), about


def _read(path: Path) -> Any:
    """All that is in the file at `path`; numbers that are none (NaN) are refused."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FolderError(f"{path} is larger than any layout, {MOST_BYTES // 10**6} MB")
        text = path.read_text(encoding="utf-8")
        if "\\u0000" in text:  # as no file is called, and no word of a recipe
            raise ValueError("it has letters that are none (\\u0000)")
        found = json.loads(text, parse_constant=_no_number)
    except FileNotFoundError:
        raise FolderError(f"no such file: {path}") from None
    except RecursionError:
        raise FolderError(f"{path} cannot be read as a layout: nested too deep") from None
    except (OSError, ValueError) as error:
        raise FolderError(f"{path} cannot be read as a layout: {error}") from error
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, not {shown(value)}")
    if not value:
        raise ValueError("there are none")
    if len(value) > most:
        raise ValueError(f"{len(value)} of them; at most {most}")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping, not {shown(value)}")
    return dict(value)


def _source(said: Any, home: Path) -> Source:
    one = _mapping(said)
    file = home / read_name(layout_values.text("file", one["file"], MOST_NAME))
    number = layout_values.whole("number", one["number"], 0)
    return Source(number, file, layout_values.text("sha256", one["sha256"]))


def _placed(said: dict[str, Any], numbers: list[int]) -> Placed:
    which = said.pop("piece")
    number = numbers[layout_values.whole("piece", which, 0, len(numbers) - 1)]
    said = {"turn": 0.0, "alpha": 1.0, **said}
    plain = {k: said.pop(k) for k in ("blend", "mask", "shadow", "looks") if k in said}
    for key in said:
        if key not in KNOWN:
            raise ValueError(f"unknown key '{key}'{did_you_mean(key, [*KNOWN, *plain])}")
    x, y, width, height, turn, alpha = (
        layout_values.number(key, said[key], *RANGES[key]) for key in (*SIDES, "turn", "alpha")
    )
    place = Placement(
        *(number, x, y, width, height, turn, alpha),
        crop=WHOLE if said.get("crop") is None else layout_values.crop(said["crop"]),
        z=layout_values.whole("z", said.get("z", 0), -MOST_WHOLE),
        layer=layout_values.whole("layer", said.get("layer", 0), 0),
        caption=layout_values.text("caption", said.get("caption", "")),
    )
    if (tint := said.get("tint")) is not None:
        light, a, b = layout_values.listed("tint", tint, 3, -MOST_TINT, MOST_TINT)
        place = replace(place, tint=(light, a, b))
    if said.get("frame") is not None:
        frame = layout_values.frame(said["frame"], place.width, place.height, place.caption)
        place = replace(place, frame=frame)
    return Placed(kept_place(place), Dressed.model_validate(plain))


KNOWN = (*SIDES, "turn", "alpha", "z", "layer", "caption", "crop", "tint", "frame")


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors()[0]
        return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
    return str(error)
