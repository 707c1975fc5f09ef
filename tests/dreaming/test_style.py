"""The house style's parts: falloff, natural colours, soft highlights, standing out, class
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
    shaped = priors.falloff(gradient, 1.0, priors.wavenumbers((128, 96), 64)).numpy()
    before, after = np.abs(np.fft.fft2(gradient.numpy())), np.abs(np.fft.fft2(shaped))
    ratio = after[0, 0] / before[0, 0]
    assert ratio[4, 0] / ratio[32, 0] == pytest.approx(8)  # 4/128 and 32/128 cycles a pixel
    assert ratio[0, 0] == pytest.approx(1)


def test_no_falloff_changes_nothing() -> None:
    gradient = noise(2, 3, 31, 50)
    waves = priors.wavenumbers((31, 50))
    torch.testing.assert_close(priors.falloff(gradient, 0.0, waves), gradient)


def test_normalisations_are_per_picture() -> None:
    gradient = noise(2, 3, 8, 8) * torch.tensor([1.0, 100.0])[:, None, None, None]
    assert priors.by_mean_absolute(gradient).abs().mean((1, 2, 3)).tolist() == pytest.approx([1, 1])
    assert priors.by_deviation(gradient).std((1, 2, 3)).tolist() == pytest.approx([1, 1])
    assert torch.isfinite(priors.by_deviation(torch.zeros(1, 3, 4, 4))).all()


def test_natural_colours_prefer_light_over_hue() -> None:
    axes = colour.natural_axes()
    grey = colour.along_natural_colours(torch.ones(1, 3, 2, 2), axes)
    hue = torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1)
    assert grey.norm() / 2 > 3 * colour.along_natural_colours(hue, axes).norm()


def test_natural_colours_are_a_step_in_decorrelated_ones() -> None:
    root = np.array(colour.NATURAL)
    covariance = root @ root.T * 3 / np.trace(root @ root.T)
    gradient = noise(1, 3, 4, 5).float()
    found = colour.along_natural_colours(gradient, colour.natural_axes(0.6))
    expected = 0.6 * np.einsum("dc,chw->dhw", covariance, gradient[0]) + 0.4 * gradient[0].numpy()
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


def test_soft_adding_keeps_the_middle_and_never_clips() -> None:
    image = torch.linspace(0, 1, 101, dtype=torch.float64).view(1, 1, 1, -1).expand(1, 3, 1, -1)
    small = colour.add_softly(image, torch.full_like(image, 0.01))
    assert (small - image)[0, 0, 0, 50].item() == pytest.approx(0.01, rel=1e-3)
    large = colour.add_softly(image[..., 1:-1], torch.full_like(image[..., 1:-1], 0.5))
    assert large.min() > 0
    assert large.max() <= 1
    assert (large.diff(dim=-1) >= -1e-12).all(), "order of tones is kept"
    assert torch.equal(colour.add_softly(image, torch.zeros_like(image)), image)


@pytest.mark.parametrize("size", [0.01, 0.5, -0.01, -0.5])
def test_soft_adding_never_leaves_the_range_however_often(size: float) -> None:
    image = torch.tensor([0.0, 1e-5, 0.3, 0.99999, 1.0]).expand(1, 3, 1, -1)
    change = torch.full_like(image, size)
    for _ in range(1000):
        image = colour.add_softly(image, change)
    assert image.min() >= 0
    assert image.max() <= 1


def test_soft_adding_drives_nothing_further_out() -> None:
    image = torch.tensor([-0.05, 1.05]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    assert torch.equal(colour.add_softly(image, torch.tensor([-0.1, 0.1])), image)
    back = colour.add_softly(image, torch.tensor([0.1, -0.1]))[0, 0, 0].tolist()
    assert back == pytest.approx([0.05, 0.95], abs=1e-3)


def test_holding_colours_moves_statistics_by_the_fraction() -> None:
    image = 0.5 + 0.1 * noise(1, 3, 64, 64)
    anchor = torch.tensor([[[0.4, 0.5, 0.6], [0.07, 0.1, 0.12]]], dtype=torch.float64)
    held = colour.statistics(colour.hold(image, anchor, 0.5))
    torch.testing.assert_close(held, (colour.statistics(image) + anchor) / 2, rtol=0, atol=1e-3)


def test_holding_makes_no_picture_of_rounding_errors() -> None:
    flat = 0.5 + 1e-5 * noise(1, 3, 64, 64)
    anchor = torch.tensor([[[0.5] * 3, [0.3] * 3]], dtype=torch.float64)
    assert colour.hold(flat, anchor, 0.05).std() < 1.3e-5


def test_standing_out_does_not_let_a_loud_channel_rule() -> None:
    std = torch.tensor([1.0, 100.0])
    leaf = (noise(1, 2, 8, 8).float() * std[:, None, None]).requires_grad_()
    objectives.standing_out(leaf, std).sum().backward()
    pull = (leaf.grad * std[:, None, None]).norm(dim=(2, 3))[0]
    assert pull[1] < 2 * pull[0]


def test_what_stands_out_at_a_place_is_raised_there() -> None:
    leaf = torch.zeros(1, 3, 9, 9)
    leaf[0, 1, 4, 4] = 3
    leaf.requires_grad_()
    objectives.standing_out(leaf, torch.ones(3)).sum().backward()
    here = leaf.grad[0, :, 4, 4]
    assert here[1] > 0 > here[[0, 2]].max()


def test_standing_out_is_its_formula() -> None:
    x, std, sharpness = noise(2, 3, 6, 7).numpy() * 4, np.array([0.5, 1.0, 3.0]), 3.0
    expected = np.zeros(2)
    for b, i, j in np.ndindex(2, 6, 7):
        near = x[b, :, max(0, i - 2) : i + 3, max(0, j - 2) : j + 3].mean((1, 2))
        z = (x[b, :, i, j] - near) / std
        expected[b] += np.log(np.exp(sharpness * z).sum()) / sharpness / 42
    found = objectives.standing_out(torch.from_numpy(x), torch.from_numpy(std), 5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_mean_of_a_box_is_what_lies_inside() -> None:
    x = noise(1, 2, 4, 9)
    expected = torch.nn.functional.avg_pool2d(x, 5, 1, 2, count_include_pad=False)
    torch.testing.assert_close(objectives.box_mean(x, 5), expected)


def test_a_total_gives_each_term_its_own_weights() -> None:
    tap = objectives.Tap("n", "l")
    terms = [objectives.Term((tap,), k, lambda a, w: w.sum() * a[tap]) for k in ((0, 2), (1,))]
    found = objectives.total(terms, {tap: torch.ones(1)}, torch.tensor([1.0, 10.0, 100.0]))
    assert found.tolist() == [111.0]


def mixture_of(logits: np.ndarray, classes: list[int], weights: list[float]) -> float:
    """`class_mixture` of one picture `(classes, h, w)`, as its docstring has it."""
    p = np.exp(logits) / np.exp(logits).sum(0)
    whole = sum(max(w, 0.0) for w in weights)
    pairs = list(zip(classes, weights, strict=True))
    surely = sum(w / whole * p[c] for c, w in pairs if w > 0)
    strongly = sum(w / whole * np.exp(logits[c]) for c, w in pairs if w > 0)
    value = whole * (np.log(surely) + np.log(strongly)).mean()
    return float(value + sum(w * np.log(p[c]).mean() for c, w in pairs if w < 0))


@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [0.3, 2.0, -0.7], [0.0, 1.5, 0.0]])
def test_class_mixture_is_its_formula(weights: list[float]) -> None:
    logits = 2 * noise(1, 5, 3, 4)
    classes = [4, 0, 2]
    found = objectives.class_mixture(logits, torch.tensor(classes), torch.tensor(weights).double())
    assert found.item() == pytest.approx(mixture_of(logits[0].numpy(), classes, weights))


def test_a_part_is_judged_by_its_mean() -> None:
    """A window of all positions is one part; a smaller one slides, and is cut by the edges."""
    logits, daisy, one = noise(1, 3, 3, 3), torch.tensor([1]), torch.ones(1)
    whole = logits.mean((2, 3), keepdim=True)
    row = logits[:, :, :1]
    cut = torch.stack([row[..., :2].mean(3), row.mean(3), row[..., 1:].mean(3)], 3)
    for found, parts in (
        (objectives.class_mixture(logits, daisy, one, 5), whole),
        (objectives.class_mixture(row, daisy, one, 3), cut),
    ):
        torch.testing.assert_close(found, objectives.class_mixture(parts, daisy, one))


def pull(logits: torch.Tensor, weights: list[float]) -> torch.Tensor:
    """The gradient of a mixture of the first classes."""
    leaf = logits.clone().requires_grad_()
    classes = torch.arange(len(weights))
    objectives.class_mixture(leaf, classes, torch.tensor(weights).double()).sum().backward()
    assert leaf.grad is not None
    return leaf.grad


@pytest.mark.parametrize("weights", [[1.0], [1.0, 3.0], [1.0, -2.0]])
@pytest.mark.parametrize("scale", [0.0, 1e-6, 0.5, 7.0])
def test_class_mixture_scales_with_its_weights(weights: list[float], scale: float) -> None:
    logits = noise(1, 4, 3, 3)
    scaled = pull(logits, [scale * w for w in weights])
    torch.testing.assert_close(scaled, scale * pull(logits, weights), rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("weight", [0.0, -1e-9])
def test_a_class_faded_out_takes_nothing_from_the_others(weight: float) -> None:
    logits = torch.zeros(1, 4, 2, 2, dtype=torch.float64)
    logits[:, 0], logits[:, 1] = 10, -8  # the picture shows what is no longer wanted
    alone = pull(logits[:, [1, 0, 2, 3]], [1.0])[:, [1, 0, 2, 3]]
    torch.testing.assert_close(pull(logits, [weight, 1.0]), alone, rtol=0, atol=1e-8)


def test_class_mixture_lets_places_choose() -> None:
    logits = torch.zeros(1, 4, 1, 2)
    logits[0, 1, 0, 0] = logits[0, 2, 0, 1] = 8  # left shows class 1, right class 2
    both = torch.ones(2)
    mixed = torch.zeros(1, 4, 1, 2)
    mixed[0, 1:3] = 4  # the same sum of logits, half of each class everywhere
    chosen, fought_for = (
        objectives.class_mixture(x, torch.tensor([1, 2]), both) for x in (logits, mixed)
    )
    assert chosen > fought_for
    assert objectives.class_logit(logits, torch.tensor([1, 2]), both) == objectives.class_logit(
        mixed, torch.tensor([1, 2]), both
    )


def test_class_mixture_with_a_negative_weight_avoids_the_class() -> None:
    logits = torch.zeros(1, 3, 2, 2, requires_grad=True)
    weights = torch.tensor([1.0, -1.0])
    objectives.class_mixture(logits, torch.tensor([0, 1]), weights).sum().backward()
    assert logits.grad is not None
    assert (logits.grad[:, 0] > 0).all()
    assert (logits.grad[:, 1] < 0).all()


def test_a_class_mixture_of_zero_weight_pulls_nowhere() -> None:
    logits = torch.randn(1, 3, 2, 2).requires_grad_()
    objectives.class_mixture(logits, torch.tensor([0]), torch.zeros(1)).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert logits.grad.abs().max() == 0
