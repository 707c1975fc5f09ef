"""A network's layers as rows, from the network itself."""

from __future__ import annotations

import torch

from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.trace import LOGITS, Point, Traced, multiply_adds


def rows(architecture: str, classes: int, size: int = 224) -> list[list[object]]:
    """`[name, channels, stride, multiply-adds a pixel]` of every layer and of the class head,
    measured on a picture of `size` pixels.
    """
    kind = ARCHITECTURES[architecture]
    traced = Traced(kind.build(classes), kind)
    table: list[list[object]] = []
    for name in (*traced.layers, LOGITS):
        cut = traced.perception([Point(name)])
        with torch.no_grad():
            (out,) = cut(torch.zeros(1, 3, size, size))
        macs = multiply_adds(cut, size, size) / size**2
        table.append([name, out.shape[1], size // out.shape[3], round(macs, 1)])
    return table
