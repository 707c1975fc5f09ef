"""Weights from files, read without running anything in them and hashed before every use."""

from __future__ import annotations

from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.cards import Card
from dreamer.networks.locate import sha256_of, weights_path

FIRST_BYTES = {
    b"<!": "an HTML page",
    b"<h": "an HTML page",
    b"version https://git-lfs": "a Git-LFS pointer, not the file it points to",
    b"\x89HDF": "an HDF5 file",
    b"\x1f\x8b": "a gzip archive",
}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file or a PyTorch checkpoint (`state_dict` inside it, where
    it has one).

    Raises:
        NetworkError: a file that is missing or something else, with what it is.
    """
    if not path.is_file():
        raise NetworkError(f"no weights at {path}")
    with path.open("rb") as file:
        head = file.read(32)
    for start, what in FIRST_BYTES.items():
        if head.startswith(start):
            raise NetworkError(f"{path} is {what}; expected safetensors or a PyTorch checkpoint")
    try:
        if head[8:9] == b"{":
            tensors: dict[str, Tensor] = safetensors.torch.load_file(path)
            return tensors
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise NetworkError(
            f"{path} is neither safetensors nor a PyTorch checkpoint that can be read safely: "
            f"{str(error).splitlines()[0]}"
        ) from error
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise NetworkError(f"{path} holds no tensors by name; expected a state_dict")
    return found


def load_module(card: Card) -> nn.Module:
    """The network of `card` with its weights, in fp32 and eval mode, on the CPU.

    Raises:
        NetworkError: weights that are missing, of another hash, or of another network.
    """
    architecture = ARCHITECTURES[card.architecture]
    module = architecture.build(len(card.classes))
    if card.weights.kind == "random":
        initialise(module, card.weights.seed)
        return module.eval()
    path = weights_path(card)
    assert path is not None
    if card.weights.kind == "torchvision" and not path.is_file():
        raise NetworkError(f"{card.name}: its weights are not here ({path}); {card.fetching}")
    tensors = read_tensors(path)
    if card.weights.sha256:
        found = sha256_of(path)
        if not found.startswith(card.weights.sha256):
            raise NetworkError(
                f"{path} has SHA-256 {found[:16]}…, expected {card.weights.sha256}…: "
                "not the file it should be, or damaged"
            )
    wanted = module.state_dict()
    missing = sorted(k for k in wanted if k not in tensors and "num_batches_tracked" not in k)
    wrong = sorted(k for k in wanted if k in tensors and tensors[k].shape != wanted[k].shape)
    if missing or wrong:
        first = (
            f"'{missing[0]}' is missing ({len(missing)} in all)"
            if missing
            else f"'{wrong[0]}' is {tuple(tensors[wrong[0]].shape)}, "
            f"not {tuple(wanted[wrong[0]].shape)}"
        )
        raise NetworkError(f"{path} does not fit {card.architecture}: {first}")
    module.load_state_dict({k: v.float() for k, v in tensors.items() if k in wanted}, strict=False)
    return module.eval()


def channel_statistics(card: Card) -> dict[str, Tensor]:
    """Standard deviation of each channel of each block on real pictures, `{layer: (C,)}`, where
    the file has them.
    """
    path = weights_path(card)
    if card.weights.kind != "package" or path is None:
        return {}
    tensors = read_tensors(path)
    return {k.removeprefix("std."): v.float() for k, v in tensors.items() if k.startswith("std.")}
