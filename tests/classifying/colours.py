"""A network whose scores can be reckoned by hand: a softmax of the mean colour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from dreamer.networks.cards import Card
from dreamer.networks.modules import from_module

CLASSES = ("red", "green", "blue", "yellow")
GROUPS = ("warm", "cold", "cold", "warm")
HEAD = np.array([[3, -1, -1], [-1, 3, -1], [-1, -1, 3], [1.5, 1.2, -2]], np.float32)
RGB = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}


class Colours(nn.Module):
    def __init__(self, head: np.ndarray) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1, bias=False)
        self.relu = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(3, len(head), bias=False)
        with torch.no_grad():
            self.conv.weight.copy_(torch.eye(3)[:, :, None, None])
            self.head.weight.copy_(torch.from_numpy(head))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.flatten(self.pool(self.relu(self.conv(x))), 1))


def colour_card(
    classes: tuple[str, ...] = CLASSES,
    groups: tuple[str, ...] = GROUPS,
    name: str = "colours",
    head: np.ndarray = HEAD,
) -> Card:
    module = Colours(head).eval()
    card = from_module(module, name, native=16, mean=(0, 0, 0), std=(1, 1, 1), classes=classes)
    return replace(card, groups=groups)


def by_hand(rgb: tuple[int, int, int], head: np.ndarray = HEAD) -> np.ndarray:
    """What the network says of a picture all of one colour."""
    logits = head @ (np.array(rgb) / 255)
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def painted(path: Path, rgb: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, rgb).save(path)
    return path
