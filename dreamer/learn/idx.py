"""MNIST's own files (`train-images-idx3-ubyte.gz` and so on), as LeCun, Cortes and Burges publish
them: big-endian, a magic number that tells type and rank, the sizes, the bytes.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import torch

from dreamer.errors import DataError
from dreamer.learn.photographs import Parts
from dreamer.learn.split import Part
from dreamer.learn.squares import Squares

KINDS = {"train": "train", "test": "t10k"}
BYTES_OF = 0x08  # the only type that pictures have
MOST = 2**30


def is_idx(folder: Path) -> bool:
    """Whether `folder` holds such files."""
    plain = _file(folder, "train", "images")
    return plain.is_file() or plain.with_name(f"{plain.name}.gz").is_file()


def read_idx(folder: Path, part: Part, parts: Parts) -> Squares:
    """Digits of `part`: `test` is the set that was published as such, and validation pictures are
    taken from the others.

    Raises:
        DataError: files that are missing, damaged, or do not belong together.
    """
    kind = "test" if part == "test" else "train"
    images, labels = _read(folder, kind, "images", 3), _read(folder, kind, "labels", 1)
    most = max(int(_read(folder, k, "labels", 1).max(initial=0)) for k in KINDS)
    if most < 1:
        raise DataError(f"{folder}: fewer than two classes of digits")
    if len(images) != len(labels) or images.shape[1] != images.shape[2]:
        raise DataError(
            f"{folder}: {len(labels)} labels for {len(images)} pictures of "
            f"{images.shape[1]}×{images.shape[2]}"
        )
    names = [f"{folder.name}/{kind}/{k:05}" for k in range(len(labels))]
    only = Parts(parts.validation, 0.0)  # its test part is its own
    keep = np.array([part == "test" or only.of(name) == part for name in names], dtype=bool)
    grey = torch.from_numpy(images[keep])[:, None]
    classes = tuple(str(k) for k in range(most + 1))
    return Squares(
        grey.expand(-1, 3, -1, -1),  # three channels of one byte, not three bytes
        torch.from_numpy(labels[keep].astype(np.int64)),
        classes,
        (folder.name,) * len(classes),
        tuple(name for name, kept in zip(names, keep, strict=True) if kept),
    )


def _file(folder: Path, kind: str, what: str) -> Path:
    return folder / f"{KINDS[kind]}-{what}-idx{3 if what == 'images' else 1}-ubyte"


def _read(folder: Path, kind: str, what: str, rank: int) -> np.ndarray:
    plain = _file(folder, kind, what)
    path = plain if plain.is_file() else plain.with_name(plain.name + ".gz")
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MOST + 1)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; MNIST's four files lie side by side") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged: {error}") from error
    head = 4 + 4 * rank
    if len(data) < head or data[:4] != bytes((0, 0, BYTES_OF, rank)):
        raise DataError(f"{path} is no idx file of bytes of {rank} dimensions")
    sizes = struct.unpack(f">{rank}I", data[4:head])
    if len(data) - head != int(np.prod(sizes, dtype=object)):
        raise DataError(f"{path} is damaged: {len(data) - head} bytes for {sizes}")
    return np.frombuffer(data, np.uint8, offset=head).reshape(sizes).copy()
