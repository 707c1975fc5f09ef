"""Print the layer table of a card from the network itself: python tools/layer_table.py NAME
SIZE.
"""

from __future__ import annotations

import json
import sys

import torch

from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.trace import Point, Traced, multiply_adds


def rows(architecture: str, classes: int, size: int) -> list[list[object]]:
    """`[name, channels, stride, multiply-adds a pixel]` of every layer of an architecture."""
    kind = ARCHITECTURES[architecture]
    traced = Traced(kind.build(classes), kind)
    table: list[list[object]] = []
    for name in (*traced.layers, "logits"):
        cut = traced.perception([Point(name)])
        with torch.no_grad():
            (out,) = cut(torch.zeros(1, 3, size, size))
        macs = multiply_adds(cut, size, size) / size**2
        table.append([name, out.shape[1], size // out.shape[3], round(macs, 1)])
    return table


if __name__ == "__main__":
    print(
        "[\n" + ",\n".join(json.dumps(r) for r in rows(sys.argv[1], int(sys.argv[2]), 224)) + "\n]"
    )
