"""Shadows against Gaussians written out."""

from __future__ import annotations

import numpy as np
import pytest

from dreamer.draw.shadows import Shadow, blurred, reach, shade


@pytest.mark.parametrize("sigma", [0.3, 0.8, 1.5, 4.0, 11.3])
def test_a_point_becomes_a_gaussian_of_exactly_that_spread(sigma: float) -> None:
    middle = 80
    plane = np.zeros((161, 161), np.float32)
    plane[middle, middle] = 1
    found = blurred(plane, sigma).astype(float)
    assert found.sum() == pytest.approx(1, abs=1e-5)
    away = np.arange(161) - middle
    across = found.sum(0)
    assert (across * away**2).sum() == pytest.approx(sigma**2, rel=1e-4)
    np.testing.assert_allclose(found, found.T, atol=1e-9)
    assert not found[:, : middle - reach(sigma)].any()
    if sigma > 1:
        expected = np.exp(-(away**2) / (2 * sigma**2))
        expected /= expected.sum()
        assert np.abs(across - expected).max() < 0.07 * expected.max()


def test_even_ground_stays_even_to_its_edges() -> None:
    np.testing.assert_allclose(blurred(np.full((3, 9, 200), 0.7), 5.0), 0.7, atol=1e-6)


def test_a_shadow_is_larger_than_its_piece_and_as_strong_as_said() -> None:
    alpha = np.ones((60, 80), np.float32)
    shadow = Shadow(blur=10, alpha=0.4)
    found = shade(alpha, shadow)
    m = shadow.margin
    assert found.shape == (60 + 2 * m, 80 + 2 * m)
    assert found[m + 30, m + 40] == pytest.approx(0.4, abs=1e-4)
    assert found[m, m + 40] == pytest.approx(0.2, abs=0.02)  # half of it at the edge
    assert found[0].max() < 1e-3
    assert len(np.unique(np.round(found[:, m + 40], 7))) > 25  # no steps


def test_a_hard_shadow_is_the_piece_itself() -> None:
    alpha = np.random.default_rng(0).random((5, 6)).astype(np.float32)
    np.testing.assert_allclose(shade(alpha, Shadow(blur=0, alpha=1)), alpha)


def test_a_canvas_twice_as_large_has_all_of_it_twice() -> None:
    found = Shadow((1, -2), 3, "navy", 0.2).scaled(2)
    assert found == Shadow((2, -4), 6, "navy", 0.2)


def test_what_cannot_be_meant_is_said() -> None:
    with pytest.raises(ValueError, match="an alpha from 0 to 1, not 12 and 5"):
        Shadow(alpha=5)
