"""Transforms do what they say, are their own true slopes, and draw the same numbers every time."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from dreamer.dreaming import randomness, transforms
from dreamer.dreaming.resampling import along, resized
from dreamer.dreaming.rotation import turned
from dreamer.dreaming.transforms import LUCID, MACO, Transform, transformed


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


ALL: dict[str, Transform] = {
    "pad": transforms.pad(2, 0.5),
    "crop": transforms.crop(3),
    "scale": transforms.scale([0.8, 1.0, 1.3]),
    "rotate": transforms.rotate([-40, 0, 12, 77], 0.5),
    "flip": transforms.flip(True, True),
    "noise": transforms.noise(0.1, 0.1),
    "crops": transforms.crops(2, 7, (0.3, 0.6)),
}
each = pytest.mark.parametrize("name", ALL)


@each
def test_numbers_and_pictures_are_decided_by_where(name: str) -> None:
    picture, transform = noise(2, 3, 14, 17), ALL[name]
    before = torch.random.get_rng_state()
    seen = [transformed(picture, [transform], 5, 1, step) for step in range(8)]
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(9)
    again = [transformed(picture, [transform], 5, 1, step) for step in range(8)]
    assert all(torch.equal(a, b) for a, b in zip(seen, again, strict=True))
    if name != "pad":
        drawn = {transform.draw(5, 1, step) for step in range(8)}
        assert len(drawn) > 1


@each
def test_slopes_agree_with_finite_differences(name: str) -> None:
    picture, transform = noise(1, 2, 9, 11).requires_grad_(), ALL[name]
    for step in range(3):
        numbers = transform.draw(0, step)
        assert torch.autograd.gradcheck(lambda p, n=numbers: transform.apply(p, n), (picture,))


@each
def test_pictures_of_a_batch_are_seen_alike(name: str) -> None:
    if name == "noise":
        return  # whose grain is another for each picture
    transform, two = ALL[name], noise(2, 3, 14, 17)
    numbers = transform.draw(3)
    alone = [transform.apply(one[None], numbers) for one in two]
    torch.testing.assert_close(transform.apply(two, numbers), torch.cat(alone), rtol=0, atol=1e-12)


@each
def test_a_plain_picture_stays_plain(name: str) -> None:
    if name == "noise":
        return
    plain = torch.full((1, 3, 20, 24), 0.5, dtype=torch.float64)
    for step in range(5):
        seen = transformed(plain, [ALL[name]], step)
        torch.testing.assert_close(seen, torch.full_like(seen, 0.5))


def test_turning_blackens_only_beyond_the_edges() -> None:
    seen = turned(torch.full((1, 3, 41, 41), 0.7, dtype=torch.float64), 30)[0, 0]
    y, x = np.mgrid[-20:21, -20:21]
    inside, outside = np.hypot(y, x) <= 19.9, np.hypot(y, x) > 27.9
    np.testing.assert_allclose(seen.numpy()[inside], 0.7)
    assert outside.any()
    assert (seen.numpy()[outside] == 0).all()


@pytest.mark.parametrize("degrees", [-33, 5, 90, 135, 200.5])
def test_turning_is_torchs_own_sampling(degrees: float) -> None:
    picture = noise(2, 3, 13, 18)
    height, width = 13, 18
    angle = math.radians(degrees)
    ys, xs = np.mgrid[0:height, 0:width].astype(float)
    ys, xs = ys - (height - 1) / 2, xs - (width - 1) / 2
    x, y = (
        math.cos(angle) * xs - math.sin(angle) * ys,
        math.sin(angle) * xs + math.cos(angle) * ys,
    )
    grid = np.stack([x * 2 / width, y * 2 / height], -1)
    theirs, ours = picture.clone().requires_grad_(), picture.clone().requires_grad_()
    expected = F.grid_sample(
        theirs, torch.from_numpy(grid).expand(2, -1, -1, -1), "bilinear", "zeros", False
    )
    found = turned(ours, degrees)
    torch.testing.assert_close(found, expected)
    weigh = noise(*found.shape, seed=1)
    (expected * weigh).sum().backward()
    (found * weigh).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_turning_is_counter_clockwise() -> None:
    picture = torch.zeros(1, 1, 5, 5)
    picture[0, 0, 2, 4] = 1  # right of the middle
    assert turned(picture, 90)[0, 0, 0, 2].item() == pytest.approx(1)  # becomes above it


def test_not_turning_returns_the_very_picture() -> None:
    picture = noise(1, 3, 4, 4)
    assert turned(picture, 0) is picture


@pytest.mark.parametrize("size", [(9, 13), (31, 20), (70, 45)])
def test_resizing_is_pillows_bilinear(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).uniform(0, 1, (31, 47)).astype(np.float32)
    picture = Image.fromarray(pixels).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    found = resized(torch.from_numpy(pixels).expand(1, 3, -1, -1), size)
    np.testing.assert_allclose(found[0, 1], np.asarray(picture), atol=1e-5)


@pytest.mark.parametrize("size", [(9, 13), (31, 20), (70, 45)])
def test_resizing_without_antialiasing_is_torchs(size: tuple[int, int]) -> None:
    picture = noise(2, 3, 31, 47)
    expected = F.interpolate(picture, size=size, mode="bilinear")
    torch.testing.assert_close(resized(picture, size, antialias=False), expected)


@pytest.mark.parametrize("span", [None, (2.0, 9.0), (0.0, 3.25), (6.7, 12.0)])
def test_rows_of_a_resizing_add_up_to_one(span: tuple[float, float] | None) -> None:
    for wanted in (1, 5, 40):
        matrix = along(12, wanted, span)
        torch.testing.assert_close(matrix.sum(1), torch.ones(wanted))
        assert (matrix >= 0).all()


def test_a_box_of_whole_pixels_is_a_crop() -> None:
    picture = noise(1, 3, 12, 15)
    seen = resized(picture, (5, 7), ((3.0, 8.0), (6.0, 13.0)))
    torch.testing.assert_close(seen, picture[:, :, 3:8, 6:13])


def test_flipping_twice_is_nothing() -> None:
    picture, flip = noise(1, 3, 5, 6), transforms.flip(True, True)
    for numbers in ((0, 0), (0, 1), (1, 0), (1, 1)):
        assert torch.equal(flip.apply(flip.apply(picture, numbers), numbers), picture)
    assert torch.equal(flip.apply(picture, (1, 0)), picture.flip(3))
    assert torch.equal(flip.apply(picture, (0, 1)), picture.flip(2))
    assert {flip.draw(k) for k in range(40)} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert {transforms.flip().draw(k) for k in range(40)} == {(0, 0), (1, 0)}


def test_cropping_takes_windows_everywhere() -> None:
    picture, crop = torch.arange(20.0).view(1, 1, 4, 5), transforms.crop(2)
    seen = Counter(transformed(picture, [crop], k)[0, 0, 0, 0].item() for k in range(300))
    assert set(seen) == {0, 1, 2, 5, 6, 7, 10, 11, 12}
    assert transformed(picture, [crop], 0).shape == (1, 1, 2, 3)


def test_cropping_everything_away_is_refused() -> None:
    with pytest.raises(ValueError, match=r"crop\(4\) leaves nothing"):
        transformed(noise(1, 3, 4, 9), [transforms.crop(4)], 0)


def test_padding_surrounds() -> None:
    picture = noise(1, 3, 4, 5)
    seen = transforms.pad(2, 0.25).apply(picture, ())
    assert seen.shape == (1, 3, 8, 9)
    assert torch.equal(seen[:, :, 2:-2, 2:-2], picture)
    assert (seen.sum() - picture.sum()).item() == pytest.approx(0.25 * 3 * (72 - 20))


def test_noise_has_its_deviation() -> None:
    plain = torch.zeros(1, 3, 100, 100)
    for grain, deviation in (((0.2, 0.0), 0.2), ((0.0, 0.6), 0.6 / math.sqrt(12))):
        seen = transformed(plain, [transforms.noise(*grain)], 1)
        assert seen.std().item() == pytest.approx(deviation, rel=0.03)
        assert seen.mean().item() == pytest.approx(0, abs=0.01)


def test_lucids_numbers() -> None:
    pad, crop, scale, rotate, last = LUCID
    assert pad.apply(torch.zeros(1, 3, 4, 4), ()).shape == (1, 3, 28, 28)
    assert pad.apply(torch.zeros(1, 3, 4, 4), ())[0, 0, 0, 0] == 0.5
    drawn = Counter(scale.draw(k)[0] for k in range(1500))
    assert sorted(drawn) == pytest.approx([0.9 + 0.02 * k for k in range(11)])
    angles = Counter(rotate.draw(k)[0] for k in range(10400))
    assert set(angles) == set(range(-10, 11))
    assert angles[0] == pytest.approx(10400 * 6 / 26, rel=0.05)
    assert {n for k in range(200) for n in crop.draw(k)} == set(range(9))
    assert {n for k in range(200) for n in last.draw(k)} == set(range(5))
    assert transformed(torch.rand(1, 3, 128, 128), LUCID, 3).shape[2] in range(120, 164)


def test_macos_crops() -> None:
    picture = torch.rand(2, 3, 320, 256, generator=torch.Generator().manual_seed(0))
    assert transformed(picture, MACO, 0, 0).shape == (12, 3, 224, 224)
    boxes = np.array([MACO[0].draw(k) for k in range(200)]).reshape(-1, 3)
    assert boxes[:, 2].min() == pytest.approx(0.25, abs=1e-3)
    assert boxes[:, 2].max() == pytest.approx(0.30, abs=1e-3)
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    assert middles.mean(0) == pytest.approx([0.5, 0.5], abs=0.02)
    assert middles.std(0) == pytest.approx([0.15, 0.15], abs=0.01)
    assert boxes[:, :2].min() >= 0
    assert (boxes[:, :2] + boxes[:, 2:]).max() <= 1 + 1e-12


@pytest.mark.parametrize("size", [(40, 100), (100, 40)])
def test_crops_of_any_picture_are_square(size: tuple[int, int]) -> None:
    """On a plane that rises by a pixel a pixel, a crop rises as much down as across."""
    y, x = (torch.arange(float(n), dtype=torch.float64) for n in size)
    plane = torch.stack([y[:, None].expand(size), x.expand(size)])[None]
    drawn = transforms.crops(20, 24, spread=0.05)
    seen = transformed(plane, [drawn], 1)
    extents = torch.tensor(drawn.draw(1, "transform", 0)[2::3], dtype=torch.float64)
    rise = (extents * 40 / 24)[:, None, None].expand(20, 23, 23)
    torch.testing.assert_close(seen[:, 0, :, 1:].diff(dim=1), rise)
    torch.testing.assert_close(seen[:, 1, 1:].diff(dim=2), rise)
    middles = (seen.mean((2, 3)) + 0.5) / torch.tensor(size, dtype=torch.float64)
    assert middles.mean(0).tolist() == pytest.approx([0.5, 0.5], abs=0.04)


def test_crops_of_one_picture_lie_together() -> None:
    two = torch.stack([torch.zeros(3, 40, 40), torch.ones(3, 40, 40)])
    seen = transformed(two, [transforms.crops(3, 5)], 0)
    assert seen.mean((1, 2, 3)).tolist() == pytest.approx([0, 0, 0, 1, 1, 1])


def test_two_of_a_kind_draw_numbers_of_their_own() -> None:
    picture = torch.arange(400.0).view(1, 1, 20, 20)
    crop = transforms.crop(8)
    shifts = set()
    for k in range(10):
        once = transformed(picture, [crop], k)[0, 0, 0, 0]
        twice = transformed(picture, [crop, crop], k)[0, 0, 0, 0]
        shifts.add((twice - once - once).item())
    assert shifts != {0.0}


def test_fractions_and_gaussians_have_their_moments() -> None:
    even, bell = np.array(randomness.fractions(4000, 1)), np.array(randomness.gaussians(4000, 2))
    assert even.min() >= 0
    assert even.max() < 1
    assert even.mean() == pytest.approx(0.5, abs=0.02)
    assert even.std() == pytest.approx(1 / math.sqrt(12), abs=0.01)
    assert bell.mean() == pytest.approx(0, abs=0.05)
    assert bell.std() == pytest.approx(1, abs=0.04)
    assert (bell**4).mean() == pytest.approx(3, abs=0.5)
