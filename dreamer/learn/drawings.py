"""Motifs as training pictures: a bank drawn once from a seed, on the device that learns."""

from __future__ import annotations

import torch

from dreamer.draw.motifs.catalogue import MOTIFS
from dreamer.draw.motifs.scene import BACKGROUND, scene
from dreamer.learn.squares import Squares

GROUP = "motifs"
# Seeds no recipe may say.
HELD_OUT = {"validation": 1_000_000_007, "test": 1_000_000_008, "atlas": 1_000_000_009}
AT_ONCE = 50


def draw_bank(each: int, side: int, seed: int, device: torch.device) -> Squares:
    """`each` pictures of every motif and of the background, `(side, side)`; the same for the same
    seed on the same kind of device.
    """
    names = (*MOTIFS, BACKGROUND)
    generator = torch.Generator(device).manual_seed(seed)
    pictures = torch.empty((len(names) * each, 3, side, side), dtype=torch.uint8, device=device)
    for number, name in enumerate(names):
        for start in range(0, each, AT_ONCE):
            count = min(AT_ONCE, each - start)
            drawn = scene(name, count, (side, side), generator)
            place = number * each + start
            pictures[place : place + count] = (drawn * 255).round().to(torch.uint8)
    labels = torch.arange(len(names), device=device).repeat_interleave(each)
    return Squares(pictures, labels, names, (GROUP,) * len(names))
