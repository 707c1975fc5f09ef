"""Looks against what numpy says of them by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dreamer.draw.lab import lab_of_srgb
from dreamer.draw.light import linear_of_srgb
from dreamer.draw.looks import LOOKS, looked, taken

EVERY = [
    ("kaleidoscope", 5),
    ("posterise", 4),
    ("bloom", 0.8),
    ("duotone", ("#101040", "#ffe0a0")),
    ("threshold", 0.5),
    ("threshold", "local"),
    ("grain", 0.1),
]


@pytest.fixture
def picture() -> np.ndarray:
    """Soft colours with a bright spot and some transparency, `(4, 40, 60)`."""
    y, x = np.mgrid[0:40, 0:60] / 60
    planes = [0.5 + 0.4 * np.sin(9 * x + k) * np.cos(7 * y * (k + 1)) for k in range(3)]
    spot = np.exp(-((x - 0.3) ** 2 + (y - 0.2) ** 2) * 300)
    alpha = np.where(x < 0.8, 1.0, 0.4)
    return np.stack([*(np.maximum(p, spot) for p in planes), alpha]).astype(np.float32)


@pytest.mark.parametrize(("name", "value"), EVERY)
@pytest.mark.parametrize("channels", [3, 4])
def test_every_look_keeps_shape_range_and_is_the_same_twice(
    name: str, value: object, channels: int, picture: np.ndarray
) -> None:
    given = picture[:channels].copy()
    found = looked(given, [(name, value)])  # type: ignore[list-item]
    assert found.shape == given.shape
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.array_equal(given, picture[:channels])
    assert np.array_equal(found, looked(given, [(name, value)]))  # type: ignore[list-item]
    assert np.abs(found[:3] - given[:3]).max() > 0.05
    if channels == 4 and name != "kaleidoscope":
        assert np.array_equal(found[3], given[3])


def test_all_looks_are_in_the_test() -> None:
    assert {name for name, _ in EVERY} == set(LOOKS)


@pytest.mark.parametrize(("name", "value"), EVERY)
def test_what_is_drawn_by_pixel_may_be_drawn_in_bands(
    name: str, value: object, picture: np.ndarray
) -> None:
    whole = looked(picture, [(name, value)])  # type: ignore[list-item]
    bands = [looked(picture[:, a:b], [(name, value)]) for a, b in ((0, 7), (7, 40))]  # type: ignore[list-item]
    assert np.array_equal(whole, np.concatenate(bands, 1)) == LOOKS[name].by_pixel


@pytest.mark.parametrize("mirrors", [2, 4])
def test_a_kaleidoscope_is_its_own_mirror_image(mirrors: int, picture: np.ndarray) -> None:
    found = looked(picture[:3, :, :40], [("kaleidoscope", mirrors)])
    np.testing.assert_allclose(found, found[:, :, ::-1], atol=1e-4)
    np.testing.assert_allclose(found, found[:, ::-1], atol=1e-4)
    if mirrors == 4:
        np.testing.assert_allclose(found, np.rot90(found, axes=(1, 2)), atol=1e-4)


def test_a_kaleidoscope_shows_the_wedge_above_the_middle(picture: np.ndarray) -> None:
    square = picture[:3, :, :40]
    found = looked(square, [("kaleidoscope", 3)])
    np.testing.assert_allclose(found[:, :12, 21], square[:, :12, 21], atol=0.02)


def test_posterised_levels_are_few_and_even(picture: np.ndarray) -> None:
    found = looked(picture, [("posterise", 4)])
    np.testing.assert_allclose(np.unique(found[:3]), [0, 1 / 3, 2 / 3, 1], atol=1e-6)
    assert np.abs(found[:3] - picture[:3]).max() <= 1 / 6 + 1e-6


def test_bloom_gives_light_to_what_is_around_and_takes_none() -> None:
    picture = np.full((3, 100, 100), 0.1, np.float32)
    picture[:, 48:52, 48:52] = 1
    light = linear_of_srgb(looked(picture, [("bloom", 1.0)]))
    assert (light >= linear_of_srgb(picture) - 1e-6).all()
    ring = light[0, 50, 52:80] - light[0, 0, 0]
    assert (np.diff(ring) <= 1e-6).all()
    assert ring[2] > 0.005
    dim = looked(picture * 0.5, [("bloom", 1.0)])
    np.testing.assert_allclose(dim, picture * 0.5, atol=1e-5)  # nothing there is bright
    np.testing.assert_allclose(looked(picture, [("bloom", 0)]), picture, atol=1e-5)


@pytest.mark.parametrize("colours", [("black", "white"), ("#102040", "#c04020", "#fff0c0")])
def test_a_duotone_goes_from_its_first_colour_to_its_last(colours: tuple[str, ...]) -> None:
    from PIL import ImageColor

    grey = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, None], 3, 0)
    found = looked(grey, [("duotone", colours)])
    for place, colour in ((0, colours[0]), (255, colours[-1])):
        expected = np.array(ImageColor.getrgb(colour)) / 255
        np.testing.assert_allclose(found[:, 0, place], expected, atol=2e-3)
    if len(colours) == 3:
        middle = np.abs(lab_of_srgb(grey)[0, 0] - 50).argmin()  # of L*
        expected = np.array(ImageColor.getrgb(colours[1])) / 255
        np.testing.assert_allclose(found[:, 0, middle], expected, atol=0.02)
    else:
        np.testing.assert_allclose(found, grey, atol=3e-3)


def test_a_threshold_parts_at_its_luma_with_a_smooth_edge() -> None:
    y, x = np.mgrid[0:80, 0:80] + 0.5
    disc = np.clip(0.5 + (25 - np.hypot(x - 40, y - 40)) / 20, 0, 1).astype(np.float32)
    found = looked(np.repeat(disc[None], 3, 0), [("threshold", 0.5)])[0]
    assert found.sum() == pytest.approx(np.pi * 25**2, rel=0.01)
    between = (found > 0.02) & (found < 0.98)
    assert 0.5 < between.sum() / (2 * np.pi * 25) < 2


def test_a_local_threshold_finds_what_is_darker_than_around_it() -> None:
    shade = np.repeat(np.linspace(0.2, 0.9, 200, dtype=np.float32)[None], 100, 0)
    shade[45:55, 20:30] -= 0.1
    shade[45:55, 170:180] -= 0.1
    found = looked(np.repeat(shade[None], 3, 0), [("threshold", "local")])[0]
    assert found[50, 25] == found[50, 175] == 0
    assert looked(np.repeat(shade[None], 3, 0), [("threshold", 0.5)])[0][50, 175] == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kaleidoscop", 3, "did you mean 'kaleidoscope'"),
        ("kaleidoscope", 1, "kaleidoscope: expected a whole number of mirrors from 2 to 64, not 1"),
        ("posterise", 2.5, "whole number of levels from 2 to 256, not 2.5"),
        ("posterise", True, "not True"),
        ("bloom", -1, "an amount from 0 to 4, not -1"),
        ("bloom", "much", "not 'much'"),
        ("duotone", ["red"], "a list of two or three colours"),
        ("duotone", "red", "a list of two or three colours"),
        ("duotone", ["red", "blu"], "a list of two or three colours"),
        ("duotone", ["red", 3], "a list of two or three colours"),
        ("threshold", "lokal", "a luma from 0 to 1, or 'local'"),
        ("grain", float("nan"), "an amount from 0 to 1"),
    ],
)
def test_what_cannot_be_meant_is_said(name: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        taken(name, value)
