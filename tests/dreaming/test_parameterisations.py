"""Each parameterisation shows what its formula says, written again in numpy, and climbs by a true
slope.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from dreamer.dreaming import colour, cppn, fourier, maco, pyramid
from dreamer.dreaming.parameterisation import Parameterisation, Parameters, batched, pixels
from dreamer.engine.spectrum import FILE, natural_spectrum

Make = Callable[..., Parameterisation]
KEPT = 1 + torch.rand(3, 9, 9, generator=torch.Generator().manual_seed(5))


def maco_of(size: tuple[int, int], **rest: object) -> Parameterisation:
    return maco.maco(size, KEPT, **rest)


MAKES: dict[str, Make] = {
    "pixels": pixels,
    "laplacian": pyramid.laplacian,
    "fourier": fourier.fourier,
    "maco": maco_of,
    "cppn": cppn.cppn,
}
INVERTIBLE = ("pixels", "laplacian", "fourier")
every = pytest.mark.parametrize("name", MAKES)
# lucid's matrix, which is over the length of its first column
MATRIX = np.array([[0.26, 0.09, 0.02], [0.27, 0, -0.05], [0.27, -0.09, 0.03]])
MATRIX = MATRIX / np.linalg.norm(MATRIX, axis=0).max()


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def coloured(plane: np.ndarray) -> np.ndarray:
    return np.einsum("dc,bchw->bdhw", MATRIX, plane)


def random_like(parameters: Parameters, seed: int = 0) -> Parameters:
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in parameters)


@every
@pytest.mark.parametrize("size", [(16, 24), (17, 13), (12, 15)])
def test_pictures_have_their_size_and_range(name: str, size: tuple[int, int]) -> None:
    made = MAKES[name](size)
    shown = made.picture(batched([made.start(0), made.start(1)]))
    assert shown.shape == (2, 3, *size)
    assert shown.dtype == torch.float32
    assert 0 <= shown.min() < shown.max() <= 1


@every
def test_a_seed_decides_the_start(name: str) -> None:
    torch.manual_seed(1)
    made = MAKES[name]((16, 20))
    first = made.picture(made.start(7))
    torch.manual_seed(2)
    again = MAKES[name]((16, 20))
    assert torch.equal(first, again.picture(again.start(7)))
    assert not torch.equal(first, again.picture(again.start(8)))


@every
def test_starting_leaves_the_global_chance_alone(name: str) -> None:
    before = torch.random.get_rng_state()
    MAKES[name]((16, 20)).start(3)
    assert torch.equal(before, torch.random.get_rng_state())


@every
def test_pictures_of_a_batch_are_those_alone(name: str) -> None:
    made = MAKES[name]((16, 20), dtype=torch.float64)
    starts = [made.start(seed) for seed in (4, 5)]
    together = made.picture(batched(starts))
    alone = torch.cat([made.picture(start) for start in starts])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


@every
def test_slopes_agree_with_finite_differences(name: str) -> None:
    made = MAKES[name]((6, 7), dtype=torch.float64)
    parameters = tuple(0.3 * p.clone().requires_grad_() for p in random_like(made.start(0)))
    assert torch.autograd.gradcheck(
        lambda *p: made.picture(p), parameters, atol=1e-6, fast_mode=True
    )


@pytest.mark.parametrize("name", INVERTIBLE)
@pytest.mark.parametrize("size", [(24, 32), (25, 31)])
def test_a_picture_comes_back_from_its_parameters(name: str, size: tuple[int, int]) -> None:
    shown = 0.05 + 0.9 * torch.rand(
        2, 3, *size, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    made = MAKES[name](size, dtype=torch.float64)
    assert made.parameters is not None
    parameters = made.parameters(shown)
    assert [p.shape[1:] for p in parameters] == [p.shape[1:] for p in made.start(0)]
    torch.testing.assert_close(made.picture(parameters), shown, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", INVERTIBLE)
def test_black_and_white_have_finite_parameters(name: str) -> None:
    shown = torch.zeros(1, 3, 8, 8)
    shown[..., 4:] = 1
    made = MAKES[name]((8, 8))
    assert made.parameters is not None
    assert all(torch.isfinite(p).all() for p in made.parameters(shown))


@pytest.mark.parametrize("name", ["maco", "cppn"])
def test_some_have_no_way_back(name: str) -> None:
    assert MAKES[name]((8, 8)).parameters is None


@pytest.mark.parametrize("size", [(16, 24), (17, 13), (12, 15)])
def test_fourier_is_lucids_formula(size: tuple[int, int]) -> None:
    made = fourier.fourier(size, dtype=torch.float64)
    (waves,) = random_like(made.start(0))
    height, width = size
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    scale = np.sqrt(width * height) / np.maximum(np.hypot(fy, fx), 1 / max(width, height))
    spectrum = (waves[..., 0].numpy() + 1j * waves[..., 1].numpy()) * scale
    expected = sigmoid(coloured(np.fft.irfft2(spectrum, size) / 4))
    np.testing.assert_allclose(made.picture((waves,)).numpy(), expected, atol=1e-9)


def test_fourier_starts_at_lucids_deviation() -> None:
    (waves,) = fourier.fourier((128, 128)).start(0)
    assert waves.std().item() == pytest.approx(0.01, rel=0.02)


def test_lucids_colours_are_its_matrix() -> None:
    np.testing.assert_allclose(colour.lucid_root().numpy(), MATRIX, atol=1e-12)
    assert 0.26 / colour.lucid_root()[0, 0].item() == pytest.approx(0.46195, abs=5e-6)


def test_pyramid_levels_add_up_to_the_picture() -> None:
    shown = torch.randn(
        1, 3, 37, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    sizes = pyramid.sizes_of((37, 50))
    levels = pyramid.split(shown, sizes)
    assert sizes == [(37, 50), (19, 25), (10, 13)]
    assert [tuple(level.shape[2:]) for level in levels] == sizes
    torch.testing.assert_close(pyramid.merged(levels), shown, rtol=0, atol=1e-12)
    # a soft field is told by the coarsest level, noise by the finest
    soft = torch.linspace(0, 1, 50, dtype=torch.float64).expand(1, 3, 37, 50)
    assert pyramid.split(soft, sizes)[0].abs().max() < 0.02
    assert levels[0].std() > 2 * levels[1].std()


def test_the_pyramid_shows_its_levels_merged() -> None:
    made = pyramid.laplacian((37, 50), dtype=torch.float64)
    levels = random_like(made.start(0))
    expected = sigmoid(coloured(pyramid.merged(levels).numpy()))
    np.testing.assert_allclose(made.picture(levels).numpy(), expected, atol=1e-9)


def maco_reference(phases: np.ndarray, magnitudes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One picture `(3, H, W)` before its colours."""
    phases = (phases - phases.mean()) / (phases.std(ddof=1) + 1e-4)
    plane = np.fft.irfft2(magnitudes * np.exp(1j * phases), size)
    return (plane - plane.mean()) / (plane.std(ddof=1) + 1e-4)


@pytest.mark.parametrize("size", [(16, 24), (17, 13)])
def test_maco_is_its_formula(size: tuple[int, int]) -> None:
    made = maco_of(size, dtype=torch.float64)
    (phases,) = random_like(made.start(0))
    magnitudes = maco.magnitudes_at(KEPT.double(), size).numpy()
    plane = maco_reference(phases[0].numpy(), magnitudes, size)
    np.testing.assert_allclose(
        made.picture((phases,))[0].numpy(), sigmoid(coloured(plane[None]))[0], atol=1e-9
    )


def test_maco_keeps_its_magnitudes_whatever_the_phases() -> None:
    size = (16, 24)
    made = maco_of(size, dtype=torch.float64)
    magnitudes = maco.magnitudes_at(KEPT.double(), size).numpy()
    for seed in range(3):
        (phases,) = random_like(made.start(0), seed)
        shown = torch.logit(made.picture((5 * phases + 1,)))[0].numpy()
        plane = np.einsum("cd,dhw->chw", np.linalg.inv(MATRIX), shown)
        ratio = np.abs(np.fft.rfft2(plane)) / magnitudes
        inside = ratio[:, :, 1:-1]  # what is not told twice
        np.testing.assert_allclose(inside, inside.mean(), rtol=1e-3)
        assert (ratio[:, 1:, [0, -1]] < 1.001 * inside.mean()).all()


def test_magnitudes_of_the_tables_own_size_are_the_tables() -> None:
    """Resized to where it was measured, it is what was measured, if that was mirrored."""
    fy, fx = np.fft.fftfreq(16)[:, None], np.fft.rfftfreq(16)[None]
    measured = torch.from_numpy(
        np.stack([(2 + k + np.cos(9 * fy) + fx) / (0.01 + np.hypot(fy, fx)) for k in range(3)])
    )
    found = maco.magnitudes_at(maco.whitened(measured), (16, 16))
    ratio = (found / measured).flatten(1)[:, 1:]
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio), rtol=1e-5, atol=0)


def test_halves_that_differ_are_averaged() -> None:
    measured = torch.ones(3, 16, 9, dtype=torch.float64)
    measured[:, 3, 2] = 5
    table = maco.whitened(measured)
    assert (table[:, 3, 2] / table[:, 2, 3]).tolist() == pytest.approx([3] * 3)


def test_magnitudes_fall_with_frequency_at_any_size() -> None:
    flat = torch.ones(3, 9, 9, dtype=torch.float64)
    found = maco.magnitudes_at(flat, (200, 300))
    expected = 1 / np.maximum(
        np.hypot(np.fft.fftfreq(200)[:, None], np.fft.rfftfreq(300)[None]), 1 / 300
    )
    np.testing.assert_allclose(found.numpy(), np.stack([expected] * 3), rtol=1e-6)


def test_the_packages_spectrum_is_of_natural_pictures() -> None:
    kept = natural_spectrum()
    assert kept.shape == (3, 33, 33)
    assert kept.min() > 0.1
    assert FILE.stat().st_size < 10_000
    assert kept[0].mean() > kept[1].mean()  # light varies more than hue
    # photographs have more upright and level edges than slanted ones
    assert (kept[:, 0, 16] + kept[:, 16, 0] > 2 * kept[:, 12, 11]).all()


def test_a_cppn_is_its_formula() -> None:
    made = cppn.cppn((4, 6), dtype=torch.float64, hidden=3, layers=2)
    parameters = random_like(made.start(0))
    w = [p[0].numpy() for p in parameters]
    y, x = np.mgrid[0:4, 0:6]
    places = np.stack([x - 2.5, y - 1.5], -1).reshape(-1, 2) * 2 * np.sqrt(3) / 4
    plane = places
    for k in (0, 2):
        plane = plane @ w[k] + w[k + 1]
        plane = np.concatenate(
            [np.tanh(plane) / 0.628, (np.cos(plane) - np.exp(-0.5)) / 0.4469767], -1
        )
    expected = sigmoid((plane @ w[4] + w[5]) @ MATRIX.T).T.reshape(3, 4, 6)
    np.testing.assert_allclose(made.picture(parameters)[0].numpy(), expected, atol=1e-6)


def test_a_cppns_units_have_mean_0_and_variance_1() -> None:
    x = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))
    units = cppn.bent(x)
    assert units.mean(0).tolist() == pytest.approx([0, 0], abs=0.01)
    assert units.std(0).tolist() == pytest.approx([1, 1], abs=0.01)


def test_a_cppn_draws_the_same_at_any_size() -> None:
    small, large = (
        cppn.cppn((16, 24), dtype=torch.float64),
        cppn.cppn((48, 72), dtype=torch.float64),
    )
    parameters = small.start(3)
    torch.testing.assert_close(  # the middle of each block of nine is the pixel it stands for
        large.picture(parameters)[:, :, 1::3, 1::3], small.picture(parameters), rtol=0, atol=1e-12
    )
