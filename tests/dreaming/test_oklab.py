"""Oklab against its author's examples and numpy; colours brought into range."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dreamer.dreaming import gamut, oklab

LINEAR_OF_XYZ = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def pixels(*colours: tuple[float, ...], dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Colours as a picture one pixel high, `(1, 3, 1, N)`."""
    return torch.tensor(colours, dtype=dtype).T[None, :, None]


def hue_of(lab: torch.Tensor) -> torch.Tensor:
    return torch.atan2(lab[:, 2], lab[:, 1])


@pytest.mark.parametrize(
    ("xyz", "lab"),  # the table on Ottosson's page
    [
        ((0.950, 1.000, 1.089), (1.000, 0.000, 0.000)),
        ((1.000, 0.000, 0.000), (0.450, 1.236, -0.019)),
        ((0.000, 1.000, 0.000), (0.922, -0.671, 0.263)),
        ((0.000, 0.000, 1.000), (0.153, -1.415, -0.449)),
    ],
)
def test_published_values_of_xyz(xyz: tuple[float, ...], lab: tuple[float, ...]) -> None:
    light = pixels(tuple(LINEAR_OF_XYZ @ np.array(xyz)))
    found = oklab.oklab_of_linear(light).flatten()
    np.testing.assert_allclose(found, lab, atol=2e-3)


@pytest.mark.parametrize(
    ("rgb", "lab"),  # CSS Color 4
    [
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 1, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
        ((1, 1, 1), (1, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_published_values_of_srgb(rgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    np.testing.assert_allclose(oklab.oklab_of_srgb(pixels(rgb)).flatten(), lab, atol=2e-5)


def test_oklab_is_its_formula() -> None:
    rgb = np.random.default_rng(0).uniform(0, 1, (3, 500))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    roots = np.cbrt(np.array(oklab.LMS_OF_LINEAR) @ light)
    expected = np.array(oklab.OKLAB_OF_ROOTS) @ roots
    found = oklab.oklab_of_srgb(torch.from_numpy(rgb)[None, :, None])
    np.testing.assert_allclose(found[0, :, 0], expected, atol=1e-12)


def test_there_and_back() -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(2, 3, 60, 70, generator=generator) * 1.4 - 0.2  # beyond the range too
    image[..., :8] *= 1e-4
    for picture, within in ((image, 3e-5), (image.double(), 5e-6)):
        light = oklab.linear_of_srgb(picture)
        torch.testing.assert_close(oklab.srgb_of_linear(light), picture, rtol=0, atol=5e-6)
        back = oklab.srgb_of_oklab(oklab.oklab_of_srgb(picture))
        assert (back - picture).abs().mean() < 2e-6
        assert (back - picture).abs().max() < within


def test_black_and_white_have_finite_slopes() -> None:
    image = pixels((0, 0, 0), (1, 1, 1), (1e-9, 0, 0), (0.5, 0.5, 0.5), (0, 0, 1), (1, 1, 0))
    for way in (oklab.oklab_of_srgb, oklab.srgb_of_oklab, gamut.shown, gamut.compressed):
        for dtype in (torch.float32, torch.float64):
            leaf = image.to(dtype, copy=True).requires_grad_()
            way(leaf).sum().backward()
            assert leaf.grad is not None
            assert torch.isfinite(leaf.grad).all(), way


def test_gradients_of_compression_are_those_of_differences() -> None:
    lab = pixels((0.6, 0.25, 0.1), (0.45, 0.0, -0.35), (0.8, -0.3, 0.2), (0.7, 0.05, 0.02))
    assert torch.autograd.gradcheck(gamut.compressed, lab.requires_grad_(), eps=1e-5, atol=2e-2)


value = st.floats(-0.5, 1.5, width=32)


@settings(max_examples=150, deadline=None)
@given(st.tuples(value, value, value))
@example((0.0, -0.01171875, 0.375))  # a blue over the dip
def test_anything_is_shown_at_its_hue(rgb: tuple[float, ...]) -> None:
    lab = oklab.oklab_of_srgb(pixels(rgb))
    kept = gamut.compressed(lab)
    light = oklab.linear_of_oklab(kept)
    assert light.min() > -gamut.DIP * kept[0, 0] ** 3 - 2e-6
    assert light.max() < 1 + 2e-6
    shown = gamut.shown(lab)
    assert shown.min() >= 0
    assert shown.max() <= 1
    chroma = kept[:, 1:].norm(dim=1)
    assert chroma <= lab[:, 1:].norm(dim=1) + 1e-9
    if chroma > 1e-4:
        assert torch.cos(hue_of(kept) - hue_of(lab)).item() == pytest.approx(1, abs=1e-9)


def test_only_blue_passes_over_its_dip() -> None:
    degrees = torch.linspace(0, 360, 7201, dtype=torch.float64)
    around = degrees.deg2rad()
    hue = torch.stack([around.cos(), around.sin()], 1)
    for lightness in (0.05, 0.3, 0.4):  # darker than blue itself
        edge = gamut.most_chroma(torch.full_like(around, lightness), hue)
        inside = torch.linspace(0, 1, 400, dtype=torch.float64)[:, None] * edge
        lab = torch.stack(
            [torch.full_like(inside, lightness), inside * hue[:, 0], inside * hue[:, 1]]
        )
        lowest = oklab.linear_of_oklab(lab[None]).amin((0, 1, 2)) / lightness**3
        over = lowest < -gamut.SLACK * 1.0001
        assert lowest.min() > -gamut.DIP
        assert degrees[over].min() > 263.5
        assert degrees[over].max() < 264.5


@settings(max_examples=100, deadline=None)
@given(st.tuples(*[st.floats(0, 1, width=32)] * 3))
def test_what_a_screen_shows_is_nearly_unchanged(rgb: tuple[float, ...]) -> None:
    lab = oklab.oklab_of_srgb(pixels(rgb))
    kept = gamut.compressed(lab)
    assert (kept[:, 0] - lab[:, 0]).abs().max() <= 1e-3
    assert kept[:, 1:].norm(dim=1) >= 0.965 * lab[:, 1:].norm(dim=1) - 1e-3


def test_colours_well_inside_are_untouched() -> None:
    grid = torch.linspace(0.25, 0.75, 9, dtype=torch.float64)
    lab = oklab.oklab_of_srgb(torch.cartesian_prod(grid, grid, grid).T[None, :, None])
    lab[:, 1:] *= 0.8
    assert torch.equal(gamut.compressed(lab), lab)


@pytest.mark.parametrize("grey", [0.0, 1 / 255, 50 / 255, 178 / 255, 254 / 255, 1.0])
def test_grey_stays_the_same_grey(grey: float) -> None:
    shown = gamut.shown(oklab.oklab_of_srgb(pixels((grey,) * 3, dtype=torch.float32)))
    assert (shown * 255).round().flatten().tolist() == [round(grey * 255)] * 3


@pytest.mark.parametrize("hue", [0.3, 1.9, 2.6, 4.6, 5.7])
def test_chroma_has_no_corner_and_keeps_its_order(hue: float) -> None:
    chroma = torch.linspace(0, 0.5, 5001, dtype=torch.float64)
    ray = torch.stack([torch.full_like(chroma, 0.6), chroma * np.cos(hue), chroma * np.sin(hue)])
    kept = gamut.compressed(ray[None, :, None])[0, 1:, 0].norm(dim=0)
    slopes = kept.diff() / chroma.diff()
    assert slopes.min() > 0
    assert slopes.diff().abs().max() < 0.02  # a corner would be one jump, of up to 1
    assert slopes[0].item() == pytest.approx(1)


def test_lightness_has_no_corner() -> None:
    x = torch.linspace(-0.1, 1.1, 24001, dtype=torch.float64)
    grey = torch.stack([x, 0 * x, 0 * x])[None, :, None]
    kept = gamut.compressed(grey)[0, 0, 0]
    slopes = kept.diff() / x.diff()
    assert slopes.diff().abs().max() < 0.02
    assert 0 <= kept.min() <= kept.max() <= 1


def test_the_edge_is_where_a_channel_ends() -> None:
    angles = torch.linspace(0, 6.28, 200, dtype=torch.float64)
    hue = torch.stack([angles.cos(), angles.sin()], 1)
    edge = gamut.most_chroma(torch.full_like(angles, 0.55), hue)
    for part, inside in ((0.95, True), (1.001, False)):
        lab = torch.cat([torch.full_like(edge, 0.55)[:, None], hue * (part * edge)[:, None]], 1)
        light = oklab.linear_of_oklab(lab)
        assert (((light >= 0) & (light <= 1)).all(1) == inside).all()


def test_a_knee_is_inside_the_range() -> None:
    with pytest.raises(ValueError, match="knee"):
        gamut.compressed(torch.zeros(1, 3, 1, 1), knee=1.0)
