"""What a network sees in whole pictures, as one row of numbers each: by these they are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image

from dreamer.engine.execution import Execution, under
from dreamer.engine.perceive import cut, normaliser
from dreamer.engine.scores import exact, fit
from dreamer.networks.blocks import blocks
from dreamer.networks.cards import Card
from dreamer.networks.trace import Point


def describer(card: Card, execution: Execution) -> Callable[[Sequence[Image.Image]], np.ndarray]:
    """A function from RGB pictures of any sizes to `(N, D)` float32: the mean activations of the
    last block before the class head, computed under `exact(execution)`.
    """
    execution = exact(execution)
    network = cut(card, [Point(blocks(card)[-1].name)], execution)
    normalised = normaliser(card, execution)

    def described(pictures: Sequence[Image.Image]) -> np.ndarray:
        levels = (torch.from_numpy(np.array(p)).permute(2, 0, 1)[None] / 255 for p in pictures)
        with torch.no_grad(), under(execution):
            batch = torch.cat([fit(one, card) for one in levels])
            (seen,) = network(normalised(batch.to(execution.device)))
            means: np.ndarray = seen.float().mean((2, 3)).cpu().numpy()
        return means

    return described
