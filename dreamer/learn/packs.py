"""Photographs of class folders in one small file: safetensors of WebP pictures one after another
(its tensor `jpegs`), so that tens of thousands of pictures travel to another machine in some tens
of megabytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import safetensors
import safetensors.torch
import torch
from PIL import Image

from dreamer.errors import DataError, MediaError
from dreamer.learn.listed import Listed
from dreamer.learn.photographs import Parts
from dreamer.learn.split import PARTS, Part
from dreamer.learn.squares import Squares, stacked
from dreamer.media.durable import write_bytes
from dreamer.media.opening import read_size
from dreamer.media.small_pictures import read_square


def write_pack(found: Listed, side: int, out: Path, quality: int = 70) -> int:
    """Pack the squares of all pictures of `found` into one file; its size in bytes.

    Pictures smaller than `side` keep their size.

    Raises:
        DataError: a picture that cannot be read.
    """
    blob, ends, parts = io.BytesIO(), [], []
    above = [PurePosixPath(name).parent.as_posix() for name in found.names]
    folders = list(dict.fromkeys(above))
    place = {folder: k for k, folder in enumerate(folders)}
    for path, name in zip(found.files, found.names, strict=True):
        try:
            square = read_square(path, min(side, *read_size(path)))
        except MediaError as error:
            raise DataError(f"{path}: not a picture that can be read ({error})") from error
        Image.fromarray(square).save(blob, "WEBP", quality=quality, method=4)
        ends.append(blob.tell())
        parts.append(PARTS.index(Parts().of(name)))
    tensors = {
        "jpegs": torch.frombuffer(bytearray(blob.getvalue()), dtype=torch.uint8),
        "ends": torch.tensor(ends),
        "labels": torch.tensor(found.labels),
        "parts": torch.tensor(parts, dtype=torch.uint8),
        "places": torch.tensor([place[folder] for folder in above]),
    }
    words = {
        "classes": json.dumps(found.classes),
        "groups": json.dumps(found.groups),
        "folders": json.dumps(folders),
    }
    write_bytes(out, safetensors.torch.save(tensors, metadata=words))
    return out.stat().st_size


def read_pack(path: Path, folders: Sequence[str], side: int, part: Part) -> Squares:
    """The pictures of `part` in a file of `write_pack`, scaled to `side`, that lay in `folders`
    or below.

    Raises:
        DataError: not such a file, or one without pictures of such a folder.
    """
    try:
        tensors = safetensors.torch.load_file(path)
        with safetensors.safe_open(path, "pt") as file:
            words = file.metadata()
        ends, jpegs = tensors["ends"].tolist(), tensors["jpegs"].numpy()
        classes, groups = json.loads(words["classes"]), json.loads(words["groups"])
        labels, parts = tensors["labels"].tolist(), tensors["parts"].tolist()
        if "folders" in words:
            own = json.loads(words["folders"])
            above = [own[k] for k in tensors["places"].tolist()]
        else:  # made when packs knew the first name of the folder of each class alone
            above = [groups[label] for label in labels]
    except (OSError, KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise DataError(f"{path}: not a pack of pictures ({error})") from error
    wanted = [PurePosixPath(folder) for folder in folders]
    inside = {
        folder: [w for w in wanted if PurePosixPath(folder).is_relative_to(w)]
        for folder in dict.fromkeys(above)
    }
    found = {w for some in inside.values() for w in some}
    if missing := [w.as_posix() for w in wanted if w not in found]:
        again = "" if "folders" in words else "; it knows the first names of folders: pack anew"
        raise DataError(f"{path}: packed without {', '.join(missing)}{again}")
    group_of: dict[int, str] = {}
    for label, folder in zip(labels, above, strict=True):
        if inside[folder]:
            group_of.setdefault(label, PurePosixPath(folder).parts[0])
    kept = list(group_of)  # as they are first seen, as in folders
    number = {old: new for new, old in enumerate(kept)}
    pictures, numbers, names = [], [], []
    for k, (label, where) in enumerate(zip(labels, parts, strict=True)):
        if PARTS[where] == part and inside[above[k]]:
            packed = jpegs[ends[k - 1] if k else 0 : ends[k]].tobytes()
            pictures.append(_unpacked(packed, side, f"{path}, picture {k}"))
            numbers.append(number[label])
            names.append(f"{classes[label]} {k}")
    return Squares(
        stacked(pictures, side),
        torch.tensor(numbers, dtype=torch.long),
        tuple(classes[k] for k in kept),
        tuple(group_of[k] for k in kept),
        tuple(names),
    )


def _unpacked(packed: bytes, side: int, name: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(packed), formats=["WEBP"]) as picture:
            square = picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
            return np.array(square)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{name}: not a picture that can be read ({error})") from error
