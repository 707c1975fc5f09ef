"""MNIST's own files, written by struct, read; damaged ones are said to be."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from dreamer.errors import DataError
from dreamer.learn.idx import is_idx, read_idx
from dreamer.learn.photographs import Parts

NAMES = {"train": "train", "test": "t10k"}


def write(folder: Path, kind: str, count: int, packed: bool = True) -> np.ndarray:
    """Pictures of 28×28 and their labels, as LeCun's page describes the format."""
    folder.mkdir(exist_ok=True)
    images = np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = (np.arange(count) % 10).astype(np.uint8)
    heads = {
        "images-idx3": struct.pack(">IIII", 0x00000803, count, 28, 28) + images.tobytes(),
        "labels-idx1": struct.pack(">II", 0x00000801, count) + labels.tobytes(),
    }
    for name, data in heads.items():
        path = folder / f"{NAMES[kind]}-{name}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(data) if packed else data)
    return images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "mnist", "train", 100)
    write(tmp_path / "mnist", "test", 30, packed=False)
    return tmp_path / "mnist"


def test_the_published_test_part_is_the_test_part(folder: Path) -> None:
    assert is_idx(folder)
    assert not is_idx(folder.parent)
    test = read_idx(folder, "test", Parts())
    expected = np.random.default_rng(30).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    assert (test.pictures.numpy() == expected[:, None]).all(), "three equal channels"
    assert test.labels.tolist() == [k % 10 for k in range(30)]
    assert test.classes == tuple("0123456789")


def test_validation_pictures_are_taken_from_the_others(folder: Path) -> None:
    training, held = (read_idx(folder, part, Parts(0.2)) for part in ("training", "validation"))
    assert len(training.labels) + len(held.labels) == 100
    assert 8 < len(held.labels) < 35
    assert not set(training.names) & set(held.names)
    assert len(read_idx(folder, "training", Parts(0.0)).labels) == 100
    assert len(read_idx(folder, "validation", Parts(0.0)).labels) == 0


@pytest.mark.parametrize("how", ["gone", "torn", "cut", "other", "fewer"])
def test_what_is_damaged_is_named(folder: Path, how: str) -> None:
    path = folder / "train-images-idx3-ubyte.gz"
    data = gzip.decompress(path.read_bytes())
    if how == "gone":
        path.unlink()
    elif how == "torn":
        path.write_bytes(path.read_bytes()[:-50])
    elif how == "cut":
        path.write_bytes(gzip.compress(data[:-784]))
    elif how == "other":
        path.write_bytes(gzip.compress(b"\0\0\x0d\x03" + data[4:]))
    else:
        labels = folder / "train-labels-idx1-ubyte.gz"
        labels.write_bytes(gzip.compress(struct.pack(">II", 0x801, 99) + bytes(99)))
    said = {
        "gone": "no such file; MNIST's four files lie side by side",
        "torn": "is damaged",
        "cut": "is damaged: 77616 bytes",
        "other": "no idx file of bytes of 3 dimensions",
        "fewer": "99 labels for 100 pictures",
    }
    with pytest.raises(DataError, match=said[how]):
        read_idx(folder, "training", Parts())
