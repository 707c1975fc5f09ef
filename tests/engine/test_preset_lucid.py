"""`preset: lucid` against lucid's loop (Olah et al. 2017, tensorflow/lucid), written again from
its published numbers with torch's own Adam, transforms and sampling.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from whole_climbs import (
    SEED,
    Tiny,
    card_of,
    climbed,
    features,
    lucid_picture,
    optimised,
    planned,
    turned,
)

from dreamer.dreaming.randomness import integers, normals

HALF, MIDDLE = 127.5, 10.5  # InceptionV1 wants (−117, 138)
HEIGHT, WIDTH = 36, 44
SOURCE = torch.full((1, 3, HEIGHT, WIDTH), 0.3)
CHANNEL = 2
ANGLES = [*range(-10, 11), 0, 0, 0, 0, 0]


def tree(steps: int, layer: str = "three", **ascent: Any) -> dict[str, Any]:
    return {
        "target": {"layer": layer, "channels": [CHANNEL]},
        "ascent": {"preset": "lucid", "steps": steps, **ascent},
    }


def survived(picture: Tensor, step: int) -> Tensor:
    """lucid's `standard_transforms`, with the numbers that dreamer draws for this step."""
    where = (SEED, 0, 0, step, "transform")

    def cropped(picture: Tensor, less: int, number: int) -> Tensor:
        top, left = integers(2, 0, less, *where, number)
        height, width = (n - less for n in picture.shape[2:])
        return picture[:, :, top : top + height, left : left + width]

    picture = cropped(F.pad(picture, (12, 12, 12, 12), value=0.5), 8, 1)
    factor = [0.9, 0.92, 0.94, 0.96, 0.98, 1.0, 1.02, 1.04, 1.06, 1.08, 1.1]
    factor = factor[integers(1, 0, 10, *where, 2)[0]]
    size = [int(factor * n + 1e-9) for n in picture.shape[2:]]
    picture = F.interpolate(picture, size, mode="bilinear", align_corners=False)
    picture = turned(picture, ANGLES[integers(1, 0, 25, *where, 3)[0]])
    return cropped(picture, 4, 4)


class Redirected(torch.autograd.Function):
    """lucid's `redirected_relu_grad`, whose gradient is that of a loss."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        ordinary = torch.where(x <= 0, 0, grad)
        redirected = torch.where((x < 0) & (grad > 0), 0, grad)
        return ordinary if ordinary.norm() > 0 else redirected


def lucid(module: Tiny, steps: int, layer: str = "three", redirect: int = 16) -> Tensor:
    waves = 0.01 * normals((1, 3, HEIGHT, WIDTH // 2 + 1, 2), SEED, "fourier").double()
    waves.requires_grad_()

    def loss(step: int) -> Tensor:
        seen = survived(lucid_picture(waves, HEIGHT, WIDTH), step)
        relu = Redirected.apply if step < redirect else torch.relu
        return -features(module, seen, HALF, MIDDLE, relu)[layer][:, CHANNEL].mean()

    found = optimised(waves, torch.optim.Adam([waves], lr=0.05), loss, steps)
    return lucid_picture(found, HEIGHT, WIDTH)


def activation(module: Tiny, picture: Tensor) -> float:
    seen = features(module, picture.double(), HALF, MIDDLE)["relu2"]
    return seen[:, CHANNEL].max().item()


@pytest.fixture
def tiny() -> Tiny:
    return Tiny(1, scale=100)


def dead(by: float) -> Tiny:
    """A network of which one unit is closed for every noise."""
    module = Tiny(1, scale=100)
    with torch.no_grad():
        module.two.bias[CHANNEL] = -by
    return module


def test_the_plan_has_lucids_numbers(tiny: Tiny) -> None:
    words = {"network": "tiny", "size": 128, "target": "three", "ascent": {"preset": "lucid"}}
    plan = planned(words, card_of(tiny, HALF, MIDDLE))
    frame = plan.at(0)
    (octave,) = frame.octaves
    assert (octave.size, octave.steps, octave.step, octave.step_end) == (
        (128, 128),
        512,
        0.05,
        0.05,
    )
    assert (octave.jitter, octave.blur, frame.falloff) == (0, 0, 0)
    assert (frame.variation, frame.l1, frame.l2) == (0, 0, 0)
    ascent = plan.ascent
    assert (ascent.parameterisation, ascent.begin) == ("fourier", "noise")
    assert (ascent.optimiser, ascent.normalize, ascent.redirect) == ("adam", "none", 16)
    assert [name for name, _ in ascent.transforms] == ["lucid"]
    assert plan.targets[0].objective == "mean"


def test_twenty_steps_are_lucids(tiny: Tiny) -> None:
    found = climbed(tree(20), card_of(tiny, HALF, MIDDLE), SOURCE)
    expected = lucid(tiny, 20)
    assert (expected - lucid(tiny, 0)).abs().max() > 0.15
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=2e-5)


def test_no_steps_are_lucids_noise(tiny: Tiny) -> None:
    found = climbed(tree(0), card_of(tiny, HALF, MIDDLE), SOURCE)
    torch.testing.assert_close(found.double(), lucid(tiny, 0), rtol=0, atol=1e-6)


@pytest.mark.parametrize("by", [3.0, 30.0], ids=["wakes", "sleeps on"])
def test_a_dead_unit_climbs_as_lucids_redirected_gradients_let_it(by: float) -> None:
    """One that is still closed after 16 steps has no slope from then on: Adam runs out."""
    module = dead(by)
    found = climbed(tree(20, "relu2"), card_of(module, HALF, MIDDLE), SOURCE)
    expected = lucid(module, 20, "relu2")
    never, longer = (
        (lucid(module, 20, "relu2", redirect=steps) - expected).abs().max() for steps in (0, 20)
    )
    assert never > 0.01, "it wakes, or runs on, by what was redirected"
    assert (longer > 0.01) == (by == 30), "one that is awake needs it no more"
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=2e-5)


def test_a_dead_unit_wakes_up_only_where_gradients_are_redirected() -> None:
    module = dead(3.0)
    card = card_of(module, HALF, MIDDLE)
    noise, still, woken = (
        climbed(tree(steps, "relu2", **words), card, SOURCE)
        for steps, words in ((0, {}), (20, {"redirect": 0}), (20, {}))
    )
    assert activation(module, noise) == 0
    assert torch.equal(still, noise)
    assert activation(module, woken) > 0.1
