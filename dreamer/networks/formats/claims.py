"""What a pickle may speak of: mappings, storages of numbers, and tensors that are claims about
them; every name that data need, with what it makes here (`ADMITTED`), and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dreamer.networks.formats.recognise import Unreadable

MOST_DIMENSIONS = 16
LONGEST_NAME = 10_000  # of a mapping's key; what comparing two costs is their length
BFLOAT = "bf"  # bfloat16, which NumPy has no code for: the upper half of a float32


@dataclass(frozen=True)
class Storage:
    """`count` numbers of a `kind` (`Float`, `Half`, … or `Untyped` bytes) that the file keeps under
    `key`; this storage is `length` of them from `start` on.
    """

    kind: str
    key: str
    count: int
    start: int
    length: int


@dataclass(frozen=True)
class TensorClaim:
    """What a file says of a tensor: numbers of `storage` from `offset` on, in steps of `stride`.

    `dtype` is empty where it is its storage's.
    """

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: str = ""


@dataclass(frozen=True)
class Named:
    """A name that a file may use: `make` gets what the file would call it with, where it may."""

    name: str
    make: Callable[..., Any] | None = None


def is_count(number: Any) -> bool:
    """Whether `number` is a whole one of 64 bits: what arithmetic with longer ones costs has no
    bound.
    """
    return type(number) is int and -(1 << 63) <= number < 1 << 63


def _whole(numbers: Any) -> tuple[int, ...]:
    if not isinstance(numbers, (tuple, list)):
        raise Unreadable("has a tensor whose shape is no shape")
    if len(numbers) > MOST_DIMENSIONS:
        raise Unreadable(f"is damaged: it has a tensor of {len(numbers)} dimensions")
    if not all(map(is_count, numbers)):
        raise Unreadable("has a tensor whose shape is no shape")
    return tuple(numbers)


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> TensorClaim:
    if not isinstance(storage, Storage) or not is_count(offset):
        raise Unreadable("has a tensor without numbers")
    return TensorClaim(storage, offset, _whole(size), _whole(stride))


def _tensor_of_dtype(
    storage: Any, offset: Any, size: Any, stride: Any, _grad: Any, _hooks: Any, dtype: Any, *_: Any
) -> TensorClaim:
    claim = _tensor(storage, offset, size, stride)
    if not isinstance(dtype, Named) or dtype.name not in DTYPES:
        raise Unreadable("has a tensor without a dtype")
    return TensorClaim(claim.storage, claim.offset, claim.size, claim.stride, dtype.name)


def _parameter(data: Any, *_: Any) -> Any:
    if not isinstance(data, TensorClaim):
        raise Unreadable("has a parameter that is no tensor")
    return data


def _of_type(make: Any, _kind: Any, arguments: Any, *_: Any) -> TensorClaim:
    made = make.make if isinstance(make, Named) else None
    if made not in (_tensor, _tensor_of_dtype) or not isinstance(arguments, tuple):
        raise Unreadable("has a tensor of a type of its own")
    claim: TensorClaim = made(*arguments)
    return claim


def _mapping(pairs: Any = ()) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    if isinstance(pairs, dict):
        pairs = list(pairs.items())
    if not isinstance(pairs, (list, tuple)):
        raise Unreadable("has a mapping that is none")
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise Unreadable("has a mapping that is none")
        put(made, pair[0], pair[1])
    return made


def _sequence(items: Any = ()) -> list[Any]:
    if not isinstance(items, (list, tuple)):
        raise Unreadable("has a list that is none")
    return list(items)


def _text(text: Any, _encoding: Any = "latin1") -> str:
    if not isinstance(text, str):
        raise Unreadable("has a text that is none")
    return text


def _word(text: Any = "", *_: Any) -> str:
    return str(text) if isinstance(text, str) or is_count(text) else ""


KINDS = {
    "Float": "f4",
    "Double": "f8",
    "Half": "f2",
    "BFloat16": BFLOAT,
    "Long": "i8",
    "Int": "i4",
    "Short": "i2",
    "Char": "i1",
    "Byte": "u1",
    "Bool": "u1",
    "Untyped": "u1",
}
DTYPES = {
    "torch.float32": "f4",
    "torch.float64": "f8",
    "torch.float16": "f2",
    "torch.bfloat16": BFLOAT,
    "torch.int64": "i8",
    "torch.int32": "i4",
    "torch.int16": "i2",
    "torch.int8": "i1",
    "torch.uint8": "u1",
    "torch.bool": "u1",
    "torch.uint16": "u2",
    "torch.uint32": "u4",
    "torch.uint64": "u8",
}


def _admitted() -> dict[str, Named]:
    calls: dict[str, Callable[..., Any]] = {
        "collections.OrderedDict": _mapping,
        "collections.Counter": _mapping,
        "torch._utils._rebuild_tensor": _tensor,
        "torch._utils._rebuild_tensor_v2": _tensor,
        "torch._utils._rebuild_tensor_v3": _tensor_of_dtype,
        "torch._utils._rebuild_parameter": _parameter,
        "torch._utils._rebuild_parameter_with_state": _parameter,
        "torch._tensor._rebuild_from_type_v2": _of_type,
        "torch.nn.parameter.Parameter": _parameter,
        "torch.Size": _sequence,
        "torch.device": _word,
        "builtins.set": _sequence,
        "__builtin__.set": _sequence,
        "_codecs.encode": _text,
    }
    names = {name: Named(name, make) for name, make in calls.items()}
    names |= {name: Named(name) for name in DTYPES}
    names["torch.Tensor"] = names["torch._tensor.Tensor"] = Named("torch.Tensor")
    for kind in KINDS:
        for module in ("torch", "torch.cuda", "torch.storage"):
            names[f"{module}.{kind}Storage"] = Named(kind)
    names["torch.storage._UntypedStorage"] = Named("Untyped")
    return names


def put(mapping: Any, key: Any, value: Any) -> None:
    """Only plain keys of bounded length: what a stranger's nested tuple costs to hash has no
    bound, nor has a number of a million digits.
    """
    if type(mapping) is not dict:
        raise Unreadable("puts values into something that takes none")
    if isinstance(key, str):
        named = len(key) <= LONGEST_NAME
    else:
        named = isinstance(key, (float, bool, type(None))) or is_count(key)
    if not named:
        raise Unreadable("has a mapping whose keys are no names")
    mapping[key] = value


ADMITTED = _admitted()
