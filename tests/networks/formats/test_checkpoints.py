"""PyTorch's files, old and new, against `torch.load(weights_only=True)`."""

from __future__ import annotations

import io
import struct
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import pytest
import torch
from pickle_words import integer, one_tensor, rebuilt_tensor, text
from torch import nn
from written_files import chance, legacy_bytes, saved, zip_bytes

from dreamer.networks.formats.read import Contents

Read = Callable[[bytes], Contents]


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


def test_a_file_of_python_2(read: Read) -> None:
    """Texts of unknown encoding, an OrderedDict made of a list of lists, a part of a storage."""
    part = b"(" + text("part", True) + integer(1) + integer(2) + b"t"
    state = (
        b"ccollections\nOrderedDict\n(](]("
        + text("module.wé", True)
        + rebuilt_tensor(3, (3,), (1,), old=True, part=b"N")
        + b"e]("
        + text("part", True)
        + rebuilt_tensor(3, (2,), (1,), old=True, part=part)
        + b"eetR}b"
    )
    value = b"\x80\x02}(" + text("state_dict", True) + state + text("wer", True)
    value += text("café", True) + b"u."
    raw = struct.pack("<3f", 1, 2, 3)
    found = read(legacy_bytes(value, ["0"], (3, raw)))
    assert {k: v.tolist() for k, v in found.tensors.items()} == {"wé": [1, 2, 3], "part": [2, 3]}
    assert found.metadata == {"wer": "café"}


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
