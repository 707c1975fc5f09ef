"""PyTorch's files that are cut short, damaged or something else, or claim more than they hold."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
import torch
from pickle_words import one_tensor, rebuilt_tensor, text
from written_files import chance, legacy_bytes, saved, zip_bytes

from dreamer.errors import NetworkError
from dreamer.networks.formats.read import Contents

Read = Callable[[bytes], Contents]
HUGE = 25_000_000_000


@pytest.mark.parametrize("kind", ["FloatStorage", "BoolStorage"])
def test_a_tiny_file_that_claims_much(kind: str, read: Read) -> None:
    value = one_tensor(HUGE, kind=kind)
    with pytest.raises(NetworkError, match=r"claims .*000,000 bytes .*has 8"):
        read(zip_bytes(value, data__0=b"\0" * 8))
    with pytest.raises(NetworkError, match=r"cut short or damaged: it claims .*000,000 bytes"):
        read(legacy_bytes(value, ["0"], (HUGE, b"\0" * 8)))
    with pytest.raises(NetworkError, match="cut short or damaged"):
        read(legacy_bytes(value, ["0"], (2, b"\0" * 8)))


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((3,), (1,), 0),
        ((2,), (2,), 0),
        ((1,), (1,), 2),
        ((HUGE,), (0,), 0),
        ((2,), (1,), -1),
        ((-2,), (1,), 0),
        ((2,), (-1,), 1),
        ((2,), (), 0),
        ((0, HUGE, HUGE), (1, 1, 1), 0),
        ((1,) * 20, (1,) * 20, 0),
    ],
)
def test_tensors_beyond_their_storage(
    size: tuple[int, ...], stride: tuple[int, ...], offset: int, read: Read
) -> None:
    raw = struct.pack("<2f", 1, 2)
    value = one_tensor(2, size, stride, offset)
    for data in (zip_bytes(value, data__0=raw), legacy_bytes(value, ["0"], (2, raw))):
        message = r"is damaged: ('w' (claims|is of no possible shape)|it has a tensor of 20 dim)"
        with pytest.raises(NetworkError, match=message):
            read(data)


def test_records_that_overlap_are_not_multiplied(read: Read) -> None:
    """A thousand names for one record would take a thousand times its memory."""
    raw = b"\0" * 40_000
    names = [f"w{k}" for k in range(1000)]
    words = b"".join(text(n) + rebuilt_tensor(10_000, (1,), (1,), key=n) for n in names)
    packed = bytearray(zip_bytes(b"\x80\x02}(" + words + b"u.", data__x000=raw))
    end = packed.rindex(b"PK\x05\x06")
    first = packed.index(b"PK\x01\x02")
    entries = bytes(packed[first:end])
    at = entries.index(b"archive/data/x000") - 46
    length = 46 + len("archive/data/x000")
    row = entries[at : at + length]
    rows = b""
    for name in names:
        path = f"archive/data/{name}".encode()
        rows += row[:28] + struct.pack("<H", len(path)) + row[30:46] + path
    tail = bytearray(packed[end:])
    count = 1000 + 2
    struct.pack_into("<HHI", tail, 8, count, count, len(entries) - length + len(rows))
    data = bytes(packed[:first]) + entries[:at] + rows + entries[at + length :] + bytes(tail)
    assert len(zipfile.ZipFile(io.BytesIO(data)).infolist()) == count
    with pytest.raises(NetworkError, match=r"claims 40,000,000 bytes .* only .* bytes long"):
        read(data)


def test_archives_that_are_something_else(read: Read) -> None:
    out = io.BytesIO()
    np.savez(out, a=np.ones(2))
    script = zip_bytes(one_tensor(2), data__0=b"\0" * 8, **{"constants.pkl": b"\x80\x02)."})
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("model.caffemodel", b"x")
    for data, message in (
        (out.getvalue(), r"NumPy archive \(.npz\)"),
        (script, "TorchScript archive, which is a program"),
        (plain.getvalue(), r"without PyTorch's data.pkl \(it holds 'model.caffemodel'\): unpack"),
        (saved({"w": chance(99)}, False)[:-9], "cut short: its end is missing"),
        (saved({"w": chance(99)}, True)[:-9], "cut short or damaged"),
        (zip_bytes(one_tensor(2)), "no numbers for storage '0'"),
        (zip_bytes(one_tensor(2), zipfile.ZIP_DEFLATED, data__0=b"\0" * 8), "compressed"),
        (legacy_bytes(one_tensor(2), []), "no numbers for storage '0'"),
        (legacy_bytes(one_tensor(2), ["1"], (0, b"")), "a storage it never speaks of"),
    ):
        with pytest.raises(NetworkError, match=message):
            read(data)


def test_damage_in_the_numbers_is_noticed(read: Read) -> None:
    data = bytearray(saved({"w": torch.full((999,), 1.25)}, False))
    data[data.index(struct.pack("<f", 1.25)) + 400] ^= 1
    with pytest.raises(NetworkError, match="damaged"):
        read(bytes(data))
