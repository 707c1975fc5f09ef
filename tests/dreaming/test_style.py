"""The house style's parts: falloff, natural colours, soft highlights, standardised energy, class
mixtures.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dreamer.dreaming import colour, objectives, priors


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_falloff_divides_amplitudes_by_frequency() -> None:
    gradient = noise(1, 3, 128, 96)
    shaped = priors.falloff(gradient, 1.0, longest=64).numpy()
    before, after = np.abs(np.fft.fft2(gradient.numpy())), np.abs(np.fft.fft2(shaped))
    ratio = after[0, 0] / before[0, 0]
    assert ratio[4, 0] / ratio[32, 0] == pytest.approx(8)  # 4/128 and 32/128 cycles a pixel
    assert ratio[0, 0] == pytest.approx(1)


def test_no_falloff_changes_nothing() -> None:
    gradient = noise(2, 3, 31, 50)
    torch.testing.assert_close(priors.falloff(gradient, 0.0), gradient)


def test_normalisations_are_per_picture() -> None:
    gradient = noise(2, 3, 8, 8) * torch.tensor([1.0, 100.0])[:, None, None, None]
    assert priors.by_mean_absolute(gradient).abs().mean((1, 2, 3)).tolist() == pytest.approx([1, 1])
    assert priors.by_deviation(gradient).std((1, 2, 3)).tolist() == pytest.approx([1, 1])
    assert torch.isfinite(priors.by_deviation(torch.zeros(1, 3, 4, 4))).all()


def test_natural_colours_prefer_light_over_hue() -> None:
    grey = colour.along_natural_colours(torch.ones(1, 3, 2, 2))
    red_green = colour.along_natural_colours(torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1))
    assert grey.norm() / 2 > 3 * red_green.norm()


def test_soft_adding_keeps_the_middle_and_never_clips() -> None:
    image = torch.linspace(0, 1, 101, dtype=torch.float64).view(1, 1, 1, -1).expand(1, 3, 1, -1)
    small = colour.add_softly(image, torch.full_like(image, 0.01))
    assert (small - image)[0, 0, 0, 50].item() == pytest.approx(0.01, rel=1e-3)
    large = colour.add_softly(image[..., 1:-1], torch.full_like(image[..., 1:-1], 0.5))
    assert large.min() > 0
    assert large.max() <= 1
    assert (large.diff(dim=-1) >= -1e-12).all(), "order of tones is kept"
    assert torch.equal(colour.add_softly(image, torch.zeros_like(image)), image)


def test_holding_colours_moves_statistics_by_the_fraction() -> None:
    image = 0.5 + 0.1 * noise(1, 3, 64, 64)
    anchor = torch.tensor([[[0.4, 0.5, 0.6], [0.05, 0.1, 0.12]]], dtype=torch.float64)
    held = colour.statistics(colour.hold(image, anchor, 0.5))
    torch.testing.assert_close(held, (colour.statistics(image) + anchor) / 2, rtol=0, atol=1e-3)


def test_standardised_energy_does_not_let_a_loud_channel_rule() -> None:
    std = torch.tensor([1.0, 100.0])
    leaf = (noise(1, 2, 8, 8).float() * std[:, None, None]).requires_grad_()
    objectives.standardised_energy(leaf, std).sum().backward()
    pull = (leaf.grad * std[:, None, None]).norm(dim=(2, 3))[0]
    assert pull[1] < 2 * pull[0]


def test_class_mixture_lets_places_choose() -> None:
    logits = torch.zeros(1, 4, 1, 2)
    logits[0, 1, 0, 0] = logits[0, 2, 0, 1] = 8  # left shows class 1, right class 2
    both = torch.ones(2)
    shared = objectives.class_mixture(logits, [1, 2], both)
    single = torch.zeros(1, 4, 1, 2)
    single[0, 1] = 4  # the same sum of logits, in one class
    assert shared > objectives.class_mixture(single, [1, 2], both)


def test_class_mixture_with_a_negative_weight_avoids_the_class() -> None:
    logits = torch.zeros(1, 3, 2, 2, requires_grad=True)
    objectives.class_mixture(logits, [0, 1], torch.tensor([1.0, -1.0])).sum().backward()
    assert logits.grad is not None
    assert (logits.grad[:, 0] > 0).all()
    assert (logits.grad[:, 1] < 0).all()


def test_a_class_mixture_of_zero_weight_pulls_nowhere() -> None:
    logits = torch.randn(1, 3, 2, 2).requires_grad_()
    objectives.class_mixture(logits, [0], torch.zeros(1)).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert logits.grad.abs().max() == 0
