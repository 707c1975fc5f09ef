"""Whatever a file holds, it is read or refused in words, soon and in little memory."""

from __future__ import annotations

import io
import pickletools
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measured import Measured
from written_files import blob, legacy_bytes, part, saved, v1_layer, v2_layer, varint, zip_bytes

from dreamer.errors import NetworkError
from dreamer.networks.formats.read import read_weights

STATE = {"state_dict": {"a.weight": torch.ones(2, 3), "b.bias": torch.ones(4).half()}, "epoch": 3}
ARRAY = np.ones((2, 3, 1, 1), np.float32)
WHOLE = {
    "safetensors": safetensors.torch.save(STATE["state_dict"], {"arch": "x"}),
    "zip": saved(STATE, False),
    "legacy": saved(STATE, True),
    "caffe V1": v1_layer("a", 4, blob(ARRAY, "legacy"), blob(np.ones(2, np.float32), "legacy")),
    "caffe V2": v2_layer("a", "InnerProduct", blob(np.ones((2, 3)), packed=False, double=True)),
}
STARTS = (
    *(b"PK\x03\x04", b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
    *(
        b"\x0a\x03net\x12",
        b"\xa2\x06",
        b"\x12",
        b"\x40\0\0\0\0\0\0\0{",
        b"\x93NUMPY",
        b"",
    ),
)
NUMBERS = [
    *(struct.pack(kind, n) for kind in ("<q", "<I", "<H") for n in (0, 1, 255, 65535)),
    *(struct.pack("<Q", 1 << k) for k in (31, 32, 40, 62, 63)),
    b"\xff" * 8,
    b"\x80" * 8,
]
WORDS = [w.code.encode("latin1") for w in pickletools.opcodes]
WAYS = ("flip", "number", "leave out", "double", "cut", "noise", "word")
MOST_MEMORY = 1 << 20  # KiB
MOST_SECONDS = 10.0


@pytest.fixture(scope="module")
def survives(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], None]:
    """Reads bytes as a file; only our own refusal is let pass."""
    path: Path = tmp_path_factory.mktemp("fuzzed") / "weights"

    def reading(data: bytes) -> None:
        path.write_bytes(data)
        held = _held_from_now()
        begun = time.monotonic()
        said, tensors = "", {}
        try:
            tensors = dict(read_weights(path).tensors)
        except NetworkError as error:
            said = str(error)
        if said:
            assert str(path) in said
            assert len(said) < 1000 + len(str(path))
        else:
            assert tensors
            assert all(t.dtype == torch.float32 for t in tensors.values())
        assert time.monotonic() - begun < MOST_SECONDS
        assert _peak() - held < MOST_MEMORY

    return reading


def _held_from_now() -> int:
    """How much memory this process holds, in KiB; its high-water mark begins there again. 0 where
    only Linux's kernel could say: the bombs are measured everywhere.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0
    return _peak()


def _peak() -> int:
    """The high-water mark in KiB, 0 where it could not be reset."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
    return int(found[1]) if found else 0


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


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """`whole` with bytes replaced, left out, put in or doubled, or its end missing."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(0, 24))
        how = draw(st.sampled_from(WAYS))
        if how == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how == "number":
            number = draw(st.sampled_from(NUMBERS))
            data[at : at + len(number)] = number
        elif how == "leave out":
            del data[at : at + length]
        elif how == "double":
            data[at:at] = data[at : at + length]
        elif how == "cut":
            del data[max(at, 1) :]
        elif how == "noise":
            data[at : at + length] = draw(st.binary(max_size=24))
        elif how == "word":
            data[at : at + 1] = draw(st.sampled_from(WORDS))
    return bytes(data)


def cases(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("kind", WHOLE)
@cases(200)
@given(data=st.data())
def test_damaged_files(kind: str, survives: Callable[[bytes], None], data: st.DataObject) -> None:
    survives(data.draw(damaged(WHOLE[kind])))


with zipfile.ZipFile(io.BytesIO(WHOLE["zip"])) as archive:
    VALUE = archive.read("archive/data.pkl")
RAW = b"\0" * 24


def in_zip(words: bytes) -> bytes:
    return zip_bytes(words, data__0=RAW, data__1=RAW)


def in_legacy(words: bytes) -> bytes:
    return legacy_bytes(words, ["0", "1"], (6, RAW), (4, RAW[:8]))


def test_what_is_damaged_was_whole(tmp_path: Path) -> None:
    """Else nothing but the first bytes would ever be tried."""
    path = tmp_path / "weights"
    for data in (*WHOLE.values(), in_zip(VALUE), in_legacy(VALUE)):
        path.write_bytes(data)
        assert read_weights(path).tensors


@pytest.mark.parametrize("around", [in_zip, in_legacy])
@cases(250)
@given(data=st.data())
def test_damaged_pickles_in_whole_files(
    around: Callable[[bytes], bytes], survives: Callable[[bytes], None], data: st.DataObject
) -> None:
    survives(around(data.draw(damaged(VALUE))))


@cases(300)
@given(words=st.lists(st.sampled_from(WORDS) | st.binary(max_size=9), max_size=60))
def test_any_words_of_a_pickle(words: list[bytes], survives: Callable[[bytes], None]) -> None:
    survives(zip_bytes(b"\x80\x04" + b"".join(words) + b"."))


@cases(300)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=200))
def test_any_bytes(start: bytes, rest: bytes, survives: Callable[[bytes], None]) -> None:
    survives(start + rest)


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
        bounded(alone, tmp_path / "weights", zip_bytes(words, data__0=RAW[:8]))
        bounded(alone, tmp_path / "weights", legacy_bytes(words, ["0"], (2, RAW[:8])))


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
