"""Pictures dreamt on as logits, pyramids and Fourier coefficients: nothing is lost on the way there
and back, black and white included, in any number of octaves.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from whole_climbs import Tiny, card_of, climbed

from dreamer.draw.noise import plasma

SIZE = (45, 62)


def photograph() -> Tensor:
    """Soft in its middle, with a black, a white and a red edge."""
    picture = plasma(*SIZE, 3)
    picture[..., :8], picture[..., -8:] = 0, 1
    picture[:, :, :8, 8:-8] = torch.tensor([1.0, 0, 0])[:, None, None]
    return picture


def dreamt(way: str, **ascent: Any) -> Tensor:
    words = {"begin": "frame", "parameterisation": way, "octaves": 2, "transforms": "none"}
    tree = {
        "target": {"layer": "three", "objective": "mean_square"},
        "ascent": {"preset": "lucid", "jitter": 3, **words, **ascent},
    }
    return climbed(tree, card_of(Tiny(4), 2.0, 0.0), photograph())


every = pytest.mark.parametrize("way", ["logits", "pyramid", "fourier"])


@every
def test_no_steps_give_back_the_very_picture(way: str) -> None:
    torch.testing.assert_close(dreamt(way, steps=0), photograph(), rtol=0, atol=1e-6)


@every
def test_steps_of_no_length_move_no_pixel_by_half_a_level(way: str) -> None:
    away = (dreamt(way, steps=3, step=0) - photograph()).abs()
    assert away.max() < 0.5 / 255
    assert away[:, :, 12:-4, 12:-12].max() < 1e-5, "nor anything but black and white"


@every
def test_a_dream_neither_greys_nor_leaves_the_range(way: str) -> None:
    found, source = dreamt(way, steps=8, step=0.02), photograph()
    assert found.min() >= 0
    assert found.max() <= 1
    assert found.std() > source.std()
    assert (found.mean() - source.mean()).abs() < 0.05
    assert (found - source).abs().max() > 0.05
    assert (found - source)[..., :6].abs().max() < 0.02, "black edges stay black"
