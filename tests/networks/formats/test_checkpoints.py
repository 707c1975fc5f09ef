"""PyTorch's files, old and new, against `torch.load(weights_only=True)`; files that would run
something do not.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from written_files import legacy_bytes, saved, zip_bytes

from dreamer.errors import NetworkError
from dreamer.networks.formats.read import Contents, read_weights

Read = Callable[[bytes], Contents]


def chance(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("legacy", [False, True])
def test_a_networks_state(legacy: bool, read: Read) -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    data = saved(module.state_dict(), legacy)
    expected = torch.load(io.BytesIO(data), weights_only=True)
    found = read(data)
    assert found.format == ("pytorch-legacy" if legacy else "pytorch-zip")
    assert list(found.tensors) == list(expected)
    for name, tensor in expected.items():
        assert found.tensors[name].dtype == torch.float32
        assert torch.equal(found.tensors[name], tensor.float())


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    "dtype",
    [
        *(torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16),
        *(torch.int8, torch.uint8, torch.bool, torch.uint16),
    ],
)
def test_every_kind_of_number(dtype: torch.dtype, legacy: bool, read: Read) -> None:
    value = {"w": (chance(3, 5) * 50).abs().to(dtype)}
    if legacy and dtype == torch.uint16:
        pytest.skip("which PyTorch itself does not write")
    data = saved(value, legacy)
    expected = torch.load(io.BytesIO(data), weights_only=True)["w"].float()
    assert torch.equal(read(data).tensors["w"], expected)


@pytest.mark.parametrize("legacy", [False, True])
def test_views_of_one_storage(legacy: bool, read: Read) -> None:
    base = chance(6, 8)
    value = {
        "whole": base,
        "turned": base.t(),
        "part": base[2:4, 1::3],
        "parameter": nn.Parameter(base[1]),
        "empty": torch.empty(0, 3),
        "one": torch.tensor(2.5),
    }
    data = saved(value, legacy)
    found = read(data).tensors
    for name, tensor in torch.load(io.BytesIO(data), weights_only=True).items():
        assert torch.equal(found[name], tensor.detach())
    assert found["whole"].data_ptr() == found["turned"].data_ptr()


def test_a_parameter_with_attributes(read: Read) -> None:
    tensor = chance(3)
    tensor.note = "kept beside"  # type: ignore[attr-defined]
    assert torch.equal(read(saved({"w": tensor}, False)).tensors["w"], chance(3))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("legacy", [False, True])
def test_every_pickle_protocol(protocol: int, legacy: bool, read: Read) -> None:
    """Those above 2 are nothing that torch.load would read without running what it holds."""
    out = io.BytesIO()
    value = {"state_dict": OrderedDict(w=chance(2, 3)), "arch": "resnet18", "epoch": 90}
    torch.save(value, out, pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy)
    found = read(out.getvalue())
    assert torch.equal(found.tensors["w"], chance(2, 3))
    assert found.metadata == {"arch": "resnet18", "epoch": 90}


def test_numbers_of_a_big_endian_machine(read: Read) -> None:
    raw = np.array([1.5, -2], ">f4").tobytes()
    found = read(zip_bytes(one_tensor(count=2), data__0=raw, byteorder=b"big"))
    assert found.tensors["w"].tolist() == [1.5, -2]


# Pickles by hand, in the words of Python 2 (U: a text of unknown encoding) and 3 (X).


def text(value: str, old: bool = False) -> bytes:
    raw = value.encode("latin1" if old else "utf-8")
    return b"U" + bytes([len(raw)]) + raw if old else b"X" + struct.pack("<I", len(raw)) + raw


def integer(number: int) -> bytes:
    raw = number.to_bytes(9, "little", signed=True)
    return b"\x8a\x09" + raw


def tensor(
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
    return b"\x80\x02}" + text("w") + tensor(count, size or (count,), stride, offset, kind) + b"s."


def test_a_file_of_python_2(read: Read) -> None:
    """Texts of unknown encoding, an OrderedDict made of a list of lists, a part of a storage."""
    part = b"(" + text("part", True) + integer(1) + integer(2) + b"t"
    state = (
        b"ccollections\nOrderedDict\n(](]("
        + text("module.wé", True)
        + tensor(3, (3,), (1,), old=True, part=b"N")
        + b"e]("
        + text("part", True)
        + tensor(3, (2,), (1,), old=True, part=part)
        + b"eetR}b"
    )
    value = b"\x80\x02}(" + text("state_dict", True) + state + text("wer", True)
    value += text("café", True) + b"u."
    raw = struct.pack("<3f", 1, 2, 3)
    found = read(legacy_bytes(value, ["0"], (3, raw)))
    assert {k: v.tolist() for k, v in found.tensors.items()} == {"wé": [1, 2, 3], "part": [2, 3]}
    assert found.metadata == {"wer": "café"}


class Payload:
    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("call", ["system", "eval", "exec", "load"])
def test_nothing_in_a_file_is_run(
    call: str, protocol: int, legacy: bool, tmp_path: Path, read: Read
) -> None:
    marker = tmp_path / "owned"
    code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    payload = {
        "system": Payload(os.system, f"touch {marker}"),
        "eval": Payload(eval, code),
        "exec": Payload(exec, code),
        "load": Payload(
            torch.storage._load_from_bytes, saved(Payload(os.system, f"touch {marker}"), legacy)
        ),
    }[call]
    named = {"system": "posix.system", "load": "torch.storage._load_from_bytes"}
    name = named.get(call, rf"(builtins|__builtin__)\.{call}")
    out = io.BytesIO()
    torch.save(
        {"state_dict": {"w": chance(2), "evil": payload}},
        out,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=not legacy,
    )
    with pytest.raises(NetworkError, match=f"wants to run '{name}'"):
        read(out.getvalue())
    assert not marker.exists()
    torch.load(io.BytesIO(out.getvalue()), weights_only=False)
    assert marker.exists(), "the payload is one that works"


def test_whole_networks_are_code(read: Read) -> None:
    out = io.BytesIO()
    torch.save(nn.Linear(2, 2), out)
    with pytest.raises(NetworkError, match=r"run 'torch.nn.modules.linear.Linear'.*state_dict"):
        read(out.getvalue())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (b"cos\nsystem\n.", "wants to run 'os.system'"),
        (b"(ios\nsystem\n.", "wants to run 'os.system'"),
        (text("os") + text("system") + b"\x93.", "wants to run 'os.system'"),
        (b"ccollections\nOrderedDict\n" + text("x") + b"R.", "calls something"),
        (text("f") + b"(tR.", "calls something that is no function"),
        (b"\x82\x01.", "pickle word EXT1"),
        (b"P12\n.", "pickle word PERSID"),
        (b"(ccollections\nOrderedDict\no.", "pickle word OBJ"),
        (b"})}s.", "keys are no names"),
        (b"ctorch\nSize\n}b.", "attributes"),
        (b"}", "damaged pickle"),
        (b"\xff.", "opcode .* unknown"),
        (b"}}.", "more or less than one value"),
        (b".", "more or less than one value"),
        (b"0.", "damaged pickle"),
        (b"h\x07.", "damaged pickle"),
        (b"K\x05.", "holds no tensors by name"),
        (b"}.", "holds no tensors by name"),
    ],
)
def test_pickles_that_are_no_data(words: bytes, message: str, read: Read) -> None:
    for data in (zip_bytes(b"\x80\x02" + words), legacy_bytes(b"\x80\x02" + words, [])):
        with pytest.raises(NetworkError, match=message):
            read(data)


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
    words = b"".join(text(n) + tensor(10_000, (1,), (1,), key=n) for n in names)
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


def test_where_checkpoints_keep_their_state(read: Read) -> None:
    """dream-creator's, with what it says beside it; an optimiser's tensors are left out."""
    value = {
        "model_state_dict": {"conv.weight": chance(2, 2)},
        "optimizer_state_dict": {"state": {0: {"momentum": chance(5)}}},
        "base_model": "bvlc",
        "num_classes": 102,
        "has_branches": True,
        "normalize_params": [[104.0, 117.0, 123.0], [1.0, 1.0, 1.0], "BGR"],
        "classes": [f"flower {k}" for k in range(102)],
        "huge": 1 << 70,
    }
    for legacy in (False, True):
        found = read(saved(value, legacy))
        assert list(found.tensors) == ["conv.weight"]
        assert found.metadata == {
            k: v
            for k, v in value.items()
            if k not in ("model_state_dict", "optimizer_state_dict", "huge")
        }


def test_torch_load_is_never_asked() -> None:
    """Whatever a later PyTorch admits, we do not."""
    package = Path(read_weights.__code__.co_filename).parents[1]
    for path in package.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "torch.load(" not in source.replace("safetensors.torch.load(", ""), path
        assert "import pickle\n" not in source, path
