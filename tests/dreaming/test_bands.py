"""Work in bands gives what work on the whole does."""

from __future__ import annotations

import pytest
import torch
from tiny import noise

from dreamer.dreaming import bands, climb, colour, optimisers, priors


@pytest.fixture
def small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands of a few rows."""
    monkeypatch.setattr(bands, "VALUES", 200)


def test_bands_cover_all_rows_once(small_bands: None) -> None:
    picture = noise(2, 3, 17, 5)
    rows = [row for band in bands.bands(picture) for row in range(17)[band]]
    assert rows == [*range(17)]
    assert len(bands.bands(picture)) > 2


def test_each_pixel_is_made_of_its_own(small_bands: None) -> None:
    one, two = noise(2, 3, 17, 5), noise(2, 3, 17, 5, seed=1)
    torch.testing.assert_close(bands.each(torch.sub, one, two), one - two, rtol=0, atol=0)
    expected = one * two
    assert bands.each(torch.mul, one, two, over=one) is one
    torch.testing.assert_close(one, expected, rtol=0, atol=0)


@pytest.mark.parametrize("height", [17, 24, 40])
def test_what_surrounds_a_band_goes_round_and_is_as_it_was(height: int) -> None:
    picture = noise(1, 2, height, 3)
    whole, covered = picture.clone(), 0
    for rows, copy in bands.surrounded(picture, 8, 4):
        around = torch.arange(rows.start - 4, rows.stop + 4) % height
        torch.testing.assert_close(copy, whole[:, :, around], rtol=0, atol=0)
        picture[:, :, rows] = torch.nan  # as if written into
        covered += rows.stop - rows.start
    assert covered == height


@pytest.mark.parametrize("name", ["by_mean_absolute", "by_deviation"])
def test_slopes_are_brought_to_unit_size(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = noise(2, 3, 41, 30) + 0.3
    whole = getattr(priors, name)(gradient)
    monkeypatch.setattr(bands, "VALUES", 200)
    found = getattr(priors, name)(gradient)
    # one divides by n − 1 and the other by n, of which there are millions where bands are used
    torch.testing.assert_close(found, whole, rtol=2e-4, atol=0)


def test_colours_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    image, anchor = torch.sigmoid(noise(1, 3, 41, 30)), torch.rand(1, 2, 3).double()
    whole, held = colour.statistics(image), colour.hold(image, anchor, 0.5)
    monkeypatch.setattr(bands, "VALUES", 200)
    torch.testing.assert_close(colour.statistics(image), whole)
    torch.testing.assert_close(colour.hold(image, anchor, 0.5), held)


@pytest.mark.parametrize("exponent", [0.5, 0.8, 1.0])
def test_frequencies_are_shaped_by_blocks_as_by_one_transform(
    exponent: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priors, "BLOCK", 512)
    gradient = noise(1, 3, 700, 603).float()
    whole = priors.falloff(gradient, exponent, priors.wavenumbers((700, 603)))
    waves = priors.wavenumbers((512, 512))
    found = priors.falloff_by_blocks(gradient, exponent, waves)
    assert (found - whole).abs().max() < 0.01 * whole.std()
    assert priors.falloff_by_blocks(gradient, exponent, waves, gradient) is gradient
    torch.testing.assert_close(gradient, found, rtol=0, atol=0)


@pytest.mark.parametrize("name", ["plain", "momentum", "adam", "nadam"])
def test_a_step_by_bands_is_a_step(name: str, small_bands: None) -> None:
    optimiser = getattr(optimisers, name)()
    picture, mask = torch.sigmoid(noise(2, 3, 17, 5)), torch.rand(1, 1, 17, 5).double()

    def settle(before: torch.Tensor, after: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        return before + inside * (after - before).clamp(-0.1, 0.1)

    whole, state = picture.clone(), optimiser.begin(picture)
    by_bands = optimiser.begin(picture)
    for number in range(3):
        shaped = noise(2, 3, 17, 5, seed=number)
        moved, state = optimiser.step(whole, shaped, state, 0.2)
        whole = settle(whole, moved, mask)
        by_bands = climb.by_bands(
            picture,
            by_bands,
            0.2,
            shaped=shaped,
            optimiser=optimiser,
            settle=settle,
            beside=(mask,),
        )
    torch.testing.assert_close(picture, whole, rtol=0, atol=0)
    for found, expected in zip(by_bands, state, strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
