"""A trained network as files that anyone can use: weights in safetensors, and its card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from dreamer.draw import motifs
from dreamer.errors import NetworkError
from dreamer.learn.measure import shuffled
from dreamer.learn.model import Normalised
from dreamer.learn.squares import Squares
from dreamer.learn.view import View
from dreamer.media.durable import write_bytes, write_text
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.deviations import measured
from dreamer.networks.house import House, folded_state
from dreamer.networks.locate import sha256_of
from dreamer.networks.shapes import without_numbers
from dreamer.networks.table import card_rows, smallest_of
from dreamer.networks.trace import Point, Traced
from dreamer.networks.unlearnt import dreamt_layer
from dreamer.networks.written import as_text

SEEN = 768  # pictures that channels' deviations are measured on


def shipped_state(trained: nn.Module) -> dict[str, Tensor]:
    """Weights in fp16, where they fit: house with its batch norms folded away, other networks as
    they are.
    """
    if isinstance(trained, House) and isinstance(trained.conv1.bn, nn.BatchNorm2d):
        state = folded_state(trained)
    else:
        state = trained.state_dict()
    return {k: _halved(v.detach().cpu()).contiguous() for k, v in state.items()}


def _halved(tensor: Tensor) -> Tensor:
    """`tensor` in fp16, but for one that is too large for it."""
    if not tensor.dtype.is_floating_point:
        return tensor
    half = tensor.half()
    return half if half.isfinite().all() else tensor.float()


def as_shipped(architecture: str, classes: int, state: Mapping[str, Tensor]) -> nn.Module:
    """The network that `shipped_state` describes, in fp32 and eval mode."""
    module = ARCHITECTURES[architecture].build(classes)
    module.load_state_dict({k: v.float() for k, v in state.items()})
    return module.eval().requires_grad_(False)


def deviations(module: nn.Module, architecture: str, pictures: Tensor) -> dict[str, Tensor]:
    """Standard deviation of each channel of each layer, after its activation (`std.NAME`) and
    before it (`std.NAME:pre`), over `pictures` `(N, 3, H, W)` in the range the network wants, in
    fp16.
    """
    traced = Traced(module, ARCHITECTURES[architecture])
    points = [Point(name, before) for name in traced.layers for before in (False, True)]
    found = measured(traced, points, torch.split(pictures, 64))
    return {name: std.half() for name, std in found.items()}


def drawings_digest() -> str:
    """Which motifs were drawn: a hash of the program that draws them."""
    digest = hashlib.sha256()
    for path in sorted(Path(motifs.__path__[0]).glob("*.*")):
        if path.suffix in (".py", ".txt"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def release(
    trained: Normalised,
    architecture: str,
    seen: Squares,
    view: View,
    folder: Path,
    words: Mapping[str, Any],
) -> Path:
    """Write NAME.safetensors, NAME.json and NAME.txt (its labels) into `folder`.

    Args:
        trained: the network, behind the range it wants.
        architecture: its row.
        seen: pictures to measure channels on; its classes are the network's.
        view: how it sees pictures.
        folder: where to.
        words: the card's words: name, title, licence, sources, notes, measured; others take the
            place of what is found here.

    Returns: the weights' path.

    Raises:
        NetworkError: weights that are no numbers.
    """
    name, classes, row = words["name"], seen.classes, ARCHITECTURES[architecture]
    net = trained.net.cpu()
    state = shipped_state(net)
    module = as_shipped(architecture, len(classes), state)
    squares, _ = shuffled(seen, SEEN)
    pictures = Normalised(nn.Identity(), trained.wanted)(view.looked_at(squares.cpu()))
    state |= deviations(module, architecture, pictures)
    for key, tensor in state.items():
        if not tensor.isfinite().all():
            raise NetworkError(
                f"'{key}' ended in numbers that are none: it did not learn but run away; a smaller "
                "learning rate may help"
            )
    traced = Traced(without_numbers(module), row)
    path = folder / f"{name}.safetensors"
    write_bytes(path, safetensors.torch.save(state))
    wanted = trained.wanted
    card = {
        "name": name,
        "title": words["title"],
        "architecture": architecture,
        "weights": {"kind": "package", "file": path.name, "sha256": sha256_of(path)},
        "mean": list(wanted.mean),
        "std": list(wanted.std),
        **({"scale": wanted.scale} if wanted.scale != 1 else {}),
        **({"order": wanted.order} if wanted.order != "RGB" else {}),
        **view.words(),
        "smallest": smallest_of(traced, view.side),
        "parameters": sum(p.numel() for p in module.parameters()),
        "default_layer": dreamt_layer(row),
        "aliases": dict(row.aliases),
        "crops": traced.head is not None and traced.head.crops,
        **words,
        "groups": list(seen.groups),
        "classes": list(classes),
    }
    card["layers"] = card_rows(traced, row.native)
    write_text(folder / f"{name}.json", as_text(card))
    write_text(folder / f"{name}.txt", "\n".join(classes) + "\n")
    return path
