"""A network as an ONNX file, which phones, browsers and other programs can run.

All that a card says is done inside: a picture goes in as every program has it, RGB in [0, 1], and
probabilities come out. Batch norms are folded, as in a dream. torch.onnx makes the graph, by way of
torch.export; what that notes down beside it of programs and their places is left out.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, fx, nn

from dreamer import __version__
from dreamer.errors import NetworkError
from dreamer.networks.cards import Card
from dreamer.networks.modules import opened
from dreamer.networks.shapes import shapes
from dreamer.networks.trace import LOGITS, Point

OPSET = 18  # the oldest that torch.export's path writes: ONNX Runtime 1.14 and later, of 2023
IR = 8  # the oldest format that has it, of the same time
NEEDED = ("onnx", "onnxscript")
INPUT, OUTPUT = "picture", "probabilities"


class _Classifier(nn.Module):
    """Pictures `(B, 3, N, N)`, RGB in [0, 1] → probabilities `(B, classes)`."""

    scale: Tensor
    offset: Tensor

    def __init__(self, network: fx.GraphModule, card: Card) -> None:
        super().__init__()
        self.network, self.flipped = network, card.order == "BGR"
        std = torch.tensor(card.std)[:, None, None]
        self.register_buffer("scale", card.scale / std)
        self.register_buffer("offset", -torch.tensor(card.mean)[:, None, None] / std)

    def forward(self, picture: Tensor) -> Tensor:
        ordered = picture.flip(1) if self.flipped else picture
        (logits,) = self.network(ordered * self.scale + self.offset)
        return torch.softmax(logits.mean((2, 3)), 1)


def require_onnx() -> None:
    """Refuse to begin without the packages that write ONNX.

    Raises:
        NetworkError: one is missing, and how to have it.
    """
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        raise NetworkError(
            f"writing ONNX needs {' and '.join(absent)}: pip install 'dreamer-engine[onnx]'"
        )


def onnx_bytes(card: Card, size: int) -> bytes:
    """The network of `card` for pictures of `size` pixels a side, any number at a time.

    `metadata_props` hold `labels` (JSON, in the order of the probabilities) and what the card says.
    At another size than the native one the class head is averaged over its places, as in dreams.

    Raises:
        NetworkError: no class head, weights that are not here, a size that the network cannot
            take, or packages that are missing.
    """
    require_onnx()
    if not card.classes:
        raise NetworkError(f"{card.name} has no class head, and so no probabilities to put out")
    if size < card.smallest:
        raise NetworkError(f"{card.name} needs {card.smallest} pixels or more, not {size}")
    traced = opened(card)
    network = traced.perception([Point(LOGITS)])
    shapes(network, network.graph, size, size)
    program = torch.onnx.export(
        _Classifier(network, card).eval(),
        (torch.zeros(2, 3, size, size),),
        dynamo=True,
        opset_version=OPSET,
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_shapes={"picture": {0: torch.export.Dim("batch", min=1)}},
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    graph = model.graph
    noted: tuple[Any, ...] = (model, graph, *graph.node, *graph.value_info, *graph.initializer)
    for part in (*noted, *graph.input, *graph.output):
        del part.metadata_props[:]
    model.ir_version = IR
    model.producer_name, model.producer_version = "dreamer", __version__
    model.doc_string = card.title
    for key, value in _words(card, size).items():
        model.metadata_props.add(key=key, value=value)
    return bytes(model.SerializeToString())


def _words(card: Card, size: int) -> dict[str, str]:
    """What a program must know, and whose the weights are."""
    words = {
        "name": card.name,
        "architecture": card.architecture,
        "input": f"{INPUT}: float32 (batch, 3, {size}, {size}), RGB in [0, 1], not normalised",
        "output": f"{OUTPUT}: float32 (batch, {len(card.classes)}), which add up to 1",
        "fit": _fitted(card, size),
        "labels": json.dumps(card.classes, ensure_ascii=False),
        "synsets": json.dumps(card.synsets) if card.synsets else "",
        "licence": card.licence,
        "sources": card.sources,
        "notes": card.notes,
        "weights_sha256": card.weights.sha256,
    }
    return {key: value for key, value in words.items() if value}


def _fitted(card: Card, size: int) -> str:
    """How a picture comes to `size`, as the network learnt it."""
    if card.fit == "squash":
        return f"squash: stretch the whole picture to {size} × {size}"
    short = max(size, round(card.resize * size / card.native))
    return f"centre: scale the shorter side to {short}, take the middle {size} × {size}"
