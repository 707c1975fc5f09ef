"""Batches asked to differ, to agree, and to lead from one thing to another."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import uphill
from tiny import noise, perceive, pictures

from dreamer.dreaming import diversity, priors
from dreamer.dreaming.terms import term as made

A = noise(4, 3, 5, 6)


def test_diversity_adds_up_to_lucids() -> None:
    flat = A.numpy().reshape(4, 3, 30)
    grams = [x @ x.T for x in flat]
    unit = [g / np.sqrt((g**2).sum()) for g in grams]
    pairs = np.array([[(g * h).sum() if g is not h else 0 for h in unit] for g in unit])
    found = diversity.diversity(A)
    np.testing.assert_allclose(found, -pairs.sum(1) / 4)
    assert found.sum().item() == pytest.approx(-pairs.sum() / 4)


def test_alike_pictures_are_not_diverse() -> None:
    same = A[:1].expand(4, 3, 5, 6)
    assert diversity.diversity(same).tolist() == pytest.approx([-3 / 4] * 4)
    assert (diversity.diversity(A) > -3 / 4).all()


def test_a_masked_part_alone_may_differ() -> None:
    mask = torch.zeros(1, 1, 5, 6, dtype=torch.float64)
    mask[..., :3] = 1
    torch.testing.assert_close(diversity.diversity(A, mask), diversity.diversity(A[..., :3]))


def test_a_picture_alone_is_asked_nothing() -> None:
    for alone in (diversity.diversity, diversity.alignment):
        leaf = A[:1].clone().requires_grad_()
        found = alone(leaf)
        found.sum().backward()
        assert found.tolist() == [0]
        assert leaf.grad is not None
        assert leaf.grad.abs().max() == 0


def test_pictures_grow_apart() -> None:
    image = pictures(1).repeat(3, 1, 1, 1) + 0.01 * noise(3, 3, 10, 12)
    tap = next(iter(perceive(image)))
    term = made("diversity", [tap], 0)
    before = diversity.diversity(perceive(image)[tap]).sum()
    for _ in range(20):
        pull = uphill.slope(image, perceive, [term], torch.ones(1).double())
        image = (image + 0.02 * priors.by_deviation(pull)).clamp(0, 1)
    assert diversity.diversity(perceive(image)[tap]).sum() > before + 0.2


@pytest.mark.parametrize("batch", [2, 3, 5, 7])
@pytest.mark.parametrize("decay", [1.0, 2.0])
def test_alignment_adds_up_to_lucids(batch: int, decay: float) -> None:
    a = noise(batch, 3, 5, 6).numpy()
    expected, each = 0.0, np.zeros(batch)
    for d in (1, 2, 3, 4):
        for i in range(batch - d):
            pair = ((a[i] - a[i + d]) ** 2).mean() / decay**d
            expected -= pair
            each[[i, i + d]] -= pair / 2
    found = diversity.alignment(torch.from_numpy(a), decay)
    assert found.sum().item() == pytest.approx(expected)
    np.testing.assert_allclose(found, each)


def test_interpolation_leads_from_one_to_the_other() -> None:
    other = noise(4, 2, 3, 3, seed=1)
    one, two = A.mean((1, 2, 3)).numpy(), other.mean((1, 2, 3)).numpy()
    share = np.array([0, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(diversity.interpolation(A, other), (1 - share) * one + share * two)
    torch.testing.assert_close(diversity.interpolation(A[:1], other[:1]), A[:1].mean((1, 2, 3)))


def test_impossible_batches_are_refused() -> None:
    with pytest.raises(ValueError, match="4 pictures cannot lead to 2"):
        diversity.interpolation(A, A[:2])
    with pytest.raises(ValueError, match="above 0, not 0"):
        diversity.alignment(A, 0.0)
