"""Weight files as publishers wrote them, made of random numbers, byte by byte."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dreamer.networks.architectures import ARCHITECTURES, initialise


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def blob(array: np.ndarray) -> bytes:
    """A BlobProto: shape, and packed float32."""
    shape = field(7, field(1, b"".join(map(varint, array.shape))))
    return shape + field(5, array.astype("<f4").tobytes())


def caffemodel(layers: dict[str, list[np.ndarray]]) -> bytes:
    """A NetParameter of layers by name, each with its blobs."""
    return b"".join(
        field(100, field(1, name.encode()) + b"".join(field(7, blob(b)) for b in blobs))
        for name, blobs in layers.items()
    )


def state(architecture: str, classes: int, seed: int = 0) -> dict[str, Tensor]:
    """Random weights of a network, by its own names."""
    module = ARCHITECTURES[architecture].build(classes)
    initialise(module, seed)
    return {k: v.clone() for k, v in module.state_dict().items()}


def googlenet(classes: int, seed: int = 0, heads: bool = False) -> dict[str, list[np.ndarray]]:
    """Random weights of BVLC GoogLeNet by Caffe's layers, with or without loss1 and loss2."""
    from dreamer.networks.bvlc import layer_names

    found = state(f"bvlc-googlenet{'-auxiliary' if heads else ''}", classes, seed)
    paths = {layer: f"{path}.conv" for layer, path in layer_names().items()}
    paths["loss3/classifier"] = "classifier"
    for head in ("loss1", "loss2"):
        paths[f"{head}/conv"] = f"{head}.conv.conv"
        paths |= {f"{head}/{part}": f"{head}.{part}" for part in ("fc", "classifier")}
    return {
        layer: [found[f"{path}.{kind}"].numpy() for kind in ("weight", "bias")]
        for layer, path in paths.items()
        if f"{path}.weight" in found
    }


def checkpoint(tensors: dict[str, Tensor], **beside: object) -> dict[str, object]:
    """What a training loop of PyTorch's saves."""
    return {"epoch": 90, "arch": "resnet18", "state_dict": tensors, "best_prec1": torch.tensor(1.0)}
