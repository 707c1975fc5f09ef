"""What is carried along a film does not flicker, at the same strength of dream."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from filmed import film, pan, place
from kept_frames import pictures_of

from dreamer.dreaming.carrying import motion_of
from dreamer.dreaming.flicker import flicker
from dreamer.engine.folder import Folder
from dreamer.engine.footage import frames_of
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.recipe.parse import recipe_from_tree

COUNT = 12


def moving(path: Path) -> Path:
    """A pan over clouds, a patch of others going the other way before it, and noise."""
    rng, other = np.random.default_rng(3), place(9)
    frames = []
    for k, frame in enumerate(pan(place(4), COUNT, 3)):
        there = frame.copy()
        there[20:52, 80 - 4 * k : 112 - 4 * k] = other[30:62, 50:82]
        noisy = there + rng.normal(0, 2, there.shape)
        frames.append(noisy.round().clip(0, 255).astype(np.uint8))
    return film(path, frames, 12, ("-c:v", "libx264", "-crf", 18))


def test_flow_takes_more_than_half_of_the_flicker(tmp_path: Path) -> None:
    source = [
        torch.from_numpy(p)[None] for p in frames_of(moving(tmp_path / "a.mp4"), range(COUNT))
    ]
    motions = [motion_of(after, before) for before, after in pairwise(source)]

    def dreamt(name: str, **words: Any) -> tuple[float, float]:
        """How far from its source the dream is, and how much it flickers more than that."""
        tree = {"source": {"video": "a.mp4"}, "target": "inception_3b", "classify": "off"} | words
        folder = Folder(tmp_path / name)
        render_into(folder, prepare(folder, checked(recipe_from_tree(tree, tmp_path))))
        shown = [torch.from_numpy(p)[None] for p in pictures_of(folder)]
        far = fmean(float((a - b).square().mean()) for a, b in zip(shown, source, strict=True))
        return far**0.5, fmean(flickers(shown)) - fmean(flickers(source))

    def flickers(shown: list[torch.Tensor]) -> list[float]:
        pairs = zip(pairwise(shown), motions, strict=True)
        return [flicker(after, before, motion) for (before, after), motion in pairs]

    far, calm = dreamt("flow", ascent={"octaves": 2, "first_steps": 12, "steps": 2, "step": 1.5})
    alone = {"octaves": 2, "steps": 6, "step": 3.3}
    near, restless = dreamt("alone", follow={"flow": False}, ascent=alone)
    assert 0.9 * far < near < 1.1 * far
    assert calm < 0.5 * restless
