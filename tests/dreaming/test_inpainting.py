"""Dreaming inside a mask, and transparency where nothing was looked at."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamer.dreaming import attribution, inpainting

RNG = np.random.default_rng(4)


def disc(side: int, radius: float) -> torch.Tensor:
    line = torch.arange(side) - (side - 1) / 2
    return (line[:, None] ** 2 + line**2 <= radius**2).float()[None, None]


def test_the_rest_is_untouched_to_the_bit() -> None:
    source, dream = (torch.from_numpy(RNG.uniform(0, 1, (2, 3, 40, 40))).float() for _ in range(2))
    dream[..., 0] = float("nan")
    mask = inpainting.feathered(disc(40, 12), 6)
    outside = (disc(40, 12) == 0).expand_as(source)
    for way in (inpainting.blended, inpainting.kept_outside):
        found = way(source, dream, mask)
        assert torch.equal(found[outside], source[outside])
        assert torch.equal(found[:, :, 20, 20], dream[:, :, 20, 20])
        assert not (found == source)[~outside].any()
    between = inpainting.blended(source, dream, mask)[:, :, 20, 10]
    part = mask[0, 0, 20, 10]
    assert 0 < part < 1
    torch.testing.assert_close(
        between, source[:, :, 20, 10] * (1 - part) + dream[:, :, 20, 10] * part
    )


def test_feathers_follow_the_distance_to_the_edge() -> None:
    radius = 10
    line = torch.arange(101) - 50.0
    depth = 40 - (line[:, None] ** 2 + line**2).sqrt()
    found = inpainting.feathered(disc(101, 40), radius)[0, 0]
    part = (depth / radius).clamp(0, 1)
    expected = part * part * (3 - 2 * part)
    assert (found - expected).abs().max() < 0.25  # a pixel's width, and an octagon's corners
    assert (found - expected).abs().mean() < 0.02
    assert torch.equal(found > 0, disc(101, 40)[0, 0] > 0), (
        "where it is 0 it stays 0, elsewhere not"
    )
    assert (found[50, :51].diff() >= 0).all()


def test_feathers_keep_whole_masks_greys_and_lines() -> None:
    assert torch.equal(inpainting.feathered(torch.ones(1, 1, 9, 9), 4), torch.ones(1, 1, 9, 9))
    torch.testing.assert_close(
        inpainting.feathered(torch.full((1, 1, 9, 9), 0.3), 4), torch.full((1, 1, 9, 9), 0.3)
    )
    mask = disc(9, 3)
    assert inpainting.feathered(mask, 0) is mask
    thin = torch.zeros(1, 1, 9, 9)
    thin[..., 4] = 1
    assert (inpainting.feathered(thin, 3)[..., 4] > 0.2).all()


def test_masks_shrink_by_their_means() -> None:
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    small = inpainting.resized(mask, (2, 2))
    assert small.amin() >= 0
    assert small[0, 0, 0].tolist() == pytest.approx([1, 0], abs=0.2)
    assert inpainting.resized(mask, (8, 8)).equal(mask)
    assert inpainting.resized(mask, (4, 4)).mean().item() == pytest.approx(0.5)


def test_attribution_adds_absolute_slopes() -> None:
    slopes = torch.from_numpy(RNG.normal(size=(3, 2, 3, 5, 6)))
    total = torch.zeros(2, 1, 5, 6, dtype=torch.float64)
    for slope in slopes:
        total = attribution.attributed(total, slope)
    np.testing.assert_allclose(total[:, 0], np.abs(slopes.numpy()).sum((0, 2)))


@pytest.mark.parametrize("percent", [0, 1, 33.3, 80, 100])
def test_percentiles_are_numpys(percent: float) -> None:
    values = RNG.normal(size=(2, 301))
    found = attribution.percentile(torch.from_numpy(values), percent)
    np.testing.assert_allclose(found, np.percentile(values, percent, axis=1))


def test_opacity_runs_between_the_percentiles() -> None:
    values = RNG.exponential(size=(2, 1, 30, 40)) * np.array([1.0, 1e-9])[:, None, None, None]
    found = attribution.opacity(torch.from_numpy(values), 1, 80, blur=0)
    low, high = (np.percentile(values, p, axis=(1, 2, 3), keepdims=True) for p in (1, 80))
    np.testing.assert_allclose(found, np.clip((values - low) / (high - low), 0, 1), atol=1e-12)
    assert (found == 1).double().mean().item() == pytest.approx(0.2, abs=0.01)


def test_opacity_is_smoothed_by_a_gaussian() -> None:
    point = torch.zeros(1, 1, 31, 31, dtype=torch.float64)
    point[..., 15, 15] = 1
    found = attribution.blurred(point, 2.0)[0, 0].numpy()
    line = np.exp(-((np.arange(31) - 15.0) ** 2) / 8)
    np.testing.assert_allclose(found, np.outer(line, line) / line.sum() ** 2, atol=2e-4)
    even = torch.full((1, 1, 5, 7), 0.3)
    torch.testing.assert_close(attribution.blurred(even, 3.0), even)
    rough = torch.from_numpy(RNG.exponential(size=(1, 1, 40, 40)))
    steps = [attribution.opacity(rough, blur=b).diff(dim=3).abs().mean() for b in (0.0, 2.0)]
    assert steps[1] < 0.5 * steps[0]


def test_a_picture_looked_at_evenly_is_opaque() -> None:
    for level in (0.0, 3.0):
        assert (attribution.opacity(torch.full((1, 1, 9, 9), level)) == 1).all()


@pytest.mark.parametrize(
    ("low", "high", "blur"), [(80, 1, 1), (-1, 80, 1), (1, 101, 1), (1, 80, -1)]
)
def test_wrong_numbers_are_named(low: float, high: float, blur: float) -> None:
    with pytest.raises(ValueError, match=r"percentiles|blur"):
        attribution.opacity(torch.rand(1, 1, 4, 4), low, high, blur)
