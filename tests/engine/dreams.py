"""Stills and films made from plain data, in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dreamer.engine import sources
from dreamer.engine.build import Dream, build, next_state
from dreamer.engine.captured import Recorder
from dreamer.engine.execution import Execution, decide, under
from dreamer.engine.folder import State
from dreamer.engine.preparing import checked
from dreamer.engine.ready import Ready
from dreamer.networks.cards import Card
from dreamer.recipe.parse import recipe_from_tree

FP32 = decide("cpu", "float32")


class Dreamt(NamedTuple):
    """A recipe's parts: what it was made of, its first picture, and its states."""

    ready: Ready
    made: Dream
    source: Tensor
    states: list[State]

    @property
    def image(self) -> Tensor:
        """The last one, `(B, 3, H, W)`."""
        return self.states[-1].image


def dreamt(
    tree: dict[str, Any],
    folder: Path | None = None,
    frames: int = 1,
    execution: Execution = FP32,
    recorder: Recorder | None = None,
    **cards: Card,
) -> Dreamt:
    """The first `frames` of the recipe `tree`, its files relative to `folder`; steps recorded by
    `recorder`.
    """
    small = {"size": 64, "seed": 3, "classify": "off"}
    ready = checked(recipe_from_tree(small | tree, folder), cards)
    size = (ready.plan.height, ready.plan.width)
    states: list[State] = []
    with under(execution), torch.no_grad():
        margin = ready.plan.margin
        source = sources.first_pictures(ready.recipe, size, ready.gathered.source, margin=margin)
        source = source.to(execution.device)
        seed = ready.recipe.words.seed
        made = build(ready.plan, ready.gathered.cards, seed, execution, source, recorder=recorder)
        for index in range(frames):
            before = states[-1] if states else None
            states.append(next_state(made, ready.plan.at(index), before, source))
    return Dreamt(ready, made, source, states)


def saved(path: Path, pixels: np.ndarray) -> str:
    """`pixels` `(H, W)` or `(H, W, 3)` of 0 to 255 as a PNG; its name."""
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path.name


def drawing(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A soft picture `(H, W, 3)` of 0 to 255."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
