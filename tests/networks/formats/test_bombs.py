"""Small files that would cost gigabytes or minutes: each is refused in words, soon and in little
memory, measured in a process of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from measured import Measured
from written_files import legacy_bytes, part, varint, zip_bytes

RAW = b"\0" * 8
MOST_MEMORY = 1 << 20  # KiB
MOST_SECONDS = 10.0


@pytest.fixture(scope="module")
def alone() -> Iterator[Measured]:
    server = Measured()
    yield server
    server.close()


def bounded(alone: Measured, path: Path, data: bytes) -> str:
    """What is said of a file that is read in a process of its own."""
    path.write_bytes(data)
    found = alone.read(path)
    assert bool(found.said) != bool(found.tensors)
    if found.said:
        assert str(path) in found.said, "refused by us"
        assert len(found.said) < 1000 + len(str(path))
    assert found.seconds < MOST_SECONDS
    assert found.kib < MOST_MEMORY
    return found.said


def test_the_measure_notices_what_is_large(alone: Measured) -> None:
    """And forgets it afterwards: a process's high-water mark never would."""
    for mib in (600, 40, 1200, 1):
        assert mib <= alone.fill(mib).kib / 1024 < mib + 100


def text(raw: bytes) -> bytes:
    return b"X" + struct.pack("<I", len(raw)) + raw


def number(size: int) -> bytes:
    """A number of so many bytes."""
    return b"\x8b" + struct.pack("<i", size) + b"\x7f" * size


def listed(item: bytes, count: int = 1) -> bytes:
    """A list of items, put aside as the first."""
    return b"](" + item * count + b"eq\x00"


def facts(value: bytes) -> bytes:
    """A checkpoint that keeps one value under many names."""
    return b"}(" + b"".join(text(b"%x" % k) + value for k in range(50_000)) + b"u."


SIZE = b"ctorch\nSize\nq\x01"
MAPPING = b"ccollections\nOrderedDict\nq\x01"
DEVICE = b"ctorch\ndevice\nq\x01"
STORAGE = (
    b"(" + text(b"storage") + b"ctorch\nFloatStorage\n" + text(b"0") + text(b"cpu") + b"K\x02tQ"
)
TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE + b"K\x00K\x01\x85K\x01\x85\x89N" + b"tR"
BOMBS = {
    "a doubled list, eighty times": b"]" + b"2\x85" + b"2\x86" * 80 + b".",
    "doubled keys": b"}" + b")" + b"2\x86" * 80 + b"Ns.",
    "a far memory place": b"}r\xff\xff\xff\xff.",
    "a long text": b"\x8d" + struct.pack("<Q", 1 << 62) + b"abc.",
    "long bytes": b"\x8e" + struct.pack("<Q", 1 << 40) + b"abc.",
    "a long byte array": b"\x96" + struct.pack("<Q", 100 << 30) + b"abc.",
    "a byte array by its length": b"cbuiltins\nbytearray\n\x8a\x06\0\0\0\0\x19\0\x85R.",
    "a number of many digits": b"L" + b"9" * 100_000 + b"L\n.",
    "deep lists": b"]" * 200_000 + b"a" * 199_999 + b".",
    "deep tuples": b")" + b"\x85" * 200_000 + b".",
    "a list in itself": b"}" + text(b"epoch") + b"]q\x00h\x00as" + text(b"w") + b"Ns.",
    "deep rebuilders": b"ctorch._tensor\n_rebuild_from_type_v2\n" * 500 + b"(tR.",
    "an odd text": b"}S'\\q'\nNs.",
    "one list as many shapes": SIZE
    + listed(b"K\x01", 9_000)
    + b"("
    + b"h\x01h\x00\x85R" * 33_000
    + b"l.",
    "one list as many mappings": MAPPING
    + listed(b"K\x01K\x02\x86q\x02" + b"h\x02" * 16_000)
    + b"h\x01h\x00\x85R0" * 16_000
    + b"N.",
    "one mapping as many": MAPPING
    + b"}("
    + b"".join(b"J" + struct.pack("<i", k) + b"N" for k in range(60_000))
    + b"uq\x00"
    + b"h\x01h\x00\x85R0" * 30_000
    + b"N.",
    "many arguments": DEVICE
    + b"("
    + b"N" * 200_000
    + b"tq\x00"
    + b"h\x01h\x00R0" * 100_000
    + b"N.",
    "one number as many texts": DEVICE
    + number(1780)
    + b"\x85q\x00("
    + b"h\x01h\x00R" * 300_000
    + b"l.",
    "one number as many keys": number(1 << 20) + b"q\x000}(" + b"h\x00N" * 300_000 + b"u.",
    "one text as many keys": b"}"
    + text(b"k" * (1 << 20))
    + b"q\x000"
    + text(b"k" * (1 << 20))
    + b"q\x010(h\x00N"
    + b"h\x01N" * 300_000
    + b"u.",
    "one list beside many names": listed(b"N", 99_000) + b"0" + facts(b"h\x00"),
    "one list that is no plain one": listed(b"N", 90_000)
    + b"0]((h\x00"
    + b"cbuiltins\nset\nleq\x000"
    + facts(b"h\x00"),
    "one tensor by many names": b"}("
    + text(b"0")
    + TENSOR
    + b"q\x00"
    + b"".join(text(b"%x" % k) + b"h\x00" for k in range(1, 240_000))
    + b"u.",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str, alone: Measured, tmp_path: Path) -> None:
    for words in (BOMBS[name], b"\x80\x04" + BOMBS[name]):
        bounded(alone, tmp_path / "weights", zip_bytes(words, data__0=RAW))
        bounded(alone, tmp_path / "weights", legacy_bytes(words, ["0"], (2, RAW)))


EMPTY = part(7, b"\x08\x00")  # a blob of `num: 0`
MANY = part(7, part(7, part(1, varint(127) * 1_500_000)))
CAFFE_BOMBS = {
    "layers": b"\xa2\x06\x00" * 1_000_000,
    "empty blobs": b"".join(part(100, part(1, b"%x" % k) + EMPTY * 64) for k in range(10_000)),
    "layers of one name": b"".join(part(100, part(1, b"%x" % k) + EMPTY) for k in range(19_998))
    + part(100, part(1, b"twice") + EMPTY) * 2,
    "dimensions": part(100, MANY),
    "numbers outside of layers": b"\x28\x01" * 10_000_000,
    "a long name": part(100, part(1, b"n" * 1_000_000) + EMPTY) * 2,
}


@pytest.mark.parametrize("name", CAFFE_BOMBS)
def test_bombs_of_caffes(name: str, alone: Measured, tmp_path: Path) -> None:
    bounded(alone, tmp_path / "weights", CAFFE_BOMBS[name])
