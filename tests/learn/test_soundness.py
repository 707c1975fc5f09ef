"""Measurements of networks find what was hidden for them, and nothing where nothing is."""

from __future__ import annotations

import math

import pytest
import torch

from dreamer.learn.soundness import dead_channels, participation_ratio, stride_peak

SIDE = 64


def features(channels: int) -> torch.Tensor:
    return torch.randn(100, channels, 4, 4, generator=torch.Generator().manual_seed(0))


def test_as_many_features_as_differ() -> None:
    own = features(8)
    assert participation_ratio(own) == pytest.approx(8, abs=0.1)
    assert participation_ratio(own.repeat(1, 3, 1, 1)) == pytest.approx(8, abs=0.1)
    assert participation_ratio(own[:, :1].expand(-1, 8, -1, -1)) == pytest.approx(1)
    loudness = torch.logspace(-3, 3, 8)[:, None, None]
    assert participation_ratio(own * loudness + 5) == pytest.approx(participation_ratio(own))


@pytest.mark.parametrize("dead", [0, 1, 5, 8])
def test_channels_that_say_nothing_are_counted(dead: int) -> None:
    activation = features(8)
    activation[:, :dead] = 0.3
    assert dead_channels(activation) == dead


@pytest.mark.parametrize(("k", "m"), [(0, 4), (4, 4), (2, 0), (1, 1), (1, -1), (2, -1), (3, -2)])
def test_a_grid_in_a_gradient_is_a_peak(k: int, m: int) -> None:
    noise = torch.randn(4, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    down, right = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    grid = torch.cos(2 * math.pi * (k * down + m * right) / 8)
    assert stride_peak(lambda pictures: pictures, noise) < 2.5
    assert stride_peak(lambda pictures: pictures + 0.5 * grid, noise) > 10
