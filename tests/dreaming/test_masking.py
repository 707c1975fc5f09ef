"""Masks: resized by area, shared out between targets, refused where they do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny import noise

from dreamer.dreaming import energies, masking


def test_a_place_takes_the_mean_of_what_lies_under_it() -> None:
    mask = torch.rand(1, 1, 12, 18, generator=torch.Generator().manual_seed(0))
    found = masking.on_grid(mask, torch.zeros(1, 7, 4, 3))
    expected = mask.numpy().reshape(4, 3, 3, 6).mean((1, 3))
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)


def test_a_line_of_one_pixel_is_not_lost() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 29] = 1
    found = masking.on_grid(mask, torch.zeros(1, 4, 4))
    assert found[0, :, 1].tolist() == pytest.approx([1 / 16] * 4)
    assert found.sum() == pytest.approx(1 / 4)


def test_a_mask_of_the_grids_size_is_left_alone() -> None:
    mask = torch.rand(2, 1, 5, 6)
    assert torch.equal(masking.on_grid(mask, torch.zeros(2, 5, 6)), mask[:, 0])


def test_a_mask_and_its_rest_are_the_whole() -> None:
    activation, mask = noise(2, 3, 5, 6), torch.sigmoid(noise(1, 1, 20, 18))
    parts = energies.mean(activation, mask) + energies.mean(activation, 1 - mask)
    torch.testing.assert_close(parts, energies.mean(activation))


def test_a_place_is_a_fraction_of_the_picture() -> None:
    places = torch.arange(20.0).view(1, 4, 5)
    for place, expected in (((0, 0), 0), ((0.5, 0.5), 12), ((0.99, 0.99), 19), ((0.25, 0.6), 8)):
        assert masking.averaged(places, place=place).tolist() == [expected]


def test_a_mask_weighs_a_place() -> None:
    mask = torch.full((1, 1, 4, 5), 0.25)
    found = masking.averaged(torch.arange(20.0).view(1, 4, 5), mask, masking.CENTRE)
    assert found.tolist() == [3]


@pytest.mark.parametrize("shape", [(5, 6), (1, 5, 6), (1, 3, 5, 6), (1, 1, 1, 5, 6)])
def test_masks_of_other_dimensions_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a mask has the shape"):
        energies.norm(noise(1, 2, 5, 6), torch.ones(shape))


def test_masks_for_other_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="3 masks do not fit 2 pictures"):
        energies.mean(noise(2, 2, 5, 6), torch.ones(3, 1, 5, 6))


@pytest.mark.parametrize("place", [(1.0, 0.5), (0.5, -0.1), (float("nan"), 0)])
def test_places_outside_are_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="two fractions"):
        masking.averaged(torch.zeros(1, 4, 5), place=place)
