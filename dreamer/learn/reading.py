"""The pictures of a training recipe: photographs of class folders, digits, a pack, drawings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from dreamer.errors import DataError
from dreamer.learn.distinct import digested, reasons
from dreamer.learn.drawings import HELD_OUT, draw_bank
from dreamer.learn.idx import is_idx, read_idx
from dreamer.learn.listed import Listed, listed
from dreamer.learn.packs import read_pack
from dreamer.learn.photographs import Parts, of_part, read_squares
from dreamer.learn.report import THIN
from dreamer.learn.split import PARTS, Part
from dreamer.learn.squares import Squares
from dreamer.recipe.training import Photographs, SplitWords, Training

HELD_OUT_EACH = 12


@dataclass(frozen=True)
class Pictures:
    """All pictures of a training by part, and what must be said of them."""

    parts: dict[Part, Squares]
    broken: dict[str, str] = field(default_factory=dict)
    thin: dict[str, int] = field(default_factory=dict)

    def to(self, device: torch.device) -> Pictures:
        """The same on `device`."""
        moved = {part: squares.to(device) for part, squares in self.parts.items()}
        return Pictures(moved, self.broken, self.thin)

    def warnings(self) -> list[str]:
        """What must be said of them, a line each."""
        said = [f"{name} was left out: {why}" for name, why in self.broken.items()]
        if self.thin:
            thin = ", ".join(f"{name} ({count})" for name, count in self.thin.items())
            said.append(f"classes of fewer than {THIN} pictures: {thin}; more would help")
        return said


def read_pictures(words: Training, data: Path | None, device: torch.device) -> Pictures:
    """Photographs by part, and motifs drawn for each part alone.

    Raises:
        DataError: pictures that are not there, or too few of them.
    """
    found: Pictures | None = None
    if words.photographs is not None:
        assert data is not None
        found = _photographs(words, words.photographs, data).to(device)
    if words.motifs is not None:
        banks: dict[Part, Squares] = {
            part: draw_bank(
                words.motifs.each if part == "training" else HELD_OUT_EACH,
                words.stored,
                HELD_OUT.get(part, words.seed),
                device,
            )
            for part in PARTS
        }
        if found is None:
            found = Pictures(banks)
        else:
            both = {part: squares + banks[part] for part, squares in found.parts.items()}
            found = Pictures(both, found.broken, found.thin)
    assert found is not None
    return found


def _photographs(words: Training, said: Photographs, data: Path) -> Pictures:
    parts = Parts(words.split.validation, words.split.test)
    if data.is_file():
        if said.classes or words.split != SplitWords():
            raise DataError(
                f"{data} is a pack, whose classes and parts were chosen when it was made: leave "
                "photographs.classes and split away"
            )
        packed = {part: read_pack(data, said.folders, words.stored, part) for part in PARTS}
        _refuse_lack(data, packed, PARTS)
        return Pictures(packed)
    digits = [folder for folder in said.folders if is_idx(data / folder)]
    if digits:
        if len(said.folders) > 1:
            raise DataError(f"{data / digits[0]} holds MNIST's files, which go with no others")
        if said.classes:
            raise DataError(
                f"{data / digits[0]} holds MNIST's files: all of their classes are learnt"
            )
        read = {part: read_idx(data / digits[0], part, parts) for part in PARTS}
        _refuse_lack(data, read, _wanted(parts, test=True))
        return Pictures(read)
    found = listed(data, said.folders, said.classes)
    return read_listed(found, words.stored, parts, data)


def read_listed(found: Listed, side: int, parts: Parts, data: Path) -> Pictures:
    """All pictures of `found`, by part, each once.

    Raises:
        DataError: a part without pictures, or a class without any to learn from.
    """
    once = digested(found, parts)
    squares: dict[Part, Squares] = {}
    broken = dict(once.left_out)
    for part in PARTS:
        read = read_squares(once.found, side, of_part(once.found, parts, part))
        squares[part] = read.squares
        broken |= read.broken
    _refuse_lack(data, squares, _wanted(parts))
    _refuse_untaught(squares["training"], found, broken)
    return Pictures(squares, broken, once.found.thin(THIN))


def _refuse_untaught(training: Squares, found: Listed, broken: Mapping[str, str]) -> None:
    counts = torch.bincount(training.labels.cpu(), minlength=len(training.classes)).tolist()
    if none := [c for c, n in zip(training.classes, counts, strict=True) if not n]:
        raise DataError(
            f"no picture to learn from of {', '.join(none)}{reasons(found, none, broken)}; add more"
        )


def _wanted(parts: Parts, test: bool = False) -> Sequence[Part]:
    """The parts that must hold pictures."""
    sizes = {"training": 1.0, "validation": parts.validation, "test": test or parts.test}
    return [part for part in PARTS if sizes[part]]


def _refuse_lack(data: Path, squares: dict[Part, Squares], wanted: Sequence[Part]) -> None:
    for part in wanted:
        if not len(squares[part].labels):
            raise DataError(f"{data}: none of the pictures falls into the {part} part; add more")


def described(pictures: Pictures) -> dict[str, Any]:
    """By what to know pictures again: all of their levels, labels and names, by part."""
    found: dict[str, Any] = {}
    for part, squares in pictures.parts.items():
        digest = hashlib.sha256(
            "\0".join([*squares.classes, *squares.names]).encode(errors="surrogatepass")
        )
        digest.update(squares.labels.cpu().numpy().tobytes())
        for some in torch.split(squares.pictures, 1024):
            digest.update(some.cpu().numpy().tobytes())
        found[part] = digest.hexdigest()
        found["device"] = squares.labels.device.type
    return found
