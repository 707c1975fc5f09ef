"""Weights from files, read without running anything in them and hashed before every use."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.cards import Card
from dreamer.networks.locate import weights_path

FIRST_BYTES = {
    b"<!": "an HTML page",
    b"<h": "an HTML page",
    b"version https://git-lfs": "a Git-LFS pointer, not the file it points to",
    b"\x89HDF": "an HDF5 file",
    b"\x1f\x8b": "a gzip archive",
}


def read_tensors(path: Path, sha256: str = "") -> dict[str, Tensor]:
    """The tensors of a safetensors file or a PyTorch checkpoint (`state_dict` inside it, where
    it has one).

    The file is read once: what is parsed are the very bytes whose hash was right.

    Args:
        path: the file.
        sha256: how its hash begins; nothing of another file is parsed.

    Raises:
        NetworkError: a file that is missing or something else, with what it is.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NetworkError(f"no weights at {path}") from error
    for start, what in FIRST_BYTES.items():
        if data.startswith(start):
            raise NetworkError(f"{path} is {what}; expected safetensors or a PyTorch checkpoint")
    found_hash = hashlib.sha256(data).hexdigest()
    if not found_hash.startswith(sha256):
        raise NetworkError(
            f"{path} has SHA-256 {found_hash[:16]}…, expected {sha256}…: "
            "not the file it should be, or damaged"
        )
    try:
        if data[8:9] == b"{":
            tensors: dict[str, Tensor] = safetensors.torch.load(data)
            return tensors
        found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
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


def tensors_of(card: Card) -> dict[str, Tensor]:
    """All tensors of the file of `card`, checked against its hash; none where weights are random.

    Raises:
        NetworkError: a file that is missing, of another hash, or something else.
    """
    path = weights_path(card)
    if path is None:
        return {}
    if card.weights.kind == "torchvision" and not path.is_file():
        raise NetworkError(f"{card.name}: its weights are not here ({path}); {card.fetching}")
    return read_tensors(path, card.weights.sha256)


def load_module(card: Card) -> nn.Module:
    """The network of `card` with its weights, in fp32 and eval mode, on the CPU.

    Raises:
        NetworkError: weights that are missing, of another hash, or of another network.
    """
    module = ARCHITECTURES[card.architecture].build(len(card.classes))
    if card.weights.kind == "random":
        initialise(module, card.weights.seed)
        return module.eval()
    tensors = tensors_of(card)
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
        raise NetworkError(f"{weights_path(card)} does not fit {card.architecture}: {first}")
    module.load_state_dict({k: v.float() for k, v in tensors.items() if k in wanted}, strict=False)
    return module.eval()
