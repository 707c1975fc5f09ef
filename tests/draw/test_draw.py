"""Noises and drawings: pure functions of size and seed, soft, unclipped, with the spectra their
names promise.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageColor

from dreamer.draw.bars import CHOSEN, FAINT, PLAIN, Bar, bars, percents
from dreamer.draw.noise import NOISES, chance
from dreamer.draw.palettes import palette, srgb
from dreamer.draw.plot import curves, ticks
from dreamer.draw.procedural import PROCEDURALS
from dreamer.draw.sheet import sheet

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


@pytest.mark.parametrize("name", ALL)
def test_a_seed_may_be_any_number(name: str) -> None:
    huge = [ALL[name](16, 24, seed) for seed in (0, 2**64, 2**64 - 1, 2**200)]
    assert not any(torch.equal(huge[0], other) for other in huge[1:])


def test_chance_is_another_for_every_seed_name_and_octave() -> None:
    drawn = {
        torch.randint(2**62, (), generator=chance(seed, name, octave)).item()
        for seed in (0, 1, 7919, 7919 * 2, 2**64)
        for name in ("plasma", "perlin")
        for octave in range(4)
    }
    assert len(drawn) == 5 * 2 * 4


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


@pytest.mark.parametrize("name", sorted(ALL.keys() - {"white"}))
def test_a_draft_has_the_composition_of_the_whole(name: str) -> None:
    small, large = ALL[name](60, 90, 2), ALL[name](240, 360, 2)
    shrunk = F.interpolate(large, size=(60, 90), mode="area")
    soft = [F.avg_pool2d(picture, 3) for picture in (small, shrunk)]
    assert torch.corrcoef(torch.stack([p.flatten() for p in soft]))[0, 1] > 0.9


def test_noise_is_alike_in_all_directions() -> None:
    power = sum(
        np.abs(np.fft.fft2(NOISES["pink"](128, 128, seed)[0].mean(0).numpy() - 0.5)) ** 2
        for seed in range(12)
    )
    across, down = power[0, 4:40].mean(), power[4:40, 0].mean()
    slanted = np.array([power[k, k] for k in range(3, 28)]).mean()
    assert across == pytest.approx(down, rel=0.35)
    assert across == pytest.approx(slanted, rel=0.5)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 2), (513, 5), (31, 900)])
@pytest.mark.parametrize("name", ALL)
def test_every_size_can_be_drawn(name: str, size: tuple[int, int]) -> None:
    picture = ALL[name](*size, 0)
    assert picture.shape == (1, 3, *size)
    assert picture.isfinite().all()


@pytest.mark.parametrize("name", PROCEDURALS)
def test_drawings_leave_a_dream_room(name: str) -> None:
    picture = PROCEDURALS[name](120, 180, 9)
    assert ((picture < 0.01) | (picture > 0.99)).float().mean() < 0.02
    assert picture.std() > 0.05


@pytest.mark.parametrize("seed", range(12))
def test_palettes_go_from_dark_to_light_in_even_steps(seed: int) -> None:
    light = palette(seed, 9) @ torch.tensor([0.2126, 0.7152, 0.0722])
    steps = light.diff()
    assert (steps > 0).all()
    assert palette(seed, 9).unique(dim=0).shape[0] == 9


def test_oklch_against_published_values() -> None:
    """Red and blue of sRGB, as CSS Color 4 gives them in OKLCh."""
    lightness, chroma = torch.tensor([0.62796, 0.45201]), torch.tensor([0.25768, 0.31321])
    hue = torch.deg2rad(torch.tensor([29.234, 264.052]))
    expected = torch.tensor([[1.0, 0, 0], [0, 0, 1]])
    torch.testing.assert_close(srgb(lightness, chroma, hue), expected, atol=2e-3, rtol=0)


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


def test_a_small_chart_has_room_for_its_lines() -> None:
    chart = curves({"a": [(0, -12345), (90, 12345)]}, "t", "x", "y", size=(300, 200))
    pixels = np.asarray(chart).astype(int)
    blue = np.flatnonzero((pixels[90:110, :, 2] - pixels[90:110, :, 0] > 100).any(0))
    assert 100 < blue.min() < 190


def test_a_sheet_shows_each_picture_whole_in_its_cell() -> None:
    wide, tall = Image.new("RGB", (200, 50), "red"), Image.new("L", (50, 200), 255)
    page = sheet([(wide, "wide"), (tall, "x" * 200), (wide, "")], columns=2, cell=(100, 80))
    assert page.size == (2 * 112 + 12, 2 * 116 + 12)
    assert page.getpixel((62, 52)) == (255, 0, 0)
    assert page.getpixel((62, 20)) == page.getpixel((2, 2)), "above a wide picture is paper"
    assert page.getpixel((174, 15)) == (255, 255, 255)
    with pytest.raises(ValueError, match="pictures"):
        sheet([])


def test_a_sheet_has_room_for_lines_below_each_picture() -> None:
    red = Image.new("RGB", (100, 80), "red")
    one, three = (sheet([(red, words)] * 2, 2, (100, 80)) for words in ("a", "a\nb\nc"))
    assert three.height == one.height + 2 * 17
    below = np.asarray(three.convert("L"))[92:, 12:112]
    lit = (below > 120).any(1)
    assert (np.diff(lit.astype(int)) == 1).sum() == 3  # rows of letters


def test_bars_are_as_long_as_scores_say() -> None:
    seen = [Bar("chosen", 0.25, True), Bar("sure", 1.0), Bar("nothing", 0.0)]
    image = bars(Image.new("RGB", (60, 60), "red"), "red.png", [("a", seen), ("b", seen[:1])])
    pixels = np.asarray(image)

    def longest(colour: str) -> int:
        return int((pixels == ImageColor.getrgb(colour)).all(2).sum(1).max())

    assert longest(CHOSEN) == pytest.approx(2 * 0.25 * 250, abs=6)  # two networks' in one row
    assert longest(PLAIN) == pytest.approx(250, abs=6)
    assert longest(FAINT) == pytest.approx(2 * 0.75 * 250, abs=12)
    assert image.getpixel((200, 200)) == (255, 0, 0)
    with pytest.raises(ValueError, match="bars"):
        bars(Image.new("RGB", (8, 8)), "", [])


@pytest.mark.parametrize(
    ("score", "words"),
    [(0, "0 %"), (1e-5, "< 0.1 %"), (0.0034, "0.3 %"), (0.094, "9.4 %"), (0.0997, "10 %")],
)
def test_percents(score: float, words: str) -> None:
    assert percents(score) == words
