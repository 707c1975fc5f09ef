"""Directions, guides, styles and reconstructions, each written again in numpy place by place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import uphill
from tiny import noise, perceive, pictures

from dreamer.dreaming import features, priors
from dreamer.dreaming.terms import OBJECTIVES
from dreamer.dreaming.terms import term as made

A, R, VECTOR = noise(2, 4, 5, 6), noise(1, 4, 5, 6, seed=1), noise(4, seed=2)
LARGER = noise(1, 4, 3, 8, seed=3)  # a guide of another size
MASK = torch.sigmoid(noise(1, 1, 5, 6, seed=4))
MASKS = pytest.mark.parametrize("mask", [None, MASK], ids=["open", "masked"])


def weights(mask: torch.Tensor | None) -> np.ndarray:
    return np.ones((5, 6)) if mask is None else mask[0, 0].numpy()


def over_places(
    one: Callable[[np.ndarray, int, int], float], mask: torch.Tensor | None
) -> list[float]:
    """Σ over places of `one(column, row, column)`, weighed, for each picture."""
    w = weights(mask)
    return [sum(w[i, j] * one(a[:, i, j], i, j) for i, j in np.ndindex(5, 6)) for a in A.numpy()]


def cosine(a: np.ndarray, v: np.ndarray) -> float:
    return float(a @ v / (1e-4 + np.sqrt(a @ a)) / (1e-4 + np.sqrt(v @ v)))


@MASKS
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.5])
def test_direction_is_its_formula(exponent: float, mask: torch.Tensor | None) -> None:
    v = VECTOR.numpy()
    expected = over_places(lambda a, i, j: a @ v * max(0.1, cosine(a, v)) ** exponent / 30, mask)
    np.testing.assert_allclose(features.direction(A, VECTOR, exponent, mask=mask), expected)


@MASKS
def test_cosine_is_its_formula(mask: torch.Tensor | None) -> None:
    expected = over_places(lambda a, i, j: cosine(a, VECTOR.numpy()) / 30, mask)
    np.testing.assert_allclose(features.cosine(A, VECTOR, mask=mask), expected)


def test_pictures_and_places_may_have_their_own_directions() -> None:
    own = noise(2, 4, seed=5)
    expected = [features.direction(A[k : k + 1], own[k], 1.0).item() for k in (0, 1)]
    assert features.direction(A, own, 1.0).tolist() == pytest.approx(expected)
    field = own[:, :, None, None].expand_as(A)
    assert features.direction(A, field, 1.0).tolist() == pytest.approx(expected)
    expected = over_places(lambda a, i, j: a @ R[0, :, i, j].numpy() / 30, None)
    np.testing.assert_allclose(features.direction(A, R), expected)


def test_a_direction_may_be_asked_at_one_place() -> None:
    found = features.direction(A, VECTOR, place=(0.5, 0.5))
    torch.testing.assert_close(found, A[:, :, 2, 3] @ VECTOR)
    assert features.cosine(A, VECTOR, (0, 0))[1].item() == pytest.approx(
        cosine(A[1, :, 0, 0].numpy(), VECTOR.numpy())
    )


def test_a_neuron_is_at_lucids_centre() -> None:
    for height, width in ((5, 6), (4, 7), (1, 1), (2, 2)):
        activation = noise(2, 1, height, width)
        expected = activation[:, 0, height // 2, width // 2]
        torch.testing.assert_close(features.neuron(activation), expected)


def test_a_neuron_pulls_at_its_place_only() -> None:
    leaf = A.clone().requires_grad_()
    features.neuron(leaf[:, [1]], (0.2, 0.9)).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.nonzero().tolist() == [[0, 1, 1, 5], [1, 1, 1, 5]]


@MASKS
def test_a_guide_is_the_notebooks(mask: torch.Tensor | None) -> None:
    """The gradient is the column that its `objective_guide` writes into the layer's diff."""
    y = LARGER[0].numpy().reshape(4, -1)
    leaf = A.clone().requires_grad_()
    found = features.guide(leaf, LARGER, mask)
    found.sum().backward()
    expected = over_places(lambda a, i, j: (a @ y).max(), mask)
    np.testing.assert_allclose(found.detach(), expected)
    for b in (0, 1):
        x = A[b].numpy().reshape(4, -1)
        diff = y[:, (x.T @ y).argmax(1)].reshape(4, 5, 6) * weights(mask)
        np.testing.assert_allclose(leaf.grad[b], diff)  # type: ignore[index]


def test_pictures_may_have_their_own_guides() -> None:
    guides = noise(2, 4, 3, 8, seed=6)
    expected = [features.guide(A[k : k + 1], guides[k : k + 1]).item() for k in (0, 1)]
    assert features.guide(A, guides).tolist() == pytest.approx(expected)


def test_a_guide_is_the_same_a_few_places_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = features.guide(A, LARGER)
    monkeypatch.setattr(features, "AT_ONCE", 24 * 7)
    torch.testing.assert_close(features.guide(A, LARGER), expected)


def gram(a: np.ndarray, w: np.ndarray) -> np.ndarray:
    found = np.zeros((len(a), len(a)))
    for i, j in np.ndindex(*w.shape):
        found += w[i, j] * np.outer(a[:, i, j], a[:, i, j])
    return found / w.sum()


@MASKS
def test_gram_is_its_formula(mask: torch.Tensor | None) -> None:
    expected = [gram(a, weights(mask)) for a in A.numpy()]
    np.testing.assert_allclose(features.gram(A, mask), expected)


@MASKS
def test_style_is_its_formula(mask: torch.Tensor | None) -> None:
    wanted, w = gram(LARGER[0].numpy(), np.ones((3, 8))), weights(mask)
    expected = [
        -w.mean() * ((gram(a, w) - wanted) ** 2).sum() / (wanted**2).sum() for a in A.numpy()
    ]
    np.testing.assert_allclose(features.style(A, features.gram(LARGER), mask), expected)


def test_style_knows_no_places() -> None:
    moved = A.roll((2, 3), (2, 3)).flip(3)
    wanted = features.gram(A[:1])
    assert features.style(moved, wanted)[0].item() == pytest.approx(0, abs=1e-12)
    assert features.inversion(moved, A[:1])[0] < -1


@MASKS
def test_inversion_is_its_formula(mask: torch.Tensor | None) -> None:
    r = R[0].numpy()
    expected = [-(weights(mask) * (a - r) ** 2).sum() / (r**2).sum() for a in A.numpy()]
    np.testing.assert_allclose(features.inversion(A, R, mask), expected)


@MASKS
@pytest.mark.parametrize("exponent", [0.0, 1.0, 3.0])
def test_caricature_is_its_formula(exponent: float, mask: torch.Tensor | None) -> None:
    root = np.sqrt(weights(mask))
    r = (R[0].numpy() * root).ravel()
    for b, near in ((0, 0.0), (1, 2.0)):  # far from the picture, and near it
        activation = A + near * R
        a = (activation[b].numpy() * root).ravel()
        expected = a @ r / 30 * max(0.1, cosine(a, r)) ** exponent
        found = features.caricature(activation, R, exponent, mask)[b].item()
        assert found == pytest.approx(expected)


@MASKS
def test_difference_is_its_formula(mask: torch.Tensor | None) -> None:
    other = noise(2, 4, 5, 6, seed=7)
    expected = (weights(mask) * np.abs(A.numpy() - other.numpy())).mean((1, 2, 3))
    np.testing.assert_allclose(features.difference(A, other, mask), expected)


def test_a_cosine_turns_where_a_dot_product_grows() -> None:
    """Of two activations of one dot product, the one that points the right way is preferred."""
    straight = VECTOR[None, :, None, None]
    aside = torch.tensor([-VECTOR[1], VECTOR[0], 0, 0])[None, :, None, None]
    loud = straight + 3 * aside
    for exponent, best in ((0.0, False), (2.0, True)):
        one, other = (features.direction(x, VECTOR, exponent) for x in (straight, loud))
        assert (one > other + 1e-3).item() is best


def test_inversion_brings_back_what_the_layer_kept() -> None:
    """Half as many numbers as the picture has, so that it comes nearer but not all the way."""
    wanted, image = pictures(1, seed=1), pictures(1, seed=2)
    tap, reference = next(iter(perceive(wanted).items()))
    term = made("inversion", [tap], 0, reference=reference)
    start = (image - wanted).square().mean()
    for number in range(300):
        size = 0.03 * (1 - number / 300)
        pull = uphill.slope(image, perceive, [term], torch.ones(1).double())
        image = (image + size * priors.by_deviation(pull)).clamp(0, 1)
    assert features.inversion(perceive(image)[tap], reference).item() > -0.02
    assert (image - wanted).square().mean() < 0.8 * start


def test_references_have_no_gradient() -> None:
    for name, row in OBJECTIVES.items():
        if row.needs == ("reference",):
            reference = (features.gram(R) if name == "style" else R).clone().requires_grad_()
            assert not row.value(A, reference).requires_grad


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: features.direction(A, noise(3)), r"direction has the shape \(1, 3\).* 4 channels"),
        (lambda: features.direction(A, noise(3, 4)), "3 of direction do not fit 2 pictures"),
        (lambda: features.direction(A, noise(1, 4, 2, 2)), r"direction has \(2, 2\) places"),
        (lambda: features.direction(A, VECTOR, -1.0), "0 or more, not -1"),
        (lambda: features.cosine(A, VECTOR, (2.0, 0.0)), "two fractions"),
        (lambda: features.guide(A, noise(1, 5, 3, 3)), r"guide has the shape .* 4 channels"),
        (lambda: features.guide(A, noise(3, 4, 3, 3)), "3 of guide do not fit 2 pictures"),
        (lambda: features.style(A, noise(1, 5, 5)), r"Gram matrix of 4 channels .* \(1, 5, 5\)"),
        (lambda: features.style(A, noise(4, 4)), r"not \(4, 4\)"),
        (lambda: features.style(A, noise(3, 4, 4)), "3 Gram matrices do not fit 2 pictures"),
        (lambda: features.inversion(A, noise(1, 5, 5, 6)), "reference has the shape"),
        (lambda: features.inversion(A, noise(1, 4, 5, 7)), r"\(5, 7\) places, .*\(5, 6\)"),
        (lambda: features.caricature(A, noise(1, 4, 6, 6)), r"\(6, 6\) places"),
        (lambda: features.caricature(A, R, -0.5), r"0 or more, not -0\.5"),
        (lambda: features.difference(A, R), "have no difference"),
        (lambda: features.neuron(A, (0.5, 1.0)), "two fractions"),
    ],
)
def test_impossible_comparisons_are_refused(use: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        use()
