"""Each energy is its formula, written again in numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from tiny import noise

from dreamer.dreaming import energies, objectives

ACTIVATION = 3 * noise(2, 4, 5, 6)
MASK = torch.sigmoid(noise(1, 1, 5, 6, seed=1))

FORMULAS: dict[str, tuple[Callable[..., torch.Tensor], Callable[..., float]]] = {
    "energy": (objectives.energy, lambda a, m: (m * a**2).sum() / 2),
    "mean": (energies.mean, lambda a, m: (m * a).mean()),
    "mean_square": (energies.mean_square, lambda a, m: (m * a**2).mean()),
    "absolute_mean": (energies.absolute_mean, lambda a, m: (m * abs(a)).mean()),
    "absolute_sum": (energies.absolute_sum, lambda a, m: (m * abs(a)).sum()),
    "norm": (energies.norm, lambda a, m: np.sqrt((m * a**2).sum())),
    "softplus": (energies.softplus, lambda a, m: (m * np.log(1 + np.exp(a))).mean()),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_it_is_its_formula(name: str) -> None:
    ours, theirs = FORMULAS[name]
    one = np.ones((1, 5, 6))
    for mask, weights in ((None, one), (MASK, MASK[0].numpy())):
        expected = [theirs(a, weights) for a in ACTIVATION.numpy()]
        np.testing.assert_allclose(ours(ACTIVATION, mask=mask), expected, rtol=1e-12)


@pytest.mark.parametrize("exponent", [1.0, 1.5, 2.0, 4.0])
def test_power_is_its_formula(exponent: float) -> None:
    weights = MASK[0].numpy()
    expected = [(weights * abs(a) ** exponent).sum() / exponent for a in ACTIVATION.numpy()]
    np.testing.assert_allclose(energies.power(ACTIVATION, exponent, MASK), expected, rtol=1e-12)


def test_powers_are_what_they_generalise() -> None:
    torch.testing.assert_close(energies.power(ACTIVATION, 2.0), objectives.energy(ACTIVATION))
    torch.testing.assert_close(energies.power(ACTIVATION, 1.0), energies.absolute_sum(ACTIVATION))


@pytest.mark.parametrize("mask", [None, MASK], ids=["open", "masked"])
def test_variation_is_its_formula(mask: torch.Tensor | None) -> None:
    w = np.ones((5, 6)) if mask is None else mask[0, 0].numpy()
    expected = [
        (w[:, :-1] * abs(a[:, :, 1:] - a[:, :, :-1])).sum()
        + (w[:-1] * abs(a[:, 1:] - a[:, :-1])).sum()
        for a in ACTIVATION.numpy()
    ]
    np.testing.assert_allclose(energies.variation(ACTIVATION, mask), expected)
    assert energies.variation(ACTIVATION[:, :, :1, :1]).tolist() == [0, 0]


def test_powers_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 1, not 0\.5"):
        energies.power(ACTIVATION, 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (energies.softplus, torch.nn.BCEWithLogitsLoss()),
        (energies.mean_square, torch.nn.MSELoss()),
    ],
)
def test_neural_dreams_criteria(ours: Callable[..., torch.Tensor], theirs: torch.nn.Module) -> None:
    expected = [theirs(a, torch.zeros_like(a)).item() for a in ACTIVATION]
    assert ours(ACTIVATION).tolist() == pytest.approx(expected)


def test_the_pull_of_softplus_is_a_sigmoid() -> None:
    leaf = ACTIVATION.clone().requires_grad_()
    energies.softplus(leaf).sum().backward()
    torch.testing.assert_close(leaf.grad, torch.sigmoid(ACTIVATION) / (4 * 5 * 6))


def test_a_norm_of_nothing_pulls_nowhere() -> None:
    leaf = torch.zeros(1, 2, 3, 3, requires_grad=True)
    energies.norm(leaf, torch.ones(1, 1, 3, 3)).sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.abs().max() == 0
