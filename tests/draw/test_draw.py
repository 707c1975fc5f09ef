"""Noises and drawings: pure functions of size and seed, soft, unclipped, with the spectra their
names promise.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamer.draw.noise import NOISES
from dreamer.draw.plot import curves, ticks
from dreamer.draw.procedural import PROCEDURALS

ALL = {**NOISES, **PROCEDURALS}


@pytest.mark.parametrize("name", ALL)
def test_a_seed_decides_all_and_torch_chance_nothing(name: str) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = ALL[name](40, 60, 5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(ALL[name](40, 60, 5), first)
    assert not torch.equal(ALL[name](40, 60, 6), first)
    assert first.shape == (1, 3, 40, 60)
    assert first.dtype == torch.float32
    assert first.min() >= 0
    assert first.max() <= 1


@pytest.mark.parametrize("name", NOISES)
def test_noises_are_mid_grey_and_unclipped(name: str) -> None:
    picture = NOISES[name](200, 300, 3)
    assert abs(picture.mean().item() - 0.5) < 0.03
    assert 0.08 < picture.std().item() < 0.2
    assert ((picture < 0.01) | (picture > 0.99)).float().mean() < 1e-3


@pytest.mark.parametrize(("name", "exponent"), [("white", 0), ("pink", 1), ("brown", 2)])
def test_spectra_fall_as_named(name: str, exponent: float) -> None:
    power = np.zeros(128)
    for seed in range(4):
        grey = NOISES[name](256, 256, seed)[0].mean(0).numpy()
        spectrum = np.abs(np.fft.fft2(grey - grey.mean()))
        power += spectrum[0, :128] + spectrum[:128, 0]
    low, high = power[4:12].mean(), power[40:120].mean()
    ratio = np.mean(1 / np.arange(4, 12) ** exponent) / np.mean(1 / np.arange(40, 120) ** exponent)
    assert low / high == pytest.approx(ratio, rel=0.35)


def test_plasma_is_the_same_composition_at_another_size() -> None:
    small = NOISES["plasma"](60, 90, 2)
    large = NOISES["plasma"](240, 360, 2)
    shrunk = torch.nn.functional.interpolate(large, size=(60, 90), mode="area")
    stacked = torch.stack([small.flatten(), shrunk.flatten()])
    assert torch.corrcoef(stacked)[0, 1] > 0.97


def test_ticks_are_round() -> None:
    assert ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert ticks(3, 17) == [5, 10, 15]


def test_a_chart_shows_its_lines_where_their_values_are() -> None:
    chart = curves({"up": [(0, 0), (10, 1)]}, "t", "x", "y", (0, 1), (600, 300))
    pixels = np.asarray(chart).astype(int)
    blue = (pixels[..., 2] - pixels[..., 0] > 100)[:, :390]
    rows = [np.flatnonzero(blue[:, x]).mean() for x in (100, 200, 300)]
    assert rows[0] > rows[1] + 20 > rows[2] + 40


def test_a_chart_of_nothing_and_of_one_point() -> None:
    assert curves({}, "", "", "").size == (960, 480)
    assert curves({"a": [(0, 0.5)]}, "", "", "").size == (960, 480)
