"""What a mask does to every objective of the table."""

from __future__ import annotations

import pytest
import torch
import uphill
from tiny import (
    ALL,
    APART,
    GUIDE,
    LAYER,
    MASK,
    NEEDED,
    ONE,
    OTHER,
    beside,
    pictures,
    slope,
    term,
    value,
)

from dreamer.dreaming.terms import OBJECTIVES
from dreamer.dreaming.terms import term as made


@pytest.mark.parametrize("name", ALL)
def test_masks(name: str) -> None:
    """Ones change nothing, zeros leave nothing; values follow."""
    image, ones = pictures(), torch.ones(1, 1, 10, 12, dtype=torch.float64)
    plain = slope(name, image)
    torch.testing.assert_close(slope(name, image, mask=ones), plain)
    torch.testing.assert_close(slope(name, image, mask=ones.expand(2, 1, 10, 12)), plain)
    nothing = slope(name, image, mask=0 * ones)
    assert nothing.abs().max() == 0
    seen = beside({MASK: ones})(image)
    torch.testing.assert_close(term(name, MASK).value(seen, ONE), value(term(name), image))


@pytest.mark.parametrize("name", sorted(set(APART) - {"neuron"}))
def test_a_mask_keeps_the_pull_to_its_places(name: str) -> None:
    """On the left half; the layers see two pixels further, standing out and parts four more."""
    mask = torch.zeros(1, 1, 10, 24, dtype=torch.float64)
    mask[..., :8] = 1
    image = torch.cat([pictures(), pictures(seed=8)], 3)
    fitted = name in ("inversion", "caricature")
    reference = {"reference": torch.cat([GUIDE, GUIDE], 3)} if fitted else {}
    arguments = NEEDED.get(name, {}) | reference
    if OBJECTIVES[name].kind == "classes":
        one = term(name, MASK)
    else:
        taps = [LAYER, OTHER] if name == "difference" else [LAYER]
        one = made(name, taps, 0, mask=MASK, **arguments)
    pull = uphill.slope(image, beside({MASK: mask}), [one], ONE).abs().sum((0, 1, 2))
    assert pull[:8].min() > 0
    assert pull[15:].max() == 0


@pytest.mark.parametrize("name", ALL)
def test_a_mask_may_differ_between_pictures(name: str) -> None:
    """A picture that is masked away is not moved, and disturbs no other."""
    image, mask = pictures(), torch.ones(2, 1, 5, 6, dtype=torch.float64)
    mask[1] = 0
    found = slope(name, image, mask=mask)
    assert torch.isfinite(found).all()
    if name in APART:
        assert found[1].abs().max() == 0
        torch.testing.assert_close(found[0], slope(name, image)[0])


@pytest.mark.parametrize(
    "name", sorted(n for n in ALL if OBJECTIVES[n].local and OBJECTIVES[n].kind != "batch")
)
def test_local_objectives_are_linear_in_the_mask(name: str) -> None:
    """Which is what lets tiles be added up."""
    image = pictures()
    mask = torch.rand(1, 1, 10, 12, generator=torch.Generator().manual_seed(0)).double()
    parts = [slope(name, image, mask=m) for m in (mask, 1 - mask)]
    torch.testing.assert_close(parts[0] + parts[1], slope(name, image))
