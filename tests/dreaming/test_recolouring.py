"""Colours kept, and taken from a palette, against numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from dreamer.dreaming import gamut, matching, oklab, recolouring

Recolour = Callable[[Tensor, Tensor, float], Tensor]
WAYS: dict[str, Recolour] = {
    "covariance": recolouring.by_covariance,
    "channel": matching.by_channel,
    "sliced": matching.sliced,
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def coloured(
    mean: tuple[float, ...], spread: float, seed: int, size: tuple[int, int] = (60, 50)
) -> Tensor:
    """A picture whose Oklab colours are normal about `mean`, along two slanted axes."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(3, *size, generator=generator, dtype=torch.float64)
    axes = torch.tensor([[1.0, 0, 0], [0.4, 0.5, 0], [-0.3, 0.3, 0.3]], dtype=torch.float64)
    lab = torch.einsum("dc,chw->dhw", axes, z) * spread + torch.tensor(mean)[:, None, None]
    return gamut.shown(lab[None].float())


def colours_of(image: Tensor) -> np.ndarray:
    """Oklab as `(3, H · W)`."""
    return oklab.oklab_of_srgb(image.double())[0].flatten(1).numpy()


PICTURE = coloured((0.5, 0.05, -0.02), 0.06, 1)
PALETTE = coloured((0.65, -0.03, 0.05), 0.04, 2, (41, 83))
GREY = torch.rand(1, 1, 60, 50, generator=torch.Generator().manual_seed(3)).expand(1, 3, 60, 50)


def test_values_are_matched_to_numpys_quantiles() -> None:
    rng = np.random.default_rng(0)
    values, target = rng.normal(size=501), rng.exponential(size=77)
    found = matching.matched_values(torch.from_numpy(values), torch.from_numpy(target)).numpy()
    expected = np.quantile(target, np.argsort(np.argsort(values)) / 500)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_as_many_values_become_the_target_itself() -> None:
    rng = np.random.default_rng(1)
    values, target = torch.from_numpy(rng.normal(size=300)), torch.from_numpy(rng.normal(size=300))
    assert torch.equal(matching.matched_values(values, target).sort().values, target.sort().values)


def test_equal_values_stay_equal() -> None:
    values = torch.tensor([3.0, 1.0, 3.0, 2.0, 3.0])
    found = matching.matched_values(values, torch.arange(5.0) * 10)
    assert found.tolist() == [30, 0, 30, 10, 30]
    assert matching.matched_values(torch.tensor([7.0]), torch.tensor([1.0, 2.0, 9.0])).item() == 2


def test_channels_have_the_palettes_quantiles() -> None:
    found, wanted = colours_of(matching.by_channel(PICTURE, PALETTE)), colours_of(PALETTE)
    at = np.linspace(0.02, 0.98, 40)
    for channel in range(3):
        np.testing.assert_allclose(
            np.quantile(found[channel], at), np.quantile(wanted[channel], at), atol=2e-3
        )


@pytest.mark.parametrize(("way", "within"), [("covariance", 0.02), ("sliced", 0.06)])
def test_mean_and_covariance_become_the_palettes(way: str, within: float) -> None:
    found, wanted = colours_of(WAYS[way](PICTURE, PALETTE, 1.0)), colours_of(PALETTE)
    np.testing.assert_allclose(found.mean(1), wanted.mean(1), atol=2e-3)
    scale = np.abs(np.cov(wanted)).max()
    np.testing.assert_allclose(np.cov(found), np.cov(wanted), atol=within * scale)
    before = np.abs(np.cov(colours_of(PICTURE)) - np.cov(wanted)).max()
    assert before > 5 * within * scale, "there was something to do"


def sliced_distance(one: np.ndarray, other: np.ndarray) -> float:
    """The mean distance of quantiles along many directions."""
    rng, at = np.random.default_rng(0), np.linspace(0, 1, 200)
    directions = rng.normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return float(
        np.mean([np.abs(np.quantile(d @ one, at) - np.quantile(d @ other, at)) for d in directions])
    )


def test_three_dimensions_are_matched_better_together() -> None:
    two = torch.cat(
        [coloured((0.4, 0.1, 0.04), 0.02, 4), coloured((0.75, -0.07, -0.06), 0.02, 5)], 3
    )
    wanted = colours_of(two)
    distance = {
        name: sliced_distance(colours_of(way(PICTURE, two, 1.0)), wanted)
        for name, way in WAYS.items()
    }
    assert distance["sliced"] < 0.5 * distance["channel"]
    assert distance["sliced"] < 0.5 * distance["covariance"]


def test_covariance_is_kept_by_its_own() -> None:
    found = recolouring.by_covariance(PICTURE, PICTURE)
    assert (found - PICTURE).abs().quantile(0.99) < 1e-3  # all but the gamut's edge


@every_way
def test_strength_goes_from_nothing_to_all(way: Recolour) -> None:
    assert way(PICTURE, PALETTE, 0.0) is PICTURE
    none, half, all_of_it = (colours_of(way(PICTURE, PALETTE, s)) for s in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(half.mean(1), (none.mean(1) + all_of_it.mean(1)) / 2, atol=2e-3)
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="strength"):
            way(PICTURE, PALETTE, wrong)


@every_way
def test_grey_stays_grey_and_a_grey_palette_makes_grey(way: Recolour) -> None:
    for image, palette in ((GREY, PALETTE), (PICTURE, GREY), (GREY, GREY)):
        for strength in (0.5, 1.0):
            if image is PICTURE and strength < 1:
                continue
            found = way(image, palette, strength)
            assert (found.amax(1) - found.amin(1)).max() < 1e-3
    light = [colours_of(x)[0].mean() for x in (way(GREY, PALETTE, 1.0), PALETTE, GREY)]
    assert abs(light[0] - light[1]) < 0.01 < abs(light[2] - light[1]), "light is still matched"


@every_way
def test_flat_and_tiny_pictures_have_colours_too(way: Recolour) -> None:
    for size in ((1, 1), (3, 2)):
        flat = torch.full((1, 3, *size), 0.4) + torch.tensor([0.1, 0.0, -0.1])[:, None, None]
        for image, palette in ((flat, PALETTE), (PICTURE, flat), (flat, flat), (flat * 0, PALETTE)):
            found = way(image, palette, 1.0)
            assert found.shape == image.shape
            assert torch.isfinite(found).all()


@every_way
def test_pictures_of_a_batch_do_not_touch_each_other(way: Recolour) -> None:
    batch = torch.cat([PICTURE, PICTURE.flip(1)])
    both = way(batch, PALETTE, 1.0)
    torch.testing.assert_close(both[1:], way(batch[1:], PALETTE, 1.0))
    torch.testing.assert_close(
        way(PICTURE.expand(2, -1, -1, -1), torch.cat([PALETTE, PALETTE.flip(1)]), 1.0)[1:],
        way(PICTURE, PALETTE.flip(1), 1.0),
    )


def test_kept_colours_are_the_sources_and_light_is_the_dreams() -> None:
    dream = PICTURE.flip(1).flip(3)
    found = oklab.oklab_of_srgb(recolouring.kept(dream, PICTURE))
    torch.testing.assert_close(found[:, 0], oklab.oklab_of_srgb(dream)[:, 0], rtol=0, atol=1e-3)
    chroma, goal = found[:, 1:], oklab.oklab_of_srgb(PICTURE)[:, 1:]
    assert (chroma - goal).norm(dim=1).quantile(0.9) < 1e-3  # all but what no screen shows
    assert torch.equal(recolouring.kept(dream, PICTURE, 0.0), dream)


def test_a_grey_source_makes_a_grey_dream_and_sizes_must_fit() -> None:
    found = recolouring.kept(PICTURE, GREY)
    assert (found.amax(1) - found.amin(1)).max() < 1e-3
    with pytest.raises(ValueError, match=r"\(60, 50\), not \(41, 83\)"):
        recolouring.kept(PICTURE, PALETTE)


def test_turns_are_rotations_decided_by_where_alone() -> None:
    turns = np.array([matching.rotation(7, k) for k in range(2000)])
    np.testing.assert_allclose(
        turns @ turns.transpose(0, 2, 1), np.eye(3)[None].repeat(2000, 0), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(turns), 1)
    np.testing.assert_allclose(turns.mean(0), 0, atol=0.05)  # no direction is preferred
    assert matching.rotation(7, 3) == tuple(map(tuple, turns[3]))


def test_large_pictures_are_matched_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = matching.sliced(PICTURE, PALETTE)
    monkeypatch.setattr(matching, "AT_MOST", 1000)
    sampled = matching.sliced(PICTURE, PALETTE)
    assert torch.equal(sampled, matching.sliced(PICTURE, PALETTE))
    assert not torch.equal(sampled, matching.sliced(PICTURE, PALETTE, where=(1,)))
    assert (sampled - exact).abs().mean() < 0.01


def test_lightness_out_of_bounds_comes_back_in_its_own_order() -> None:
    lab = torch.zeros(2, 3, 1, 101, dtype=torch.float64)
    lab[0, 0, 0] = torch.linspace(-0.4, 1.6, 101)
    lab[1, 0, 0] = torch.linspace(0, 1, 101)
    bent = gamut.rolled_off(lab)
    assert (bent[0, 0, 0].diff() > 0).all()
    assert bent[0, 0].min().item() == pytest.approx(0)
    assert bent[0, 0].max().item() == pytest.approx(1)
    torch.testing.assert_close(bent[1], lab[1])
    middle = (lab[0, 0, 0] > 0.25) & (lab[0, 0, 0] < 0.75)
    torch.testing.assert_close(bent[0, 0, 0][middle], lab[0, 0, 0][middle])
