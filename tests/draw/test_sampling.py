"""Places between pixels, worked out one by one."""

from __future__ import annotations

import numpy as np
import pytest

from dreamer.draw.sampling import sampled


@pytest.fixture
def raster() -> np.ndarray:
    return np.random.default_rng(2).random((7, 9, 4)).astype(np.float32)


def keys(x: float) -> float:
    """Keys' cubic of a = −½, which Catmull–Rom's weights are."""
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def test_as_the_cubic_says(raster: np.ndarray) -> None:
    chance = np.random.default_rng(3)
    u, v = chance.uniform(-2, 11, 60), chance.uniform(-2, 9, 60)
    found = sampled(raster, u, v)
    for n in range(60):
        expected = np.zeros(4)
        for y in range(-6, 16):
            for x in range(-6, 18):
                weight = keys(u[n] - x - 0.5) * keys(v[n] - y - 0.5)
                expected += weight * raster[np.clip(y, 0, 6), np.clip(x, 0, 8)]
        np.testing.assert_allclose(found[n], expected, atol=1e-5)


def test_pixels_stay_what_they_are(raster: np.ndarray) -> None:
    v, u = np.mgrid[0:7, 0:9] + 0.5
    np.testing.assert_allclose(sampled(raster, u.ravel(), v.ravel()), raster.reshape(-1, 4))


def test_a_place_is_the_same_whatever_else_is_asked(raster: np.ndarray) -> None:
    chance = np.random.default_rng(5)
    u, v = chance.uniform(0, 9, 20_000), chance.uniform(0, 7, 20_000)
    whole = sampled(raster, u, v)
    for start, end in ((0, 1), (1, 5), (17, 9000), (8191, 20_000)):
        assert np.array_equal(whole[start:end], sampled(raster, u[start:end], v[start:end]))
