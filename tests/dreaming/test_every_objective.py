"""What holds of every objective of the table."""

from __future__ import annotations

import inspect

import pytest
import torch
import uphill
from tiny import (
    ALL,
    APART,
    CHANNELS,
    LAYER,
    LOGITS,
    NEEDED,
    ONE,
    OTHER,
    noise,
    perceive,
    pictures,
    slope,
    term,
    value,
)

from dreamer.dreaming import colour, objectives, priors
from dreamer.dreaming.terms import OBJECTIVES, Objective


@pytest.mark.parametrize("name", ALL)
def test_a_step_raises_it(name: str) -> None:
    image = pictures()
    after = uphill.step(
        image, perceive, term(name), 0.2 / 255, priors.by_mean_absolute, colour.add_clipped
    )
    assert value(term(name), after).sum() > value(term(name), image).sum()


@pytest.mark.parametrize("name", ALL)
def test_its_gradient_agrees_with_finite_differences(name: str) -> None:
    image = pictures()
    found = slope(name, image)
    for where in [(0, 0, 4, 5), (0, 2, 0, 11), (1, 1, 7, 6)]:
        bump = torch.zeros_like(image)
        bump[where] = 1e-5
        up, down = (value(term(name), image + s * bump).sum().item() for s in (1, -1))
        assert found[where].item() == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-9)
    assert found.abs().max() > 1e-6


@pytest.mark.parametrize("name", ALL)
def test_a_weight_scales_it(name: str) -> None:
    image = pictures()
    plain = slope(name, image)
    assert slope(name, image, 0.0).abs().max() == 0
    torch.testing.assert_close(slope(name, image, 2.5), 2.5 * plain)
    if name != "class_mixture":  # a class unwanted is not the opposite of a class wanted
        torch.testing.assert_close(slope(name, image, -1.0), -plain)


@pytest.mark.parametrize("name", ALL)
def test_it_adds_to_others(name: str) -> None:
    seen = perceive(pictures())
    weights = torch.tensor([0.7, -1.3], dtype=torch.float64)
    both = [term(name, weight=1), term("energy", weight=0)]
    apart = [t.value(seen, weights[list(t.weights)]) for t in both]
    found = objectives.total(both, seen, weights)
    assert found.shape == (2,)
    torch.testing.assert_close(found, apart[0] + apart[1])
    torch.testing.assert_close(apart[1], 0.7 * objectives.energy(seen[LAYER]))


@pytest.mark.parametrize("name", APART)
def test_pictures_do_not_touch_each_other(name: str) -> None:
    image = pictures(3)
    together, alone = slope(name, image), slope(name, image[1:2])
    torch.testing.assert_close(together[1:2], alone, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(
        value(term(name), image)[1:2], value(term(name), image[1:2]), rtol=1e-9, atol=1e-12
    )


def test_batch_objectives_touch() -> None:
    image = pictures(3)
    for name in set(ALL) - set(APART):
        assert not torch.allclose(slope(name, image)[1:2], slope(name, image[1:2]))


SURROUNDED = {"standing_out", "variation", "class_mixture"}  # tiles see a little beyond themselves


@pytest.mark.parametrize("name", sorted(set(APART) - SURROUNDED))
def test_the_table_says_what_tiles_add_up_to(name: str) -> None:
    """Of local objectives the sum, or the mean, of two halves is the whole; of others neither."""
    row = OBJECTIVES[name]
    whole = noise(2, CHANNELS, 5, 6)
    arguments = dict(NEEDED.get(name, {}))
    if row.kind == "classes":
        arguments |= {"classes": torch.tensor([3]), "weights": ONE}
    if name == "difference":
        arguments |= {"other": noise(2, CHANNELS, 5, 6, seed=1)}
    halves = []
    for half in (slice(0, 3), slice(3, 6)):
        cut = {
            key: x[..., half] if row.moved or key == "other" else x
            for key, x in arguments.items()
            if isinstance(x, torch.Tensor)
        }
        halves.append(row.value(whole[..., half], **(arguments | cut)))
    expected = row.value(whole, **arguments)
    added = halves[0] + halves[1]
    assert row.local is any(torch.allclose(x, expected) for x in (added, added / 2))


@pytest.mark.parametrize("name", ALL)
def test_a_silent_layer_has_a_gradient(name: str) -> None:
    silent = {
        tap: torch.zeros(2, 6 if tap != LOGITS else 5, 5, 6) for tap in (LAYER, OTHER, LOGITS)
    }
    leaves = {tap: x.requires_grad_() for tap, x in silent.items()}
    term(name).value(leaves, torch.ones(1)).sum().backward()
    grads = [x.grad for x in leaves.values() if x.grad is not None]
    assert grads
    assert all(torch.isfinite(g).all() for g in grads)


@pytest.mark.parametrize("name", ALL)
def test_half_precision_is_summed_in_more(name: str) -> None:
    seen = {tap: x.bfloat16() for tap, x in perceive(pictures().float()).items()}
    assert term(name).value(seen, torch.ones(1)).dtype in (torch.float32, torch.float64)


@pytest.mark.parametrize(("name", "row"), OBJECTIVES.items())
def test_the_table_says_what_the_functions_take(name: str, row: Objective) -> None:
    parameters = dict(list(inspect.signature(row.value).parameters.items())[1:])
    assert parameters.pop("mask").default is None
    if row.kind == "classes":
        parameters.pop("weights")
    assert tuple(p for p, x in parameters.items() if x.default is x.empty) == row.needs
    optional = {p for p, x in parameters.items() if x.default is not x.empty}
    assert optional == set(row.takes)
