"""One way into every weight file: hashed, recognised, parsed without running anything in it, and
named as we name things.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from dreamer.errors import NetworkError
from dreamer.networks.formats.checkpoints import legacy_checkpoint, tensors_of, zip_checkpoint
from dreamer.networks.formats.claims import TensorClaim, is_count
from dreamer.networks.formats.class_heads import head_names
from dreamer.networks.formats.keys import canonical_names, convention_of
from dreamer.networks.formats.recognise import Format, Unreadable, recognised

# Where checkpoints keep what a network learnt, the likeliest first.
NESTS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
MOST_DEPTH = 4
# Class names, means …, all together: what a stranger nests deeper or longer is left out.
MOST_FACTS = 100_000


@dataclass(frozen=True, eq=False)
class Contents:
    """A weight file's tensors, float32 on the CPU, by canonical name, and what else it says.

    `metadata` holds what stands beside the tensors as plain values (`arch`, `num_classes`,
    `normalize_params`, class names …); a caffemodel's has `name` and `layers`, in order.
    `convention` is whose names the file's tensors had, where those are somebody's own.
    """

    format: Format
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, Any]
    sha256: str
    convention: str = ""


def read_weights(path: Path, sha256: str = "", sha1: str = "") -> Contents:
    """The contents of a safetensors file, a PyTorch checkpoint of any age, or a `.caffemodel`.

    The file is read once: what is parsed are the very bytes whose hash was right.

    Args:
        path: the file; what it is, its bytes tell.
        sha256: how its hash begins; nothing of another file is parsed.
        sha1: the same of SHA-1, which is all that some publishers gave.

    Raises:
        NetworkError: a file that is missing, of another hash, damaged, or something else, with
            what it is.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NetworkError(f"no weights at {path}") from error
    kind = recognised(data, path)
    found_hash = hashlib.sha256(data).hexdigest()
    for name, found, wanted in (
        ("SHA-256", found_hash, sha256),
        ("SHA-1", hashlib.sha1(data, usedforsecurity=False).hexdigest() if sha1 else "", sha1),
    ):
        if not found.startswith(wanted.lower()):
            raise NetworkError(
                f"{path} has {name} {found[:16]}…, expected {wanted}…: "
                "not the file it should be, or damaged"
            )
    try:
        tensors, metadata = _parsed(kind, data)
        names = canonical_names(tensors)
        canonical = {names[k]: v for k, v in tensors.items()}
        heads = head_names({k: tuple(v.shape) for k, v in canonical.items()})
    except Unreadable as error:
        raise NetworkError(f"{path} {error}") from error
    canonical = {heads.get(k, k): v for k, v in canonical.items()}
    return Contents(kind, canonical, metadata, found_hash, convention_of(tensors))


def _parsed(kind: Format, data: bytes) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if kind == "safetensors":
        return _safetensors(data)
    if kind == "caffemodel":
        from dreamer.networks.formats.caffe import read_net  # and protobuf, for these alone

        net = read_net(data)
        layers = [layer.name for layer in net.layers]
        return net.tensors(), {"name": net.name, "layers": layers}
    checkpoint = zip_checkpoint(data) if kind == "pytorch-zip" else legacy_checkpoint(data)
    claims, metadata = _learnt(checkpoint.value)
    return tensors_of(checkpoint, claims), metadata


def _safetensors(data: bytes) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        tensors = safetensors.torch.load(data)
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
    except (
        SafetensorError,
        RuntimeError,
        ValueError,
        LookupError,
        TypeError,
        MemoryError,
    ) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unreadable(f"is a safetensors file that is damaged or cut short: {said}") from error
    if not tensors:
        raise Unreadable("holds no tensors")
    if any(v.is_complex() for v in tensors.values()):
        raise Unreadable("has complex tensors, which no network needs")
    return {k: v.float() for k, v in tensors.items()}, dict(header.get("__metadata__") or {})


def _learnt(value: Any) -> tuple[dict[str, TensorClaim], dict[str, Any]]:
    """A checkpoint's tensors by name, wherever it nests them, and the plain values beside them.

    Raises:
        Unreadable: there are none.
    """
    metadata: dict[str, Any] = {}
    facts = MOST_FACTS
    for _ in range(MOST_DEPTH):
        if not isinstance(value, dict):
            break
        inner = next((k for k in NESTS if isinstance(value.get(k), dict)), None)
        for key, beside in value.items():
            plain, seen = _plain(beside, facts)
            facts -= seen
            if plain and isinstance(key, str):
                metadata[key] = beside
        if inner is None:
            break
        value = value[inner]
    claims = (
        {k: v for k, v in value.items() if isinstance(k, str) and isinstance(v, TensorClaim)}
        if isinstance(value, dict)
        else {}
    )
    if not claims:
        raise Unreadable("holds no tensors by name; expected a state_dict")
    return claims, metadata


def _plain(value: Any, most: int) -> tuple[bool, int]:
    """Whether `value` is a plain one of at most `most` items, whatever a file claims; and how many
    were looked at, for one list can stand in many places.
    """
    seen = 1
    level = [value]
    for _ in range(MOST_DEPTH):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, (dict, list, tuple)):
                if seen + len(item) > most:
                    return False, seen
                seen += len(item)
                deeper.extend(item.values() if isinstance(item, dict) else item)
            elif not (isinstance(item, (str, float, bool, type(None))) or is_count(item)):
                return False, seen
        level = deeper
    return not level and seen <= most, seen
