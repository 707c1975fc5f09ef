"""One way into every weight file: whole, hashed, as float32."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from written_files import blob, saved, v1_layer

from dreamer.errors import NetworkError
from dreamer.networks.cards import Weights, catalogue_card
from dreamer.networks.formats import caffe
from dreamer.networks.formats import read as reading
from dreamer.networks.formats.read import Contents, read_weights
from dreamer.networks.own_cards import own_card
from dreamer.networks.weights import load_module, tensors_of

Read = Callable[[bytes], Contents]
TENSORS = {"a.weight": torch.randn(3, 2).half(), "a.bias": torch.arange(3)}


def test_safetensors_and_what_they_say(read: Read) -> None:
    data = safetensors.torch.save(TENSORS, {"arch": "house", "classes": "112"})
    found = read(data)
    assert found.format == "safetensors"
    assert found.metadata == {"arch": "house", "classes": "112"}
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    for name, tensor in TENSORS.items():
        assert found.tensors[name].dtype == torch.float32
        assert torch.equal(found.tensors[name], tensor.float())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (safetensors.torch.save(TENSORS)[:-1], "safetensors file that is damaged or cut short"),
        (safetensors.torch.save(TENSORS)[:40], "safetensors file that is damaged or cut short"),
        (safetensors.torch.save({}), "holds no tensors"),
        (safetensors.torch.save({"w": torch.ones(2) * 1j}), "complex tensors"),
        (saved([torch.ones(2)], False), "holds no tensors by name; expected a state_dict"),
        (
            saved({"a.module.w": torch.ones(2), "a.w": torch.ones(2)}, False),
            "names one tensor twice",
        ),
    ],
)
def test_what_cannot_be_read(data: bytes, message: str, read: Read) -> None:
    with pytest.raises(NetworkError, match=message):
        read(data)


FILES = {
    "safetensors": safetensors.torch.save(TENSORS),
    "zip": saved(TENSORS, False),
    "legacy": saved(TENSORS, True),
    "caffemodel": v1_layer("c", 4, blob(np.ones((2, 3, 1, 1), np.float32))),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_hash_comes_first(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights"
    path.write_bytes(FILES[kind])
    right = hashlib.sha256(FILES[kind]).hexdigest()
    assert read_weights(path, right[:12].upper()).sha256 == right

    def parsed(*_: object) -> None:
        raise AssertionError("parsed before its hash was right")

    for name in ("_safetensors", "zip_checkpoint", "legacy_checkpoint"):
        monkeypatch.setattr(reading, name, parsed)
    monkeypatch.setattr(caffe, "read_net", parsed)
    with pytest.raises(NetworkError, match=rf"has SHA-256 {right[:16]}…, expected {'0' * 64}"):
        read_weights(path, "0" * 64)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pth", tmp_path):
        with pytest.raises(NetworkError, match="no weights at"):
            read_weights(path)


@pytest.mark.parametrize("form", ["zip", "legacy", "data parallel", "nested"])
def test_a_network_from_every_format(form: str, tmp_path: Path) -> None:
    """`network: {architecture: house, weights: FILE}`, whatever the file is."""
    house = catalogue_card("house")
    state = load_module(house).state_dict()
    value = {
        "data parallel": {"state_dict": {f"module.{k}": v for k, v in state.items()}, "epoch": 3},
        "nested": {"model_state_dict": state},
    }.get(form, state)
    path = tmp_path / "mine.pth.tar"
    path.write_bytes(saved(value, form == "legacy"))
    card = own_card("house", Weights("file", str(path)))
    assert tensors_of(card).keys() == state.keys()
    picture = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(load_module(card)(picture), load_module(house)(picture))
