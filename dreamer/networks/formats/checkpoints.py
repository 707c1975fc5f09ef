"""The two files that `torch.save` writes: a zip archive with one record a storage, and, before
PyTorch 1.6, five pickles with the storages behind them.

What a file claims of its tensors is held against its length before any memory is taken.
"""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dreamer.errors import printable
from dreamer.networks.formats.claims import (
    BFLOAT,
    DTYPES,
    KINDS,
    MOST_DIMENSIONS,
    TensorClaim,
    is_count,
)
from dreamer.networks.formats.pickles import unpickled
from dreamer.networks.formats.recognise import Unreadable

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
MOST_TENSORS = 100_000
MOST_NUMBERS = 1 << 40  # of a tensor's size, were its empty dimensions 1


@dataclass(frozen=True)
class Checkpoint:
    """What a file of `length` bytes says: `value`, with a `TensorClaim` for every tensor, and the
    numbers of each storage as so many bytes (`sizes`) in `order`.
    """

    value: Any
    length: int
    sizes: Mapping[str, int]
    bytes_of: Callable[[str], bytes]
    order: str = "<"


def zip_checkpoint(data: bytes) -> Checkpoint:
    """A file of PyTorch 1.6 or later.

    Raises:
        Unreadable: another zip archive, a damaged one, or one that wants to run something.
    """
    with _damage():
        archive = zipfile.ZipFile(BytesIO(data))
        entries = {entry.filename: entry for entry in archive.infolist()}
    names = [n for n in entries if n.split("/", 1)[-1] == "data.pkl"]
    if len(names) != 1:
        raise Unreadable(_other_archive(entries))
    root = names[0].removesuffix("data.pkl")
    if f"{root}constants.pkl" in entries:
        raise Unreadable("is a TorchScript archive, which is a program; expected a state_dict")

    def record(name: str) -> bytes:
        entry = entries[root + name]
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > len(data):
            raise Unreadable("is a compressed archive, as torch.save never writes them")
        with _damage():
            return archive.read(entry)

    value, storages = unpickled(BytesIO(record("data.pkl")))
    sizes = {}
    for key in storages:
        if f"{root}data/{key}" not in entries:
            raise Unreadable(f"is damaged: it has no numbers for storage '{printable(key)[:20]}'")
        sizes[key] = entries[f"{root}data/{key}"].file_size
    big = f"{root}byteorder" in entries and record("byteorder") == b"big"
    order = ">" if big else "<"
    return Checkpoint(value, len(data), sizes, lambda key: record(f"data/{key}"), order)


def legacy_checkpoint(data: bytes) -> Checkpoint:
    """A file of PyTorch before 1.6: magic number, protocol, system, value, keys, then of each
    storage its length and its numbers.

    Raises:
        Unreadable: another pickle, a damaged one, or one that wants to run something.
    """
    stream = BytesIO(data)
    if unpickled(stream)[0] != MAGIC:
        raise Unreadable("is a plain Python pickle, not one that torch.save wrote")
    protocol = unpickled(stream)[0]
    if protocol != PROTOCOL:
        raise Unreadable(f"is of an unknown protocol of PyTorch's, expected {PROTOCOL}")
    unpickled(stream)  # the system it was written on; numbers are little-endian all the same
    value, storages = unpickled(stream)
    keys = unpickled(stream)[0]
    if not isinstance(keys, list) or not all(isinstance(k, str) or is_count(k) for k in keys):
        raise Unreadable("is damaged: it does not say which storages follow")
    at: dict[str, tuple[int, int]] = {}
    place = stream.tell()
    for key in map(str, keys):
        if key not in storages:
            raise Unreadable("is damaged: it has numbers of a storage it never speaks of")
        count = int.from_bytes(data[place : place + 8], "little")
        place += 8
        size = storages[key].count * _width(KINDS[storages[key].kind])
        if count != storages[key].count or place + size > len(data):
            raise Unreadable(
                f"is cut short or damaged: it claims {size:,} bytes for a storage, and "
                f"{max(len(data) - place, 0):,} are left"
            )
        at[key] = (place, size)
        place += size
    for key in storages:
        if key not in at:
            raise Unreadable(f"is damaged: it has no numbers for storage '{printable(key)[:20]}'")

    def bytes_of(key: str) -> bytes:
        start, size = at[key]
        return data[start : start + size]

    sizes = {key: size for key, (_, size) in at.items()}
    return Checkpoint(value, len(data), sizes, bytes_of)


def tensors_of(checkpoint: Checkpoint, claims: Mapping[str, TensorClaim]) -> dict[str, Tensor]:
    """The tensors that `claims` speak of, float32 on the CPU; those that share numbers in the file
    share them here.

    Raises:
        Unreadable: a claim that the file's length does not bear out.
    """
    if len(claims) > MOST_TENSORS:
        raise Unreadable(f"holds {len(claims):,} tensors, as no network does")
    for name, claim in claims.items():
        _check(printable(name), claim, checkpoint.sizes)
    wanted = {(claim.storage.key, _code(claim)) for claim in claims.values()}
    most = sum(checkpoint.sizes[key] for key, _ in wanted)
    if most > checkpoint.length:
        raise Unreadable(
            f"claims {most:,} bytes of numbers and is only {checkpoint.length:,} bytes long"
        )
    kept: dict[tuple[str, str], Tensor] = {}
    found = {}
    for name, claim in claims.items():
        of = (claim.storage.key, _code(claim))
        if of not in kept:
            kept[of] = _numbers(checkpoint.bytes_of(of[0]), checkpoint.order, of[1])
        start = claim.storage.start if claim.storage.kind != "Untyped" else 0
        found[name] = kept[of].as_strided(claim.size, claim.stride, start + claim.offset)
    return found


def _code(claim: TensorClaim) -> str:
    """What NumPy calls a tensor's numbers (or `BFLOAT`)."""
    return DTYPES[claim.dtype] if claim.dtype else KINDS[claim.storage.kind]


def _width(code: str) -> int:
    return 2 if code == BFLOAT else np.dtype(code).itemsize


def _check(name: str, claim: TensorClaim, sizes: Mapping[str, int]) -> None:
    """Whether the numbers that `claim` speaks of are in the file.

    Raises:
        Unreadable: they are not.
    """
    storage = claim.storage
    own = _width(KINDS[storage.kind])
    if storage.count * own > sizes[storage.key]:
        raise Unreadable(
            f"is damaged: '{name}' claims {storage.count * own:,} bytes of numbers where the file "
            f"has {sizes[storage.key]:,}"
        )
    if (
        len(claim.size) != len(claim.stride)
        or len(claim.size) > MOST_DIMENSIONS
        or min((*claim.size, *claim.stride, claim.offset)) < 0
        or max((*claim.stride, 0)) > MOST_NUMBERS
        or math.prod(max(n, 1) for n in claim.size) > MOST_NUMBERS
    ):
        raise Unreadable(f"is damaged: '{name}' is of no possible shape")
    numbers = math.prod(claim.size)
    room = storage.length * own // _width(_code(claim))
    steps = zip(claim.size, claim.stride, strict=True)
    last = claim.offset + sum((n - 1) * step for n, step in steps)
    if numbers and (numbers > room or last >= room):
        raise Unreadable(
            f"is damaged: '{name}' claims {numbers:,} numbers where the file has {room:,}"
        )


def _numbers(raw: bytes, order: str, code: str) -> Tensor:
    """All of a storage as float32, in memory of its own."""
    if code == BFLOAT:
        upper = np.frombuffer(raw, f"{order}u2", len(raw) // 2).astype(np.uint32) << 16
        return torch.from_numpy(upper.view(np.float32))
    width = np.dtype(code).itemsize
    with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite, as in torch
        found = np.frombuffer(raw, f"{order}{code}", len(raw) // width).astype(np.float32)
    return torch.from_numpy(found)


def _other_archive(names: Mapping[str, object]) -> str:
    """What a zip archive is that torch.save did not write."""
    if any(name.endswith(".npy") for name in names):
        return "is a NumPy archive (.npz); expected a PyTorch checkpoint"
    if "config.json" in names and any(name.endswith(".h5") for name in names):
        return "is a Keras model; expected a PyTorch checkpoint"
    first = f" (it holds '{printable(next(iter(names)))[:60]}')" if names else ""
    return f"is a zip archive without PyTorch's data.pkl{first}: unpack it first"


@contextmanager
def _damage() -> Iterator[None]:
    """Everything that `zipfile` raises for archives that are damaged."""
    try:
        yield
    except zipfile.BadZipFile as error:
        what = "its end is missing" if "not a zip file" in str(error) else printable(str(error))
        raise Unreadable(f"is a zip archive that is damaged or cut short: {what[:120]}") from error
    except (
        zlib.error,
        struct.error,
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
        LookupError,
        OverflowError,
        MemoryError,
    ) as error:
        raise Unreadable(f"is a zip archive that is damaged: {type(error).__name__}") from error
