"""Files written byte by byte, after the formats' own definitions and without our readers."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import torch
from pickle_words import text


def varint(number: int) -> bytes:
    out = b""
    number &= (1 << 64) - 1
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def part(field: int, payload: bytes) -> bytes:
    """A field with a length before it: a text, a message, packed numbers."""
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def whole(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def blob(
    array: np.ndarray, shape: str = "shape", packed: bool = True, double: bool = False
) -> bytes:
    """A BlobProto; `shape` is how it says its shape."""
    dims = array.shape
    if shape == "legacy":
        filled = (1,) * (4 - len(dims)) + dims
        out = b"".join(whole(k, n) for k, n in enumerate(filled, 1))
    elif shape == "none":
        out = b""
    else:
        sizes = b"".join(varint(n) for n in dims)
        out = part(7, part(1, sizes) if packed else b"".join(whole(1, n) for n in dims))
    kind, field, wire = ("<d", 8, 1) if double else ("<f", 5, 5)
    numbers = [struct.pack(kind, x) for x in array.ravel()]
    if packed:
        return out + part(field, b"".join(numbers))
    return out + b"".join(varint(field << 3 | wire) + raw for raw in numbers)


def v1_layer(name: str, kind: int, *blobs: bytes) -> bytes:
    return part(2, whole(5, kind) + part(4, name.encode()) + b"".join(part(6, b) for b in blobs))


def v2_layer(name: str, kind: str, *blobs: bytes) -> bytes:
    return part(
        100,
        part(1, name.encode()) + part(2, kind.encode()) + b"".join(part(7, b) for b in blobs),
    )


def legacy_bytes(value: bytes, keys: list[str], *storages: tuple[int, bytes]) -> bytes:
    """A file of PyTorch before 1.6 around the pickle `value`."""
    magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
    listed = b"\x80\x02](" + b"".join(text(k) for k in keys) + b"e."
    out = magic + b"\x80\x02M\xe9\x03." + b"\x80\x02}." + value + listed
    return out + b"".join(struct.pack("<q", count) + raw for count, raw in storages)


def zip_bytes(value: bytes, compression: int = zipfile.ZIP_STORED, **records: bytes) -> bytes:
    """A file of PyTorch 1.6 or later around the pickle `value`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("archive/data.pkl", value)
        for key, raw in records.items():
            archive.writestr(f"archive/{key.replace('__', '/')}", raw)
        archive.writestr("archive/version", b"3\n")
    return out.getvalue()


def saved(value: object, legacy: bool) -> bytes:
    """What `torch.save` writes."""
    out = io.BytesIO()
    torch.save(value, out, _use_new_zipfile_serialization=not legacy)
    return out.getvalue()


def chance(*shape: int) -> torch.Tensor:
    """Numbers to put into a file, the same each time."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))
