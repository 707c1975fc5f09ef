"""Pickles by hand, in the words of Python 2 (U: a text of unknown encoding) and 3 (X)."""

from __future__ import annotations

import struct


def text(value: str, old: bool = False) -> bytes:
    raw = value.encode("latin1" if old else "utf-8")
    return b"U" + bytes([len(raw)]) + raw if old else b"X" + struct.pack("<I", len(raw)) + raw


def integer(number: int) -> bytes:
    raw = number.to_bytes(9, "little", signed=True)
    return b"\x8a\x09" + raw


def rebuilt_tensor(
    count: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int = 0,
    kind: str = "FloatStorage",
    key: str = "0",
    old: bool = False,
    part: bytes = b"",
) -> bytes:
    """The words that rebuild a tensor over storage `key`."""
    numbers = [b"(" + b"".join(integer(n) for n in row) + b"t" for row in (size, stride)]
    storage = (
        b"("
        + text("storage", old)
        + b"ctorch\n"
        + kind.encode()
        + b"\n"
        + text(key, old)
        + text("cpu", old)
        + integer(count)
        + part
        + b"tQ"
    )
    rebuild = b"ctorch._utils\n_rebuild_tensor\n"
    return rebuild + b"(" + storage + integer(offset) + b"".join(numbers) + b"tR"


def one_tensor(
    count: int,
    size: tuple[int, ...] | None = None,
    stride: tuple[int, ...] = (1,),
    offset: int = 0,
    kind: str = "FloatStorage",
) -> bytes:
    return (
        b"\x80\x02}"
        + text("w")
        + rebuilt_tensor(count, size or (count,), stride, offset, kind)
        + b"s."
    )
