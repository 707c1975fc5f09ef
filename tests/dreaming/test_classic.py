"""The classic ascent against google/deepdream's notebook, written again in numpy, float64, in
its own 0–255 units.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import uphill

from dreamer.dreaming import colour, objectives, octaves, priors, randomness

MEAN = np.array([104.0, 116.0, 122.0])
TAP = objectives.Tap("tiny", "relu")
RNG = np.random.default_rng(3)
KERNEL = RNG.normal(0, 0.2, (5, 3, 3, 3))
BIAS = RNG.normal(0, 0.1, 5)


def reference_gradient(x: np.ndarray) -> np.ndarray:
    """∂ ½‖relu(conv(x))‖² / ∂x with zero padding, shift by shift."""
    height, width = x.shape[1:]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    out = BIAS[:, None, None] * np.ones((5, height, width))
    for i in range(3):
        for j in range(3):
            window = padded[:, i : i + height, j : j + width]
            out += np.einsum("oc,chw->ohw", KERNEL[:, :, i, j], window)
    out = np.maximum(out, 0)
    slope = np.zeros_like(padded)
    for i in range(3):
        for j in range(3):
            slope[:, i : i + height, j : j + width] += np.einsum(
                "oc,ohw->chw", KERNEL[:, :, i, j], out
            )
    return slope[:, 1:-1, 1:-1]


def reference_zoom(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`scipy.ndimage.zoom(order=1)`: linear between pixels, corners on corners."""
    for axis, wanted in ((1, size[0]), (2, size[1])):
        places = np.linspace(0, x.shape[axis] - 1, wanted)
        low = np.clip(np.floor(places).astype(int), 0, max(x.shape[axis] - 2, 0))
        part = (places - low).reshape((-1, 1) if axis == 1 else (1, -1))
        high = np.minimum(low + 1, x.shape[axis] - 1)
        x = np.take(x, low, axis) * (1 - part) + np.take(x, high, axis) * part
    return x


def reference_deepdream(
    image: np.ndarray, sizes: list[tuple[int, int]], steps: int, seed: int
) -> np.ndarray:
    """The notebook's `deepdream` on a picture `(3, H, W)` of 0–255, channels BGR-like in any
    order.
    """
    mean = MEAN[:, None, None]
    bases = [image - mean]
    for size in reversed(sizes[:-1]):
        bases.append(reference_zoom(bases[-1], size))
    detail = np.zeros_like(bases[-1])
    for octave, base in enumerate(reversed(bases)):
        if octave:
            detail = reference_zoom(detail, base.shape[1:])
        x = base + detail
        for step in range(steps):
            oy, ox = randomness.integers(2, -32, 32, seed, 0, octave, step)
            x = np.roll(np.roll(x, ox, -1), oy, -2)
            g = reference_gradient(x / 58.0)
            x = x + 1.5 * g / np.abs(g).mean()
            x = np.roll(np.roll(x, -ox, -1), -oy, -2)
            x = np.clip(x, -mean, 255 - mean)
        detail = x - base
    return x + mean


def perceive(image: torch.Tensor) -> dict[objectives.Tap, torch.Tensor]:
    mean = torch.from_numpy(MEAN)[:, None, None]
    kernel, bias = torch.from_numpy(KERNEL), torch.from_numpy(BIAS)
    return {TAP: F.relu(F.conv2d((image * 255 - mean) / 58.0, kernel, bias, padding=1))}


TERM = objectives.Term((TAP,), (0,), lambda a, w: w[0] * objectives.energy(a[TAP]))


def classic_step(image: torch.Tensor, seed: int, octave: int, step: int) -> torch.Tensor:
    shift = randomness.integers(2, -32, 32, seed, 0, octave, step)
    return uphill.step(
        image, perceive, TERM, 1.5 / 255, priors.by_mean_absolute, colour.add_clipped, shift
    )


def dream_classic(
    image: torch.Tensor, sizes: list[tuple[int, int]], steps: int, seed: int
) -> torch.Tensor:
    def ascend(picture: torch.Tensor, octave: int) -> torch.Tensor:
        for step in range(steps):
            picture = classic_step(picture, seed, octave, step)
        return picture

    add = partial(torch.add)  # the notebook clips after a step, not where detail joins its base
    return octaves.through_octaves(image, sizes, octaves.resize_corners, add, ascend)


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).uniform(20, 235, (3, 53, 70))


def test_one_step_is_the_notebooks(picture: np.ndarray) -> None:
    ours = classic_step(torch.from_numpy(picture)[None] / 255, 7, 0, 0)[0].numpy() * 255
    theirs = reference_deepdream(picture, [(53, 70)], 1, 7)
    assert np.abs(theirs - picture).max() > 1
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6 * 255)


def test_ten_steps_in_four_octaves_are_the_notebooks(picture: np.ndarray) -> None:
    sizes = [(19, 26), (27, 36), (38, 50), (53, 70)]
    ours = dream_classic(torch.from_numpy(picture)[None] / 255, sizes, 10, 1)[0].numpy() * 255
    theirs = reference_deepdream(picture, sizes, 10, 1)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6 * 255)


def test_gradient_agrees_with_finite_differences(picture: np.ndarray) -> None:
    image = torch.from_numpy(picture[:, :8, :9])[None] / 255
    slope = uphill.slope(image, perceive, [TERM], torch.ones(1))
    for where in [(0, 0, 0, 0), (0, 1, 3, 4), (0, 2, 7, 8)]:
        bump = torch.zeros_like(image)
        bump[where] = 1e-6
        up, down = (
            objectives.total([TERM], perceive(image + s * bump), torch.ones(1)).item()
            for s in (1, -1)
        )
        assert slope[where].item() == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_steps_raise_the_objective(picture: np.ndarray) -> None:
    image = torch.from_numpy(picture)[None] / 255
    before = objectives.energy(perceive(image)[TAP]).item()
    for step in range(5):
        image = classic_step(image, 0, 0, step)
    assert objectives.energy(perceive(image)[TAP]).item() > 1.2 * before


def test_no_steps_give_back_the_picture(picture: np.ndarray) -> None:
    image = torch.from_numpy(picture)[None] / 255
    sizes = [(19, 26), (27, 36), (38, 50), (53, 70)]
    assert torch.equal(dream_classic(image, sizes, 0, 1), image)


def test_pictures_of_a_batch_do_not_touch_each_other(picture: np.ndarray) -> None:
    one = torch.from_numpy(picture)[None] / 255
    two = torch.cat([one.flip(2) * 0.3, one])
    alone, together = classic_step(one, 5, 0, 0), classic_step(two, 5, 0, 0)
    torch.testing.assert_close(together[1:], alone, rtol=0, atol=1e-12)
