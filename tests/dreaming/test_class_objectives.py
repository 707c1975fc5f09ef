"""Probabilities and margins of classes, against numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from tiny import noise

from dreamer.dreaming import classes, objectives

LOGITS = 2 * noise(2, 5, 4, 3)
NUMBERS, WEIGHTS = torch.tensor([4, 1]), torch.tensor([1.5, -0.5], dtype=torch.float64)
MASK = torch.sigmoid(noise(1, 1, 4, 3, seed=1))


def probability(logits: np.ndarray, k: int) -> float:
    return float(np.exp(logits[k]) / np.exp(logits).sum())


def margin(logits: np.ndarray, k: int) -> float:
    return float(logits[k] - np.delete(logits, k).max())


FORMULAS: dict[str, tuple[Callable[..., torch.Tensor], Callable[[np.ndarray, int], float]]] = {
    "probability": (classes.class_probability, probability),
    "log": (classes.class_log_probability, lambda x, k: float(np.log(probability(x, k)))),
    "margin": (classes.class_margin, margin),
}
BY_NAME = pytest.mark.parametrize("name", FORMULAS)


@BY_NAME
@pytest.mark.parametrize("mask", [None, MASK], ids=["open", "masked"])
@pytest.mark.parametrize("window", [None, 1, 3])
def test_it_is_its_formula(name: str, window: int | None, mask: torch.Tensor | None) -> None:
    ours, theirs = FORMULAS[name]
    w = np.ones((4, 3)) if mask is None else mask[0, 0].numpy()
    found = ours(LOGITS, NUMBERS, WEIGHTS, window, mask)
    for b, logits in enumerate(LOGITS.numpy()):
        if window is None:
            parts = [(w.mean(), (logits * w).sum((1, 2)) / w.sum())]
        else:
            r = window // 2
            near = (slice(max(0, i - r), i + r + 1) for i in range(4))
            parts = [
                (w[i, j] / 12, logits[:, rows, max(0, j - r) : j + r + 1].mean((1, 2)))
                for i, rows in enumerate(near)
                for j in range(3)
            ]
        expected = sum(v * (1.5 * theirs(x, 4) - 0.5 * theirs(x, 1)) for v, x in parts)
        assert found[b].item() == pytest.approx(expected)


@BY_NAME
def test_the_whole_picture_is_what_the_network_answers(name: str) -> None:
    """One position, as a head after a global mean has it."""
    ours, theirs = FORMULAS[name]
    single = LOGITS.mean((2, 3), keepdim=True)
    one = torch.ones(1, dtype=torch.float64)
    for found in (ours(LOGITS, NUMBERS[:1], one), ours(single, NUMBERS[:1], one, 1)):
        assert found.tolist() == pytest.approx([theirs(x[:, 0, 0].numpy(), 4) for x in single])


def test_a_margin_is_above_zero_where_the_class_has_won() -> None:
    logits = torch.tensor([1.0, 5.0, 2.0]).view(1, 3, 1, 1)
    for k, expected in ((0, -4), (1, 3), (2, -3)):
        assert classes.class_margin(logits, torch.tensor([k]), torch.ones(1)).tolist() == [expected]


def test_a_won_probability_pulls_no_more_and_a_logit_does() -> None:
    won = torch.tensor([30.0, 0.0, 0.0]).view(1, 3, 1, 1)
    pulls = []
    for objective in (classes.class_probability, objectives.class_logit):
        leaf = won.clone().requires_grad_()
        objective(leaf, torch.tensor([0]), torch.ones(1)).sum().backward()
        assert leaf.grad is not None
        pulls.append(leaf.grad.abs().max().item())
    assert pulls[0] < 1e-6
    assert pulls[1] == 1


@pytest.mark.parametrize("weights", [[1.0, 1.0], [0.3, -0.7]])
def test_masks_of_the_older_two(weights: list[float]) -> None:
    """A mask weighs the positions of `class_logit` and the parts of `class_mixture`."""
    given = torch.tensor(weights, dtype=torch.float64)
    for objective in (objectives.class_logit, objectives.class_mixture):
        expected = torch.zeros(2, dtype=torch.float64)
        for i, j in np.ndindex(4, 3):
            place = LOGITS[:, :, i : i + 1, j : j + 1]
            expected += MASK[0, 0, i, j] * objective(place, NUMBERS, given) / 12
        torch.testing.assert_close(objective(LOGITS, NUMBERS, given, mask=MASK), expected)


@BY_NAME
def test_impossible_arguments_are_refused(name: str) -> None:
    ours = FORMULAS[name][0]
    with pytest.raises(ValueError, match="must be as many"):
        ours(LOGITS, NUMBERS, torch.ones(3))
    for window in (0, 2, -1):
        with pytest.raises(ValueError, match=f"odd and at least 1, not {window}"):
            ours(LOGITS, NUMBERS, WEIGHTS, window)


def test_a_head_of_one_class_has_no_margin() -> None:
    with pytest.raises(ValueError, match="no rival"):
        classes.class_margin(LOGITS[:, :1], NUMBERS[:1], WEIGHTS[:1])
