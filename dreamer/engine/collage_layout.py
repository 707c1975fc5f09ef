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

from dreamer.draw.layouts.placement import WHOLE, Frame, Placement
from dreamer.errors import FolderError, did_you_mean
from dreamer.file_names import read_name, written_name
from dreamer.recipe.dressing import Dressed

LAYOUT = "layout.json"
FORMAT = 1
PLACES = 4  # digits behind the point of pixels and degrees, far below what can be seen
PARTS = 6  # of all other numbers
SIDES = ("x", "y", "width", "height")


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
    """A whole collage: its (width, height) in pixels, the files of its pieces by their numbers, and
    where they lie, lowest first; and what there is to say of that when it is new.
    """

    size: tuple[int, int]
    sources: Mapping[int, Source]
    placed: tuple[Placed, ...]
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
    found: dict[str, Any] = {key: round(getattr(place, key), PLACES) for key in (*SIDES, "turn")}
    found |= {"alpha": round(place.alpha, PARTS), "crop": (left, top, right, bottom)}
    if place.tint is not None:
        found["tint"] = tuple(round(n, PARTS) for n in place.tint)
    return replace(place, **found)


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
    head = {"dreamer_layout": FORMAT, "size": list(layout.size), **about}
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
    try:
        found = Path(os.path.relpath(file.resolve(), home.resolve()))
    except ValueError:  # another drive
        found = file.resolve()
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
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FolderError(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        raise FolderError(f"{path} cannot be read as a layout: {error}") from error
    if not isinstance(found, dict) or found.get("dreamer_layout") != FORMAT:
        raise FolderError(f"{path} is no layout of a collage that can be read here")
    where = "size"
    try:
        width, height = (_whole(n) for n in found["size"])
        sources: dict[int, Source] = {}
        for k, one in enumerate(found["pieces"]):
            where = f"pieces.{k}"
            file = path.parent / read_name(str(one["file"]))
            sources[_whole(one["number"], 0)] = Source(one["number"], file, str(one["sha256"]))
        numbers = list(sources)
        placed: list[Placed] = []
        for k, one in enumerate(found["placements"]):
            where = f"placements.{k}"
            placed.append(_placed(dict(one), numbers))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else _first(error)
        raise FolderError(f"{path}: {where}: {missing}") from error
    about = {k: v for k, v in found.items() if k not in ("size", "pieces", "placements")}
    placed.sort(key=lambda one: one.place.z)  # which somebody may have changed
    return Layout((width, height), sources, tuple(placed)), about


def _placed(said: dict[str, Any], numbers: list[int]) -> Placed:
    number = numbers[_whole(said.pop("piece"), 0)]
    plain = {k: said.pop(k) for k in ("blend", "mask", "shadow", "looks") if k in said}
    for key in said:
        if key not in KNOWN:
            raise ValueError(f"unknown key '{key}'{did_you_mean(key, [*KNOWN, *plain])}")
    frame = said.pop("frame", None)
    numbers_said = {k: _number(k, said.pop(k)) for k in NUMBERS if k in said}
    crop, tint = said.pop("crop", WHOLE), said.pop("tint", None)
    if len(crop) != 4 or not (0 <= crop[0] < crop[2] <= 1 and 0 <= crop[1] < crop[3] <= 1):
        raise ValueError(f"crop: expected left, top, right, bottom as parts, not {crop}")
    place = Placement(
        number=number,
        **numbers_said,
        z=_whole(said.get("z", 0), None),
        layer=_whole(said.get("layer", 0), 0),
        caption=str(said.get("caption", "")),
        crop=(crop[0], crop[1], crop[2], crop[3]),
        tint=None if tint is None else (tint[0], tint[1], tint[2]),
        frame=None if frame is None else Frame(**frame),
    )
    if place.width <= 0 or place.height <= 0:
        raise ValueError("width and height must be above 0")
    return Placed(place, Dressed.model_validate(plain))


NUMBERS = (*SIDES, "turn", "alpha")
KNOWN = (*NUMBERS, "z", "layer", "caption", "crop", "tint", "frame")


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e9:
        raise ValueError(f"{key}: expected a number, not {value!r}")
    return float(value)


def _whole(value: Any, least: int | None = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, not {value!r}")
    if least is not None and value < least:
        raise ValueError(f"must be at least {least}, not {value}")
    return value


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors()[0]
        return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
    return str(error)
