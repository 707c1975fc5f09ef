"""Folders of class folders as small squares: read from the files, or from one packed file.

A pack is a safetensors file of small WebP pictures one after another (its tensor `jpegs`), so that
tens of thousands of pictures travel to another machine in some tens of megabytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from PIL import Image, ImageOps
from torch import Tensor

from dreamer.errors import DataError
from dreamer.learn.split import PARTS, Part, part_of
from dreamer.media.durable import write_bytes

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class Squares:
    """Pictures `(N, 3, S, S)` uint8 RGB, their labels `(N,)`, the class names that labels count,
    and the group each class belongs to.
    """

    pictures: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    groups: tuple[str, ...]

    def to(self, device: torch.device) -> Squares:
        """The same on `device`."""
        return replace(self, pictures=self.pictures.to(device), labels=self.labels.to(device))

    def __add__(self, other: Squares) -> Squares:
        """Both, the other's classes counted after one's own.

        Raises:
            DataError: a class of that name in both.
        """
        both = sorted(set(self.classes) & set(other.classes))
        if both:
            raise DataError(f"class in two sources: {', '.join(both)}")
        return Squares(
            torch.cat([self.pictures, other.pictures]),
            torch.cat([self.labels, other.labels + len(self.classes)]),
            self.classes + other.classes,
            self.groups + other.groups,
        )


def centre_square(picture: Image.Image, side: int) -> Image.Image:
    """The middle of a picture as an RGB square, its short side scaled to `side`."""
    picture = ImageOps.exif_transpose(picture).convert("RGB")
    return ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)


def _found(
    root: Path, folders: Sequence[str]
) -> tuple[list[tuple[Path, int]], list[str], list[str]]:
    """Every picture with its label, the class names, and their groups."""
    group_of: dict[str, str] = {}
    for folder in folders:
        if not (root / folder).is_dir():
            raise DataError(f"{root / folder}: no such folder of class folders")
        for path in sorted((root / folder).iterdir()):
            if path.is_dir():
                group_of.setdefault(path.name, folder.split("/")[0])
    number = {name: k for k, name in enumerate(group_of)}
    files = [
        (path, number[path.parent.name])
        for folder in folders
        for path in sorted((root / folder).glob("*/*"))
        if path.suffix.lower() in ENDINGS
    ]
    if not files:
        where = ", ".join(folders) or "any folder"
        raise DataError(f"{root}: no pictures in the class folders of {where}")
    empty = sorted(group_of.keys() - {path.parent.name for path, _ in files})
    if empty:
        raise DataError(
            f"{root}: no pictures in the class folders {', '.join(empty)}; remove them, or name "
            "the folders that hold class folders"
        )
    return files, list(group_of), list(group_of.values())


def _square(file: Path | io.BytesIO, side: int, name: str, enlarge: bool = True) -> Image.Image:
    """`centre_square` of the picture in a file that people call `name`.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with Image.open(file) as picture:
            return centre_square(picture, side if enlarge else min(side, *picture.size))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{name}: not a picture that can be read ({error})") from error


def _stacked(pictures: list[np.ndarray], side: int) -> Tensor:
    if not pictures:
        return torch.zeros(0, 3, side, side, dtype=torch.uint8)
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def read_squares(root: Path, folders: Sequence[str], side: int, part: Part) -> Squares:
    """All pictures of `part` in the class folders of `root/folder` for each of `folders`; equal
    class names are one class.

    A class's group is the first name of the folder it was first seen in (`buildings/train` →
    `buildings`).

    Raises:
        DataError: no such folder, a class folder without a picture, or a file that is none.
    """
    files, classes, groups = _found(root, folders)
    pictures, labels = [], []
    for path, label in files:
        if part_of(path.relative_to(root)) == part:
            pictures.append(np.asarray(_square(path, side, str(path))))
            labels.append(label)
    return Squares(
        _stacked(pictures, side),
        torch.tensor(labels, dtype=torch.long),
        tuple(classes),
        tuple(groups),
    )


def write_pack(root: Path, folders: Sequence[str], side: int, out: Path, quality: int = 70) -> int:
    """Pack the squares of `read_squares`, all parts, into one file; its size in bytes.

    Pictures smaller than `side` keep their size.
    """
    files, classes, groups = _found(root, folders)
    blob, ends, labels, parts = io.BytesIO(), [], [], []
    for path, label in files:
        square = _square(path, side, str(path), enlarge=False)
        square.save(blob, "WEBP", quality=quality, method=4)
        ends.append(blob.tell())
        labels.append(label)
        parts.append(PARTS.index(part_of(path.relative_to(root))))
    tensors = {
        "jpegs": torch.frombuffer(bytearray(blob.getvalue()), dtype=torch.uint8),
        "ends": torch.tensor(ends),
        "labels": torch.tensor(labels),
        "parts": torch.tensor(parts, dtype=torch.uint8),
    }
    words = {"classes": json.dumps(classes), "groups": json.dumps(groups)}
    write_bytes(out, safetensors.torch.save(tensors, metadata=words))
    return out.stat().st_size


def read_pack(path: Path, folders: Sequence[str], side: int, part: Part) -> Squares:
    """The pictures of `part` in a file of `write_pack`, scaled to `side`, of the classes whose
    group one of `folders` begins with.

    Raises:
        DataError: not such a file, or none of its pictures are of such a folder.
    """
    try:
        tensors = safetensors.torch.load_file(path)
        with safetensors.safe_open(path, "pt") as file:
            words = file.metadata()
        ends, jpegs = tensors["ends"].tolist(), tensors["jpegs"].numpy()
        classes, groups = json.loads(words["classes"]), json.loads(words["groups"])
        labels, parts = tensors["labels"], tensors["parts"].tolist()
    except (OSError, KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise DataError(f"{path}: not a pack of pictures ({error})") from error
    wanted = {folder.split("/")[0] for folder in folders}
    missing = sorted(wanted - set(groups))
    if missing:
        raise DataError(f"{path}: packed without {', '.join(missing)}")
    kept = [k for k, group in enumerate(groups) if group in wanted]
    number = {old: new for new, old in enumerate(kept)}
    pictures, numbers = [], []
    for k, (label, where) in enumerate(zip(labels.tolist(), parts, strict=True)):
        if PARTS[where] == part and label in number:
            own = io.BytesIO(jpegs[ends[k - 1] if k else 0 : ends[k]].tobytes())
            pictures.append(np.asarray(_square(own, side, f"{path}, picture {k}")))
            numbers.append(number[label])
    return Squares(
        _stacked(pictures, side),
        torch.tensor(numbers, dtype=torch.long),
        tuple(classes[k] for k in kept),
        tuple(groups[k] for k in kept),
    )
