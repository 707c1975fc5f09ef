"""Folders of class folders, read into one tensor of small squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dreamer.learn.split import Part, part_of

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class Squares:
    """Pictures `(N, 3, S, S)` uint8 RGB, their labels `(N,)`, and the class names the labels
    count.
    """

    pictures: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    groups: tuple[str, ...]


def centre_square(picture: Image.Image, side: int) -> np.ndarray:
    """The middle of a picture as `(side, side, 3)` uint8, its short side scaled to `side`."""
    picture = picture.convert("RGB")
    scale = side / min(picture.size)
    width, height = (max(side, round(n * scale)) for n in picture.size)
    pixels = np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS))
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def read_squares(root: Path, folders: Sequence[str], side: int, part: Part) -> Squares:
    """All pictures of `part` in the class folders of `root/folder` for each of `folders`; equal
    class names are one class.

    A class's group is the first name of the folder it was first seen in (`buildings/train` →
    `buildings`).
    """
    group_of: dict[str, str] = {}
    for folder in folders:
        for path in sorted((root / folder).iterdir()):
            if path.is_dir():
                group_of.setdefault(path.name, folder.split("/")[0])
    number = {name: k for k, name in enumerate(group_of)}
    pictures, labels = [], []
    for folder in folders:
        for path in sorted((root / folder).glob("*/*")):
            if path.suffix.lower() in ENDINGS and part_of(path.relative_to(root)) == part:
                with Image.open(path) as picture:
                    pictures.append(centre_square(picture, side))
                labels.append(number[path.parent.name])
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
    return Squares(stacked, torch.tensor(labels), tuple(group_of), tuple(group_of.values()))
