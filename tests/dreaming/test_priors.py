"""What a picture pays, how it is smoothed, and how a slope is evened out between scales."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from dreamer.dreaming import priors
from dreamer.dreaming.penalties import l1, l2, total_variation
from dreamer.dreaming.smoothing import gaussian


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_total_variation_is_its_formula() -> None:
    x, eps = noise(2, 3, 6, 7).numpy(), 1e-3
    expected = np.zeros(2)
    for b, c, i, j in np.ndindex(2, 3, 6, 7):
        down = x[b, c, i + 1, j] - x[b, c, i, j] if i < 5 else 0
        across = x[b, c, i, j + 1] - x[b, c, i, j] if j < 6 else 0
        expected[b] += (np.sqrt(down**2 + across**2 + eps**2) - eps) / 126
    np.testing.assert_allclose(total_variation(torch.from_numpy(x)), expected)


def test_a_plain_picture_costs_nothing() -> None:
    plain = torch.full((2, 3, 8, 9), 0.3, dtype=torch.float64, requires_grad=True)
    cost = total_variation(plain)
    assert cost.tolist() == [0, 0]
    cost.sum().backward()
    assert plain.grad is not None
    assert plain.grad.abs().max() == 0  # and its slope is finite


def test_an_edge_costs_its_height_whatever_its_direction() -> None:
    y, x = (torch.arange(128, dtype=torch.float64) - 63.5 for _ in range(2))
    disc = ((y[:, None].square() + x.square()).sqrt() < 30).double()
    soft = gaussian(disc.expand(1, 3, -1, -1), 2.5)
    perimeter = total_variation(soft, 1e-6).item() * 128 * 128
    assert perimeter == pytest.approx(2 * np.pi * 30, rel=0.01)


def test_l1_and_l2_are_their_formulas() -> None:
    x = noise(2, 3, 4, 5)
    np.testing.assert_allclose(l1(x), np.abs(x.numpy() - 0.5).mean((1, 2, 3)))
    np.testing.assert_allclose(l2(x), ((x.numpy() - 0.5) ** 2).mean((1, 2, 3)))
    near = noise(2, 3, 4, 5, seed=1)
    np.testing.assert_allclose(l2(x, near), ((x - near).numpy() ** 2).mean((1, 2, 3)))


@pytest.mark.parametrize("penalty", [total_variation, l1, l2])
def test_slopes_agree_with_finite_differences(
    penalty: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    assert torch.autograd.gradcheck(penalty, (noise(2, 3, 5, 6).requires_grad_(),))


def gaussian_reference(x: np.ndarray, sigma: float) -> np.ndarray:
    """`scipy.ndimage.gaussian_filter` on the last two axes: cut after 4 σ, edges mirrored."""
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel /= kernel.sum()
    for axis in (2, 3):
        margins = [(0, 0)] * 4
        margins[axis] = (reach, reach)
        wide = np.pad(x, margins, "symmetric")
        count = x.shape[axis]
        x = sum(k * np.take(wide, range(n, n + count), axis) for n, k in enumerate(kernel))
    return x


@pytest.mark.parametrize("sigma", [0.3, 0.78, 2.5])
def test_smoothing_is_scipys(sigma: float) -> None:
    x = noise(2, 3, 17, 12)
    np.testing.assert_allclose(gaussian(x, sigma), gaussian_reference(x.numpy(), sigma))


def test_a_sigma_on_the_device_is_the_same_sigma() -> None:
    x = noise(1, 3, 30, 40)
    expected = gaussian_reference(x.numpy(), 1.5)
    found = gaussian(x, torch.tensor(1.5, dtype=torch.float64), reach=12)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    with pytest.raises(ValueError, match="reach"):
        gaussian(x, torch.tensor(1.5))


@pytest.mark.parametrize("sigma", [0.0, torch.zeros((), dtype=torch.float64)])
def test_no_smoothing_changes_nothing(sigma: float | torch.Tensor) -> None:
    x = noise(1, 3, 9, 9)
    assert torch.equal(gaussian(x, sigma, reach=3), x)
    assert gaussian(x, 0.0) is x


@pytest.mark.parametrize("sigma", [0.8, 5.0, 100.0])
def test_smoothing_keeps_plain_pictures_and_means(sigma: float) -> None:
    plain = torch.full((1, 3, 12, 10), 0.3, dtype=torch.float64)
    torch.testing.assert_close(gaussian(plain, sigma), plain)
    x = noise(1, 3, 12, 10)
    torch.testing.assert_close(gaussian(x, sigma).mean(), x.mean(), rtol=0, atol=1e-2)


def test_smoothing_has_a_true_slope() -> None:
    x = noise(1, 2, 6, 7).requires_grad_()
    sigma = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda p, s: gaussian(p, s, 3), (x, sigma))


@pytest.mark.parametrize("name", priors.NORMALISATIONS)
def test_a_normalised_slope_has_size_one(name: str) -> None:
    """Of each picture by itself, however steep it was."""
    steepness = torch.tensor([1e-6, 1e6], dtype=torch.float64).view(2, 1, 1, 1)
    found = priors.NORMALISATIONS[name](steepness * noise(2, 3, 4, 5)).flatten(1)
    size = {"mean_abs": found.abs().mean(1), "std": found.std(1)}[name]
    assert size.tolist() == pytest.approx([1, 1])


def test_normalising_knows_no_number_of_axes() -> None:
    flat = noise(2, 7)
    for normalise in priors.NORMALISATIONS.values():
        expected = normalise(flat.view(2, 7, 1, 1)).flatten(1)
        torch.testing.assert_close(normalise(flat), expected)


LINE = np.array([1.0, 4, 6, 4, 1]) / 16


def halved(x: np.ndarray) -> np.ndarray:
    """TensorFlow's convolution of stride 2 with SAME padding, `(C, H, W)`, pixel by pixel."""
    _, height, width = x.shape
    out = np.zeros((len(x), -(-height // 2), -(-width // 2)))
    for i, j in np.ndindex(*out.shape[1:]):
        for di, dj in np.ndindex(5, 5):
            y = 2 * i + di - (2 if height % 2 else 1)
            across = 2 * j + dj - (2 if width % 2 else 1)
            if 0 <= y < height and 0 <= across < width:
                out[:, i, j] += LINE[di] * LINE[dj] * x[:, y, across]
    return out


def doubled(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Its transpose, times 4."""
    height, width = size
    out = np.zeros((len(x), height, width))
    for i, j in np.ndindex(*x.shape[1:]):
        for di, dj in np.ndindex(5, 5):
            y = 2 * i + di - (2 if height % 2 else 1)
            across = 2 * j + dj - (2 if width % 2 else 1)
            if 0 <= y < height and 0 <= across < width:
                out[:, y, across] += 4 * LINE[di] * LINE[dj] * x[:, i, j]
    return out


def lap_normalize(x: np.ndarray, levels: int) -> np.ndarray:
    parts = []
    for _ in range(levels):
        low = halved(x)
        parts.append(x - doubled(low, x.shape[1:]))
        x = low
    parts.append(x)
    parts = [p / max(np.sqrt((p**2).mean()), 1e-10) for p in parts]
    out = parts.pop()
    for part in reversed(parts):
        out = doubled(out, part.shape[1:]) + part
    return out


@pytest.mark.parametrize(("size", "levels"), [((32, 24), 2), ((33, 26), 4), ((21, 35), 3)])
def test_evening_scales_is_the_tutorials(size: tuple[int, int], levels: int) -> None:
    gradient = noise(2, 3, *size) * torch.tensor([1.0, 1e-4]).view(2, 1, 1, 1)
    found = priors.by_scales(gradient, levels)
    for ours, picture in zip(found, gradient, strict=True):
        np.testing.assert_allclose(ours, lap_normalize(picture.numpy(), levels), atol=1e-10)


def test_evening_scales_raises_what_is_large_and_faint() -> None:
    wave = torch.sin(torch.arange(128, dtype=torch.float64) / 128 * 2 * np.pi)
    gradient = noise(1, 3, 128, 128) + 0.1 * wave
    before, after = ((x * wave).mean() / x.std() for x in (gradient, priors.by_scales(gradient)))
    assert after > 3 * before


def test_evening_nothing_is_nothing() -> None:
    assert torch.equal(priors.by_scales(torch.zeros(1, 3, 32, 32)), torch.zeros(1, 3, 32, 32))
