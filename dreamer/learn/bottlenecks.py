"""What a frozen network makes of each picture just before its class head, kept for later runs.

A file of the cache is of one network (its weights' hash, range and size) and holds pictures by
the hash of their bytes, so that neither a changed picture nor another network's features can be
taken for what they are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from dreamer.learn.model import Normalised
from dreamer.learn.view import View
from dreamer.media.durable import replacing
from dreamer.networks.cards import Card
from dreamer.networks.home import home
from dreamer.networks.locate import sha256_of, weights_path

VERSION = 1  # of how pictures are read and seen; another one makes old files unknown
AT_ONCE = 64
FOLDER = "bottlenecks"


def headless(model: Normalised, head: str) -> nn.Module:
    """`model` ending in what goes into its class head, at the path `head` of its network."""
    model.net.set_submodule(head, nn.Identity())
    return model.eval().requires_grad_(False)


def key_of(card: Card, view: View) -> str:
    """By which network and view features are known: a hash of all that they depend on."""
    path = weights_path(card)
    weights: Any = card.weights.seed if path is None else sha256_of(path)
    said = [VERSION, card.architecture, weights, card.mean, card.std, card.scale, card.order]
    text = json.dumps([*said, asdict(view), torch.__version__])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def place_of(key: str) -> Path:
    """Where the features of `key` are kept."""
    return home() / FOLDER / key


def kept(key: str) -> dict[str, np.ndarray]:
    """Features by picture, as they were kept; a damaged file of the cache is passed over."""
    found: dict[str, np.ndarray] = {}
    folder = place_of(key)
    for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else ():
        try:
            tensors = safetensors.torch.load_file(path)
            features, digests = tensors["features"].numpy(), tensors["digests"].numpy()
        except (OSError, KeyError, ValueError, safetensors.SafetensorError):
            continue
        names = (row.tobytes().hex() for row in digests)
        found.update(zip(names, features, strict=True))
    return found


def keep(key: str, digests: Sequence[str], features: Tensor) -> None:
    """Add `features` `(N, C)` of the pictures of `digests` to the cache."""
    if not digests:
        return
    folder = place_of(key)
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.frombuffer(bytes.fromhex("".join(digests)), np.uint8).reshape(len(digests), -1)
    name = hashlib.sha256(rows.tobytes()).hexdigest()[:16]
    tensors = {"digests": torch.from_numpy(rows.copy()), "features": features.contiguous()}
    with replacing(folder / f"{name}.safetensors", by_process=True) as beside:
        # not its own writer, whose errors of a full disk are none of the system's
        beside.write_bytes(safetensors.torch.save(tensors))


def features_of(
    network: nn.Module,
    squares: Tensor,
    view: View,
    on_batch: Callable[[int], None] = lambda done: None,
) -> Tensor:
    """What `network` (`headless`) makes of squares `(N, 3, S, S)`, `(N, C)` float32."""
    return torch.cat(list(_each(network, squares, view, on_batch)))


def _each(
    network: nn.Module, squares: Tensor, view: View, on_batch: Callable[[int], None]
) -> Iterator[Tensor]:
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    with torch.no_grad():
        for start in range(0, len(squares), AT_ONCE):
            on_batch(start)
            some = view.looked_at(squares[start : start + AT_ONCE].to(device))
            yield network(some).float().cpu()
