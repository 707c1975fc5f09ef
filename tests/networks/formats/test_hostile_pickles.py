"""Files that would run something do not, and what is no data is refused."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pickle_words import text
from torch import nn
from written_files import chance, legacy_bytes, saved, zip_bytes

from dreamer.errors import NetworkError
from dreamer.networks.formats.read import Contents, read_weights

Read = Callable[[bytes], Contents]


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


def test_torch_load_is_never_asked() -> None:
    """Whatever a later PyTorch admits, we do not."""
    package = Path(read_weights.__code__.co_filename).parents[1]
    for path in package.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "torch.load(" not in source.replace("safetensors.torch.load(", ""), path
        assert "import pickle\n" not in source, path
