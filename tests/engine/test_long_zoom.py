"""Three thousand frames of a zoom: it stays as sharp and as colourful as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from dreams import FP32

from dreamer.dreaming.oklab import oklab_of_srgb
from dreamer.engine import sources
from dreamer.engine.build import build, next_state
from dreamer.engine.execution import under
from dreamer.engine.preparing import checked
from dreamer.recipe.parse import recipe_from_tree

# Frames, and how many are averaged at both ends: what is dreamt comes and goes, and the colours of
# 200 frames anywhere in such a film are spread from 0.6 to 1.3 of those of the first.
FRAMES, AROUND = 3000, 800
FILM: dict[str, Any] = {
    "seed": 7,
    "size": [96, 64],
    "source": {"noise": "plasma"},
    "target": "inception_3b",
    "ascent": {"first_steps": 12, "steps": 2, "octaves": 2, "hold": 0.1},
    "motion": {"zoom": 1.25, "rotate": {"expr": "5*sin(tau*t/9)"}, "wobble": {"move": 0.01}},
    "length": FRAMES,
    "fps": 24,
    "classify": "off",
}
BANDS = ((0.08, 0.16), (0.16, 0.28), (0.28, 0.45))  # waves a pixel


def spectrum(picture: np.ndarray) -> np.ndarray:
    """Power of the lightness of `(3, H, W)` in each band, under a window."""
    light = picture.mean(0) - picture.mean()
    window = np.hanning(light.shape[0])[:, None] * np.hanning(light.shape[1])[None]
    power = np.abs(np.fft.fft2(light * window)) ** 2
    down, across = (np.fft.fftfreq(n) for n in light.shape)
    waves = np.hypot(down[:, None], across[None])
    return np.array([power[(waves >= low) & (waves < high)].sum() for low, high in BANDS])


def colours(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of lightness and the two colour axes."""
    lab = oklab_of_srgb(torch.from_numpy(picture)[None])[0].flatten(1).numpy()
    return lab.mean(1), lab.std(1)


@pytest.mark.slow
def test_frame_three_thousand_is_as_sharp_and_as_colourful_as_frame_one_hundred() -> None:
    ready = checked(recipe_from_tree(FILM))
    source = sources.first_pictures(ready.recipe, (64, 96), None)
    made = build(ready.plan, ready.gathered.cards, 7, FP32, source)
    seen: dict[str, list[np.ndarray]] = {"early": [], "late": []}
    state = None
    with under(FP32), torch.no_grad():
        for index in range(FRAMES):
            state = next_state(made, ready.plan.at(index), state, source)
            when = "early" if index < AROUND else "late" if index >= FRAMES - AROUND else None
            if when is not None:
                seen[when].append(state.image[0].numpy())
    power = {when: np.mean([spectrum(p) for p in shown], 0) for when, shown in seen.items()}
    ratio = power["late"] / power["early"]
    assert (ratio > 0.4).all(), ratio  # no softer; what is dreamt changes, and its spectrum with it
    assert (ratio < 2.5).all(), ratio  # and nothing blown up
    for mean in power.values():  # what is seen bilinearly has 0.011 here, after 100 frames
        assert 0.025 < mean[2] / mean[0] < 0.06, mean
    tones = {
        w: [np.mean(x, 0) for x in zip(*map(colours, s), strict=True)] for w, s in seen.items()
    }
    moved = np.abs(tones["late"][0] - tones["early"][0])
    spread = tones["late"][1] / tones["early"][1]
    assert moved.max() < 0.06, moved
    assert (spread > 0.6).all(), spread
    assert (spread < 1.6).all(), spread
