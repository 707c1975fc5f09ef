"""Light and levels by the published formulas, written out once more in Python's floats."""

from __future__ import annotations

import numpy as np
import pytest

from dreamer.draw.lab import lab_of_srgb, srgb_of_lab, tinted
from dreamer.draw.light import linear_of_srgb, luminance, srgb_of_linear


def light_of(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def test_every_16_bit_level_gives_off_its_light_and_comes_back() -> None:
    levels = np.arange(65536) / 65535
    light = linear_of_srgb(levels)
    assert light.dtype == np.float32
    np.testing.assert_allclose(light, [light_of(level) for level in levels], atol=1e-6)
    np.testing.assert_allclose(srgb_of_linear(light), levels, atol=1e-6)


def test_small_light_is_a_straight_line() -> None:
    light = np.array([0.0, 0.001, 0.003])
    np.testing.assert_allclose(srgb_of_linear(light), [0, 0.01292, 0.03876], rtol=1e-5)
    np.testing.assert_allclose(srgb_of_linear(np.array([-1.0, 2.0])), [0, 1], atol=1e-7)


def test_a_level_is_the_same_light_in_any_company() -> None:
    """Or bands of a picture would not fit each other."""
    levels = np.random.default_rng(0).random((3, 61, 67)).astype(np.float32)
    for change in (linear_of_srgb, srgb_of_linear, lab_of_srgb):
        whole = change(levels)
        for top, bottom in ((0, 1), (1, 8), (8, 61)):
            assert np.array_equal(whole[:, top:bottom], change(levels[:, top:bottom]))
        for left, right in ((0, 1), (3, 67)):
            assert np.array_equal(whole[..., left:right], change(levels[..., left:right]))


def test_luminance_is_what_the_primaries_say() -> None:
    colours = np.eye(3, dtype=np.float32)
    np.testing.assert_allclose(luminance(colours), [0.2126, 0.7152, 0.0722], atol=1e-6)


@pytest.mark.parametrize(
    ("levels", "lab"),  # Lindbloom's calculator, sRGB, D65
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((0.5, 0.5, 0.5), (53.39, 0, 0)),
    ],
)
def test_known_colours_in_lab(levels: tuple[float, ...], lab: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(lab_of_srgb(np.array(levels)[:, None])[:, 0], lab, atol=0.06)


def test_lab_and_back() -> None:
    levels = np.random.default_rng(1).random((3, 4000)).astype(np.float32)
    levels[:, :500] *= 0.02  # where all is straight
    np.testing.assert_allclose(srgb_of_lab(lab_of_srgb(levels)), levels, atol=2e-5)


def test_a_tint_moves_a_colour_by_as_much_and_leaves_alpha() -> None:
    levels = np.full((4, 2, 2), 0.5, np.float32)
    levels[3] = 0.3
    found = tinted(levels, (10, 5, -8))
    moved = lab_of_srgb(found[:3]) - lab_of_srgb(levels[:3])
    np.testing.assert_allclose(moved[:, 0, 0], (10, 5, -8), atol=0.01)
    assert np.array_equal(found[3], levels[3])
